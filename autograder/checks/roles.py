"""What part a parameter plays, asked of the model itself where shapes repeat and graphs are written differently.

All parameters of one shape are given one and the same constant, and one of them numbers. What the model gives then
depends on the part that this one plays, and not on which one it is: a parameter of the reference and one of the
student's that change the output in the same way play the same part. A constant matrix is its own transpose, so that a
square weight that is kept the other way round is recognised as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import torch
from torch import Tensor, nn

from autograder.checks.tolerance import largest_difference, tolerance
from autograder.wire.messages import Draw, Pass, Push
from autograder.wire.tensors import draw

if TYPE_CHECKING:
    from autograder.checks.pairing import Pair, Pairing

ROWS = 8
MAX_PASSES = 128


def sorted_by_role(pairing: Pairing, input_shape: Sequence[int]) -> tuple[Pair, ...]:
    """The pairs, each with the student's parameter that plays the part of the reference's.

    Where roles cannot be told, or there are too many parameters to ask, a pair stays as it is.
    """
    pairs = pairing.pairs
    asked = [(pair, turned) for pair in pairs for turned in ((False, True) if _is_square(pair) else (False,))]
    if len(asked) > MAX_PASSES:
        return pairs
    seed = pairing.found.seeds.number("roles")
    inputs = Draw(seed=seed, shape=(ROWS, *input_shape))
    base = [Push(pair.place, _constant(pair), None, pair.transposed) for pair in pairs]
    passes = [
        Pass(
            inputs,
            "eval",
            "off",
            0,
            (Push(pair.place, _numbers(pair, seed), None, pair.transposed or turned),),
        )
        for pair, turned in asked
    ]
    answers = pairing.found.compute(base, passes)
    outputs = {(pair.place, turned): answer[0] for (pair, turned), answer in zip(asked, answers, strict=True)}
    free = list(outputs)
    found: list[Pair] = []
    for pair in pairs:
        wanted = _given(pairing, pair, inputs, seed)
        limit = 10 * tolerance(wanted, pairing.dtype, len(pairs))
        same = [
            (place, turned)
            for place, turned in free
            if _shape_of(pairs, place) == pair.numbers.shape
            and outputs[place, turned].shape == wanted.shape
            and largest_difference(wanted, outputs[place, turned]) <= limit
        ]
        if not same:
            return pairs
        place, turned = (pair.place, False) if (pair.place, False) in same else same[0]
        free = [item for item in free if item[0] != place]
        kept = next(other.transposed for other in pairs if other.place == place)
        found.append(replace(pair, place=place, transposed=kept or turned))
    return tuple(found)


def _given(pairing: Pairing, of: Pair, inputs: Draw, seed: int) -> Tensor:
    """What the reference gives if this one of its parameters has numbers."""
    for pair in pairing.pairs:
        pair.parameter.data = draw(_numbers(pair, seed) if pair is of else _constant(pair), pairing.dtype)
    with torch.no_grad():
        output = pairing.reference(draw(inputs, pairing.dtype))
    while not isinstance(output, Tensor):
        output = output[0]
    return output


def _numbers(pair: Pair, seed: int) -> Draw:
    """The same for all of one shape."""
    return msgspec.structs.replace(pair.numbers, seed=seed)


def _constant(pair: Pair) -> Draw:
    value = pair.numbers.high / 2
    return Draw(seed=0, shape=pair.numbers.shape, low=value, high=value)


def _shape_of(pairs: Sequence[Pair], place: int) -> tuple[int, ...]:
    return next(pair.numbers.shape for pair in pairs if pair.place == place)


def _is_square(pair: Pair) -> bool:
    shape = pair.numbers.shape
    return isinstance(pair.parameter, nn.Parameter) and len(shape) == 2 and shape[0] == shape[1]
