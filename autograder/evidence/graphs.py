"""Computation graphs: what a forward pass did, in canonical terms (:mod:`autograder.wire.terms`).

A student's graph is the student process's word. It explains and illustrates, and earns no point alone; whoever shows
it as a reason first makes sure that it does what the student's module does (:mod:`autograder.checks.explanation`).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import torch
from torch import Tensor, nn

from autograder.wire.messages import Operand, Performed, Setting
from autograder.wire.recording import INPUT, Recorder
from autograder.wire.terms import TERMS

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """``operations`` in the order they ran; ``result``: the values that came out; ``parameters``: shapes by place.

    Values are numbered as :mod:`autograder.wire.recording` says. ``input_shape`` is that of value 0.
    """

    operations: tuple[Performed, ...]
    result: tuple[int, ...]
    parameters: tuple[Shape, ...]
    input_shape: Shape
    _producers: dict[int, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        value = INPUT + 1
        for place, operation in enumerate(self.operations):
            for _ in operation.shapes:
                self._producers[value] = place
                value += 1

    @functools.cached_property
    def digest(self) -> bytes:
        """32 bytes: the same for graphs that are written down alike, and others for all that differ."""
        told = (self.operations, self.result, self.parameters, self.input_shape)
        return hashlib.sha256(msgspec.msgpack.encode(told)).digest()

    def producer(self, value: int) -> int | None:
        """The place of the operation that gives this value; None for the input and for parameters."""
        return self._producers.get(value)

    def shape(self, value: int) -> Shape:
        """The shape of a value or parameter; () for a number that stands for neither."""
        if value < 0:
            return self.parameters[-1 - value] if -1 - value < len(self.parameters) else ()
        place = self.producer(value)
        if place is None:
            return self.input_shape if value == INPUT else ()
        return self.operations[place].shapes[value - self.first(place)]

    def first(self, place: int) -> int:
        """The number of an operation's first output."""
        return INPUT + 1 + sum(len(operation.shapes) for operation in self.operations[:place])

    def unknown(self) -> str:
        """The first operation that has no term, or ""."""
        return next((one.term for one in self.operations if not is_known(one)), "")

    def is_sound(self) -> bool:
        """Whether every operation takes what is there before it: another process may say anything."""
        value = INPUT + 1
        for operation in self.operations:
            if any(not -len(self.parameters) <= taken < value for taken in taken_by(operation)):
                return False
            value += len(operation.shapes)
        return bool(self.result) and all(-len(self.parameters) <= taken < value for taken in self.result)


def recorded(module: nn.Module, inputs: Tensor) -> tuple[Graph, dict[int, int]]:
    """The graph of a module of ours in the mode it is in, and place → order of first use.

    Places are those of :func:`tensors_of`. Raises whatever the module does.
    """
    tensors = tensors_of(module)
    recorder = Recorder(inputs, tensors)
    with torch.no_grad(), recorder:
        output = module(inputs)
    shapes = tuple(tuple(tensor.shape) for tensor in tensors)
    graph = Graph(tuple(recorder.performed), recorder.result(output), shapes, tuple(inputs.shape))
    return graph, recorder.order


def tensors_of(module: nn.Module) -> list[Tensor]:
    """A module's parameters, then its buffers that hold real numbers."""
    buffers = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
    return [*module.parameters(), *buffers]


def is_known(operation: Performed) -> bool:
    """Whether the operation has a term, or is a constant whose number is known."""
    return operation.term in TERMS or "value" in operation.settings


def taken_by(operation: Performed) -> Iterator[int]:
    """Every value that an operation takes, in order."""
    for operand in operation.operands.values():
        yield from operand if isinstance(operand, tuple) else (operand,)


def renumbered(operand: Operand, numbers: Mapping[int, int]) -> Operand:
    """The operand with its values under other numbers; those that have none stay."""
    if isinstance(operand, tuple):
        return tuple(numbers.get(value, value) for value in operand)
    return numbers.get(operand, operand)


def with_operands(operation: Performed, numbers: Mapping[int, int]) -> Performed:
    """The operation taking other values."""
    operands = {name: renumbered(operand, numbers) for name, operand in operation.operands.items()}
    return Performed(operation.term, operands, operation.settings, operation.shapes)


