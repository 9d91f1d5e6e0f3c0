"""The reference as the checks use it: a private copy, and what is known of it.

What a reference gives for the same weights and inputs is the same for every submission of a run. So its graph and its
outputs are remembered for as long as the author's own module lives: one that is built at the top of a check file is
read once a run, one that is built inside a check is read anew each time.
"""

from __future__ import annotations

import copy
import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

import torch
from torch import Tensor, nn

from autograder.checks.reference_passes import performed
from autograder.checks.remembered import Remembered
from autograder.evidence.graphs import Graph, recorded, tensors_of
from autograder.evidence.normal_form import normal
from autograder.wire.messages import Draw, Pass
from autograder.wire.tensors import draw

REMEMBERED = 64  # answers of one reference
Numbers = tuple[tuple[int, Draw], ...]  # places among the tensors, and what they are given
Known = TypeVar("Known")


class Reference:
    """A copy of a reference module in evaluation mode, and its graph as of one pass over ``inputs``.

    ``tensors`` are its parameters and then its buffers of real numbers; ``order`` says when each was first used, and
    ``constants`` which of them training does not change: the numbers of such a buffer are part of what is computed. A
    reference computes the same whenever it is called: what it keeps besides its buffers is not put back.
    """

    def __init__(self, module: nn.Module, inputs: Draw, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._module = copy.deepcopy(module).eval().to(dtype)
        self._buffers = [
            (own, name, buffer, buffer.clone())
            for own in (module._buffers for module in self._module.modules())
            for name, buffer in own.items()
            if buffer is not None
        ]
        self._held: Numbers | None = None
        self._known: OrderedDict[Hashable, object] = OrderedDict()
        self.tensors = tensors_of(self._module)
        try:
            self.graph, self.order = recorded(self._module, draw(inputs, dtype))
        except Exception as error:
            raise ValueError(
                f"the reference fails on inputs of shape {inputs.shape}, of which the first dimension is the batch: "
                f"{type(error).__name__}: {error}"
            ) from error
        self.constants = self._unmoved(inputs)

    @functools.cached_property
    def form(self) -> Graph:
        """The graph's normal form."""
        return normal(self.graph)

    def holding(self, numbers: Numbers) -> nn.Module:
        """The module with these numbers in it, in evaluation; its other buffers as they were at first."""
        held, self._held = self._held, None  # until all of it is done: an alarm may strike in between
        self._put_buffers_back()
        for place, recipe in numbers:
            if held != numbers or not isinstance(self.tensors[place], nn.Parameter):
                self.tensors[place].data = draw(recipe, self.dtype)
        self._held = numbers
        return self._module.eval()

    def given(self, values: dict[int, Tensor]) -> nn.Module:
        """The module with these values in it, by their places; its other buffers as they were at first."""
        self._held = None
        self._put_buffers_back()
        for place, value in values.items():
            self.tensors[place].data = value
        return self._module.eval()

    def _unmoved(self, inputs: Draw) -> frozenset[int]:
        """The places of the buffers that a pass in training leaves as they are; none for a module that fails in it."""
        if not self._buffers:
            return frozenset()
        try:
            performed(self._module, [Pass(inputs, "train", "off", seed=0)], self.dtype)
            moved = {
                id(buffer)
                for own, name, buffer, first in self._buffers
                if own[name] is not buffer or not torch.equal(buffer, first)
            }
        except Exception:  # noqa: BLE001 - any of the author's; the check that needs this pass will say so
            return frozenset()
        finally:
            self._put_buffers_back()
        return frozenset(
            place
            for place, tensor in enumerate(self.tensors)
            if not isinstance(tensor, nn.Parameter) and id(tensor) not in moved
        )

    def _put_buffers_back(self) -> None:
        for own, name, buffer, first in self._buffers:
            buffer.data = first.clone()
            own[name] = buffer  # a pass in training may have put another tensor in its place

    def remembered(self, question: Hashable, answer: Callable[[], Known]) -> Known:
        """The answer, which is worked out for the first who asks; nobody may change it."""
        if question in self._known:
            self._known.move_to_end(question)
        else:
            self._known[question] = answer()
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._known[question]  # type: ignore[return-value]  # a question always has the same kind of answer


_references: Remembered[dict[Hashable, Reference]] = Remembered(dict)


def reference_of(module: nn.Module, inputs: Draw, dtype: torch.dtype) -> Reference:
    """The one :class:`Reference` of an author's module for inputs of this shape and type.

    The module is read when it is first asked for: what is changed of it later is not seen.
    """
    known = _references.of(module)
    if (inputs, dtype) not in known:
        known[inputs, dtype] = Reference(module, inputs, dtype)
    return known[inputs, dtype]
