"""Recording what a forward pass does, alike on both ends: a graph of operations in canonical terms.

A ``TorchFunctionMode`` sees every torch operation of a pass whatever its spelling: layers, functions, methods,
operators; loops and branches appear as they ran. Values are numbered: 0 is the pass's input, every operation's
outputs get the next numbers, parameters and buffers are -1, -2, … by their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode, resolve_name

from autograder.wire.messages import Operand, Performed, Setting
from autograder.wire.terms import CONSTANT, bound

MAX_OPERATIONS = 400
MAX_CONSTANT_ELEMENTS = 10_000
LARGEST_INTEGER = 1 << 53
INPUT = 0
_PLAIN = (torch.float32, torch.float64, torch.int64)


class Unrecordable(Exception):
    """A value that has no place in a graph."""


class Recorder(TorchFunctionMode):
    """Records a pass over ``inputs``; ``parameters`` are the tensors that are known by their place.

    ``performed`` is what was done, in order; :meth:`result` says which values came out. ``complete`` is False once
    a pass was longer than ``MAX_OPERATIONS``: its graph is then of no use, the order of use is.
    """

    def __init__(self, inputs: Tensor, parameters: Sequence[Tensor]) -> None:
        super().__init__()
        self._values: dict[int, int] = {id(inputs): INPUT}
        self._kept: list[object] = [inputs]  # while it lives, no other object gets its id
        self._places = {id(tensor): place for place, tensor in enumerate(parameters)}
        self._next = 1
        self.performed: list[Performed] = []
        self.order: dict[int, int] = {}  # place of a parameter → 0, 1, … by first use
        self.complete = True

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        output = function(*args, **named)
        outputs = list(_tensors(output))
        if not outputs:
            return output
        if len(self.performed) < MAX_OPERATIONS:
            self._record(function, args, named, outputs)
        else:
            self.complete = False
            for tensor in _tensors((*args, *named.values())):
                self._note_use(tensor)
        return output

    def result(self, output: object) -> tuple[int, ...]:
        """The numbers of the values in ``output``, in order; () where there is no whole graph."""
        if not self.complete:
            return ()
        return tuple(self._number(tensor) for tensor in _tensors(output))

    def _record(
        self, function: Any, args: tuple[Any, ...], named: dict[str, Any], outputs: list[Tensor]
    ) -> None:
        known = bound(function, args, named)
        if known is not None:
            try:
                self._append(known[0], *self._arguments(known[1]), outputs)
                return
            except Unrecordable:
                pass
        given = list(_tensors((*args, *named.values())))
        if not given:
            for tensor in outputs:
                self._constant(tensor)
            return
        operands: dict[str, Operand] = {"inputs": tuple(self._number(tensor) for tensor in given)}
        self._append(_name(function), operands, {}, outputs)

    def _append(
        self, term: str, operands: dict[str, Operand], settings: dict[str, Setting], outputs: list[Tensor]
    ) -> None:
        shapes = tuple(tuple(tensor.shape) for tensor in outputs)
        self.performed.append(Performed(term=term, operands=operands, settings=settings, shapes=shapes))
        for tensor in outputs:
            self._values[id(tensor)] = self._next
            self._kept.append(tensor)
            self._next += 1

    def _arguments(self, found: dict[str, Any]) -> tuple[dict[str, Operand], dict[str, Setting]]:
        operands: dict[str, Operand] = {}
        settings: dict[str, Setting] = {}
        for name, value in found.items():
            if isinstance(value, Tensor):
                operands[name] = self._number(value)
            elif isinstance(value, list | tuple) and any(isinstance(item, Tensor) for item in value):
                if not all(isinstance(item, Tensor) for item in value):
                    raise Unrecordable
                operands[name] = tuple(self._number(item) for item in value)
            elif name == "index":
                settings[name] = _index(value)
            else:
                settings[name] = _setting(value)
        return operands, settings

    def _number(self, tensor: Tensor) -> int:
        if (place := self._note_use(tensor)) is not None:
            return -1 - place
        if id(tensor) not in self._values:
            self._constant(tensor)
        return self._values[id(tensor)]

    def _note_use(self, tensor: Tensor) -> int | None:
        place = self._places.get(id(tensor))
        if place is not None:
            self.order.setdefault(place, len(self.order))
        return place

    def _constant(self, tensor: Tensor) -> None:
        settings: dict[str, Setting] = {}
        if 0 < tensor.numel() <= MAX_CONSTANT_ELEMENTS and _is_plain(tensor):
            low, high = float(tensor.min()), float(tensor.max())
            if low == high:
                settings["value"] = low
        self._append(CONSTANT, {}, settings, [tensor])


def _is_plain(tensor: Tensor) -> bool:
    """Whether its numbers can be looked at; inside ``torch.vmap``, a tensor stands for many."""
    return (
        tensor.dtype in _PLAIN
        and not tensor.is_sparse
        and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)
    )


def _tensors(value: object) -> Iterator[Tensor]:
    """The tensors in a value, those of nested tuples and lists included, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _setting(value: object) -> Setting:
    """A setting that can travel: numbers, truth values, short words, None, tuples of integers."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        return value
    if isinstance(value, str) and len(value) <= 50:
        return value
    if isinstance(value, list | tuple) and len(value) <= 8:
        items = tuple(_setting(item) for item in value)
        if all(isinstance(item, int) for item in items):
            return items  # type: ignore[return-value]  # what all() has just made sure of
    raise Unrecordable


def _index(value: object) -> str:
    """An index without tensors in it, as one writes it: ``:, -1``."""
    parts = value if isinstance(value, tuple) else (value,)
    return ", ".join(_part(part) for part in parts)


def _part(part: object) -> str:
    if part is None or part is Ellipsis:
        return "None" if part is None else "..."
    if isinstance(part, int) and not isinstance(part, bool):
        return str(part)
    if isinstance(part, slice) and all(end is None or isinstance(end, int) for end in _ends(part)):
        start, stop, step = ("" if end is None else str(end) for end in _ends(part))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    raise Unrecordable


def _ends(part: slice) -> tuple[object, object, object]:
    return part.start, part.stop, part.step


def _name(function: Any) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", "?"))[:200]
