"""Which of the student's parameters plays the part of which of the reference's.

Weights are drawn here and pushed into both models. Parameters are matched by shape (a matrix also by its transposed
one), and among equals by the order in which a forward pass first uses them; names and order of registration play no
part. A wrong match could only make a right model look wrong, never the reverse: equal outputs on random weights mean
the same function.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from autograder.checks.wording import shapes_text
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import failed
from autograder.wire.messages import Column, Draw, ParameterFacts, Push
from autograder.wire.observers import FirstUse
from autograder.wire.tensors import draw


@dataclass(frozen=True)
class Pair:
    """A student's parameter (its place), the reference's, and the numbers both are given."""

    place: int
    parameter: nn.Parameter
    numbers: Draw
    transposed: bool = False  # the student keeps the matrix as (in, out), for ``x @ w``

    def push(self, columns: Sequence[Column] | None = None) -> Push:
        return Push(self.place, self.numbers, None if columns is None else tuple(columns), self.transposed)

    def load(self) -> None:
        self.parameter.data = draw(self.numbers, self.parameter.dtype)


@dataclass(frozen=True)
class Pairing:
    """A student's module and a private copy of the reference, the same numbers in both."""

    found: ModuleProxy
    reference: nn.Module
    pairs: tuple[Pair, ...]

    @property
    def push(self) -> tuple[Push, ...]:
        return tuple(pair.push() for pair in self.pairs)

    @property
    def depth(self) -> int:
        return len(self.pairs)

    @property
    def dtype(self) -> torch.dtype:
        dtype: torch.dtype = getattr(torch, self.found.dtype)
        return dtype

    def redrawn(self, seeds: Seeds) -> Pairing:
        """The same pairs with other numbers, which the reference now holds."""
        pairs = tuple(
            replace(pair, numbers=_numbers(pair.parameter, seeds.number("weight", str(number))))
            for number, pair in enumerate(self.pairs)
        )
        for pair in pairs:
            pair.load()
        return replace(self, pairs=pairs)

    def pair_of(self, parameter: Tensor) -> Pair | None:
        return next((pair for pair in self.pairs if pair.parameter is parameter), None)


def paired(found: ModuleProxy, reference: nn.Module, input_shape: Sequence[int], label: str) -> Pairing:
    """Match the parameters and load the same numbers into the reference's copy.

    Raises the verdicts ``forward_raised`` and ``parameters_differ``.
    """
    seeds = found.seeds.of(label)
    probe = Draw(seed=seeds.number("probe"), shape=(2, *input_shape))
    traced = found.traced(probe)
    own = copy.deepcopy(reference).eval()
    wanted = _in_order_of_use(own, probe)
    free = traced.used()
    pairs: list[Pair] = []
    for number, parameter in enumerate(wanted):
        shape = tuple(parameter.shape)
        turned = shape[::-1] if len(shape) == 2 else shape
        alike = [item for item in free if item[1].shape == shape] or [
            item for item in free if item[1].shape == turned
        ]
        if not alike:
            raise _differ(wanted, traced.used())
        place, facts = alike[0]
        free.remove(alike[0])
        numbers = _numbers(parameter, seeds.number("weight", str(number)))
        pairs.append(Pair(place, parameter, numbers, transposed=facts.shape != shape))
    if free:
        raise _differ(wanted, traced.used())
    pairing = Pairing(traced, own, tuple(pairs))
    if pairing.dtype.is_floating_point:
        own.to(pairing.dtype)
    for pair in pairs:
        pair.load()
    return pairing


def _in_order_of_use(module: nn.Module, inputs: Draw) -> list[nn.Parameter]:
    parameters = list(module.parameters())
    recorder = FirstUse(parameters)
    dtype = parameters[0].dtype if parameters else torch.float32
    with torch.no_grad(), recorder:
        module(draw(inputs, dtype))
    used = [parameter for parameter in parameters if id(parameter) in recorder.order]
    return sorted(used, key=lambda parameter: recorder.order[id(parameter)])


def _numbers(parameter: nn.Parameter, seed: int) -> Draw:
    """Uniform numbers that keep a layer's outputs near 1: ±√(6/fan-in) for weights, ±0.5 for biases."""
    shape = tuple(parameter.shape)
    bound = math.sqrt(6 / max(math.prod(shape[1:]), 1)) if len(shape) > 1 else 0.5
    return Draw(seed=seed, shape=shape, low=-bound, high=bound)


def _differ(wanted: Sequence[nn.Parameter], used: Sequence[tuple[int, ParameterFacts]]) -> Exception:
    expected = [tuple(parameter.shape) for parameter in wanted]
    found = [facts.shape for _, facts in used]
    missing = Counter(expected) - Counter(found)
    if missing and not Counter(found) - Counter(expected) and all(len(shape) == 1 for shape in missing):
        return failed("bias_missing", expected=shapes_text(expected), found=shapes_text(found))
    return failed("parameters_differ", expected=shapes_text(expected), found=shapes_text(found))
