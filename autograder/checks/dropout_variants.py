"""Whether a student's module drops as the reference with one known mistake in it does."""

from __future__ import annotations

from typing import Literal

from autograder.checks import misconceptions
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import Pairing
from autograder.checks.reference_passes import outputs_of
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.wire.messages import Pass

MODES: tuple[Literal["eval"], Literal["train"]] = ("eval", "train")


def drops_as_a_variant(pairing: Pairing, given: Inputs, seed: int) -> bool:
    """Whether the module is the reference with one known mistake elsewhere, its dropout included.

    For models whose rows cannot be looked at alone, as under a softmax over the batch: their outputs must be a
    variant's in evaluation, and in training from the same seed, where 16 rows share the variant's masks.
    """
    inputs = given.batch(16, seed)
    asked = [Pass(inputs, mode, "live", seed) for mode in MODES]
    found = [outputs[0] for outputs in pairing.found.compute(pairing.push, asked, bare=True)]
    for variant in misconceptions.variants(pairing.module):
        wanted = outputs_of(variant, asked, pairing.dtype)
        limits = [tolerance(one, pairing.dtype, pairing.depth) for one in wanted]
        if all(
            one.shape == other.shape and largest_difference(one, other) <= limit
            for one, other, limit in zip(wanted, found, limits, strict=True)
        ):
            return True
    return False
