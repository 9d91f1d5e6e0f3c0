"""What part a parameter plays, asked of the model itself where shapes repeat and graphs are written differently.

All parameters of one shape are given one and the same numbers, and one of them others. What the model gives then
depends on the part that this one plays, and not on which one it is: a parameter of the reference and one of the
student's that change the output in the same way play the same part. A matrix and one of the transposed shape are given
the same numbers turned, and square ones a symmetric matrix, so that a weight that is kept the other way round is
recognised as well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import torch
from torch import Tensor, nn

from autograder.checks.inputs import Inputs
from autograder.checks.tolerance import largest_difference, same_outputs, tolerance
from autograder.wire.messages import Draw, Numbers, Pass, Push, Sent
from autograder.wire.observers import WithoutDropout
from autograder.wire.tensors import draw

if TYPE_CHECKING:
    from autograder.checks.pairing import Pair, Pairing

ROWS = 16
ATTEMPTS = 3
MAX_PASSES = 128
MAX_ELEMENTS = 1_000_000  # of square matrices, which have to travel
Shape = tuple[int, ...]
Place = tuple[int, bool]  # a parameter of the student's, and whether it is kept the other way round


def sorted_by_role(pairing: Pairing, inputs: Inputs) -> tuple[Pair, ...]:
    """The pairs, each with the student's parameter that plays the part of the reference's.

    Numbers may hide a part, as behind units that are never alive; then others are tried. Where parts cannot be told, or
    there are too many parameters to ask, the pairs stay as they are.
    """
    for attempt in range(ATTEMPTS):
        seed = pairing.found.seeds.number("roles", str(attempt)) >> 1
        pairs = _sorted(pairing, inputs, seed)
        found = replace(pairing, pairs=pairs or pairing.pairs)
        if pairs is None or _agree(found, inputs.batch(ROWS, seed)):
            break
    return found.pairs


def _agree(pairing: Pairing, inputs: Draw) -> bool:
    """Whether both models give the same with these pairs."""
    one = Pass(inputs, "eval", "off", 0)
    (outputs,) = pairing.found.compute([pair.push() for pair in pairing.pairs], [one])
    wanted = _first(pairing.module, inputs, pairing.dtype)
    return same_outputs([wanted], outputs[:1], pairing.dtype, pairing.depth, 1.0)


def _sorted(pairing: Pairing, given: Inputs, seed: int) -> tuple[Pair, ...] | None:
    pairs = pairing.pairs
    common = _common(pairing, seed)
    asked = [
        (pair.place, turned)
        for pair in pairs
        if pair in common.alike
        for turned in ((False, True) if _is_square(pair) else (False,))
    ]
    elements = sum(tensor.numel() for tensor in common.sent)
    if not asked or len(asked) > MAX_PASSES or elements > MAX_ELEMENTS:
        return None
    inputs = given.batch(ROWS, seed)
    by_place = {pair.place: pair for pair in pairs}
    stored = {pair.place: pairing.found.parameters[pair.place].shape for pair in pairs}
    passes = [
        Pass(
            inputs,
            "eval",
            "off",
            0,
            (common.push(by_place[place], stored[place], alone=True, turned=turned),),
        )
        for place, turned in asked
    ]
    base = [common.push(pair, stored[pair.place]) for pair in pairs]
    answers = pairing.found.compute(base, passes, common.sent)
    outputs = {place: answer[0] for place, answer in zip(asked, answers, strict=True)}
    found: list[Pair] = []
    for pair in pairs:
        if pair not in common.alike:
            found.append(pair)
            continue
        nearest = _nearest(pairing, common, pair, inputs, outputs)
        if nearest is None:
            return None
        place, turned = nearest
        outputs = {other: output for other, output in outputs.items() if other[0] != place}
        kept = tuple(pair.parameter.shape)
        is_turned = turned if _is_square(pair) else len(kept) == 2 and stored[place] == kept[::-1]
        found.append(replace(pair, place=place, transposed=is_turned))
    return tuple(found)


@dataclass(frozen=True)
class _Common:
    """The numbers that parameters of one shape have in common. ``alike``: the pairs that have such a double."""

    seed: int
    alike: tuple[Pair, ...]
    sent: tuple[Tensor, ...]
    squares: dict[Shape, int]  # shape → place among ``sent``

    def numbers(self, pair: Pair, *, alone: bool) -> Numbers:
        """Those of all of this shape, or with ``alone`` those of the one that is asked for; a matrix the long way."""
        if pair not in self.alike:
            return pair.numbers
        if not alone and pair.numbers.shape in self.squares:
            return Sent(self.squares[pair.numbers.shape])
        shape = _key(pair)
        if not isinstance(pair.parameter, nn.Parameter):
            return Draw(self.seed + (1 if alone else 0), shape, 0.5, 1.5)
        bound = math.sqrt(6 / math.prod(shape[1:])) if len(shape) > 1 else 0.5
        return Draw(self.seed + (1 if alone else 0), shape, -bound, bound)

    def push(self, pair: Pair, stored: Shape, *, alone: bool = False, turned: bool = False) -> Push:
        numbers = self.numbers(pair, alone=alone)
        if pair not in self.alike:
            return Push(pair.place, numbers, None, pair.transposed)
        return Push(pair.place, numbers, None, turned or _lies(stored))


def _key(pair: Pair) -> Shape:
    """The shape of a parameter, of a matrix the shape with the longer side first."""
    shape = pair.numbers.shape
    return tuple(sorted(shape, reverse=True)) if len(shape) == 2 else shape


def _lies(shape: Sequence[int]) -> bool:
    """Whether a matrix has its longer side second."""
    return len(shape) == 2 and shape[0] < shape[1]


def _common(pairing: Pairing, seed: int) -> _Common:
    kinds = Counter((_key(pair), isinstance(pair.parameter, nn.Parameter)) for pair in pairing.pairs)
    alike = tuple(
        pair
        for pair in pairing.pairs
        if kinds[_key(pair), isinstance(pair.parameter, nn.Parameter)] > 1 or _is_square(pair)
    )
    sent: list[Tensor] = []
    squares: dict[Shape, int] = {}
    for pair in alike:
        if _is_square(pair) and pair.numbers.shape not in squares:
            squares[pair.numbers.shape] = len(sent)
            matrix = draw(msgspec.structs.replace(pair.numbers, seed=seed), pairing.dtype)
            sent.append((matrix + matrix.t()) / 2)
    return _Common(seed, alike, tuple(sent), squares)


def _nearest(
    pairing: Pairing, common: _Common, pair: Pair, inputs: Draw, outputs: dict[Place, Tensor]
) -> Place | None:
    """The parameter of the same size that changes the output as the reference's does; None if none does."""
    wanted = _given(pairing, common, pair, inputs)
    keys = {one.place: _key(one) for one in pairing.pairs}
    distances = {
        place: largest_difference(wanted, output)
        for place, output in outputs.items()
        if keys[place[0]] == _key(pair) and output.shape == wanted.shape
    }
    if not distances or min(distances.values()) > 10 * tolerance(wanted, pairing.dtype, pairing.depth):
        return None
    return min(distances, key=lambda place: (distances[place], place != (pair.place, False)))


def _given(pairing: Pairing, common: _Common, of: Pair, inputs: Draw) -> Tensor:
    """What the reference gives if this one of its parameters has other numbers than all of its shape."""
    values: dict[int, Tensor] = {}
    for pair in pairing.pairs:
        numbers = common.numbers(pair, alone=pair is of)
        value = (
            draw(numbers, pairing.dtype) if isinstance(numbers, Draw) else common.sent[numbers.place].clone()
        )
        turned = pair in common.alike and _lies(pair.parameter.shape)
        values[pair.own_place] = value.t().contiguous() if turned else value
    return _first(pairing.reference.given(values), inputs, pairing.dtype)


def _first(module: nn.Module, inputs: Draw, dtype: torch.dtype) -> Tensor:
    """The module's output, of several the first."""
    with torch.no_grad(), WithoutDropout():
        output = module(draw(inputs, dtype))
    while not isinstance(output, Tensor):
        output = output[0]
    return output


def _is_square(pair: Pair) -> bool:
    shape = pair.numbers.shape
    return isinstance(pair.parameter, nn.Parameter) and len(shape) == 2 and shape[0] == shape[1]