def settings_of(operation: Performed) -> dict[str, Setting]:
    """An operation's settings with torch's defaults for those that were left out."""
    term = TERMS.get(operation.term)
    if term is None:
        return dict(operation.settings)
    given = {name: value for name, value in term.defaults.items() if name not in operation.operands}
    return {**given, **operation.settings}


def without_unused(
    operations: Sequence[Performed], result: Sequence[int]
) -> tuple[list[Performed], list[int]]:
    """The operations that the result depends on, and the result, with values numbered anew."""
    needed = set(result)
    first = INPUT + 1 + sum(len(operation.shapes) for operation in operations)
    kept: list[tuple[int, Performed]] = []
    for operation in reversed(operations):
        first -= len(operation.shapes)
        if needed.intersection(range(first, first + len(operation.shapes))):
            kept.append((first, operation))
            needed.update(taken_by(operation))
    numbers: dict[int, int] = {}
    following = INPUT + 1
    found: list[Performed] = []
    for start, operation in reversed(kept):
        found.append(with_operands(operation, numbers))
        for offset in range(len(operation.shapes)):
            numbers[start + offset] = following
            following += 1
    return found, [numbers.get(value, value) for value in result]


def weights_of(graph: Graph, operation: Performed) -> dict[str, tuple[int, Shape]]:
    """The parameters an operation takes: role → place and shape (as taken, where it is transposed on the way)."""
    found: dict[str, tuple[int, Shape]] = {}
    for name, operand in operation.operands.items():
        for number, value in enumerate(operand if isinstance(operand, tuple) else (operand,)):
            role = name if isinstance(operand, int) else f"{name}[{number}]"
            if value < 0:
                found[role] = (-1 - value, graph.shape(value))
            elif (turned := _turned(graph, value)) is not None:
                found[role] = (turned, graph.shape(value))
    return found


def _turned(graph: Graph, value: int) -> int | None:
    """The place of the parameter that this value is the transpose of."""
    producer = graph.producer(value)
    if producer is None or (operation := graph.operations[producer]).term != "permute":
        return None
    taken = operation.operands.get("input")
    return -1 - taken if isinstance(taken, int) and taken < 0 else None


def bare(shape: Sequence[int]) -> Shape:
    """The shape without dimensions of size 1 in front: a bias may be kept as (1, n)."""
    first = next((place for place, size in enumerate(shape[:-1]) if size != 1), max(len(shape) - 1, 0))
    return tuple(shape[first:])


def places_in_order(graph: Graph) -> list[tuple[int, bool]]:
    """(place, whether it is transposed first) of the parameters that a normal form uses, in order of first use."""
    found: dict[int, bool] = {}
    for operation in graph.operations:
        if operation.term == "permute" and all(value < 0 for value in taken_by(operation)):
            continue
        for operand in operation.operands.values():
            for value in operand if isinstance(operand, tuple) else (operand,):
                if value < 0:
                    found.setdefault(-1 - value, False)
                elif (turned := _turned(graph, value)) is not None:
                    found.setdefault(turned, True)
    return list(found.items())


def is_same(first: Graph, second: Graph) -> bool:
    """Whether two graphs in normal form do the same, their parameters being what they may, and however kept."""
    return _told(first) == _told(second)


def _told(graph: Graph) -> list[object]:
    """What a graph does, without the places of its parameters and what turns them."""
    numbers: dict[int, object] = {INPUT: INPUT}
    told: list[object] = []
    value = INPUT + 1
    for operation in graph.operations:
        gives = range(value, value + len(operation.shapes))
        value = gives.stop
        turned = _turned(graph, gives.start)
        if turned is not None:
            numbers[gives.start] = bare(operation.shapes[0])
            continue
        operands = [
            (
                name,
                [
                    numbers.get(one, bare(graph.shape(one)))
                    for one in (taken if isinstance(taken, tuple) else (taken,))
                ],
            )
            for name, taken in sorted(operation.operands.items())
        ]
        told.append((operation.term, sorted(operation.settings.items()), operands))
        numbers |= {one: (len(told), offset) for offset, one in enumerate(gives)}
    return [*told, [numbers.get(one, one) for one in graph.result]]
