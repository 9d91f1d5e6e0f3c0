"""How far apart two right computations of the same thing may be.

Rounding differs with the order of summation. Its error in one layer is a few ε of the values' size, and it adds
up over layers; pushed weights keep values near 1. So ``16 · ε · depth · (1 + max |expected|)``, with ε of the
coarser type and depth the number of parameter tensors. For float32 and the deepest model of dl1 (6 tensors) that is
1.1e-5, ten times what a float32 MLP differs by when summed in another order, and a thousandth of what a missing
activation changes. Numbers that a student left in half precision are allowed its rounding once, ``ε · (1 + max
|expected|)``: sixteen times that is more than a softmax differs from a uniform guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

LESS_THAN_ONE = 0.49
HALF = 1e-4  # ε of the half-precision types is above this, of the others below


def tolerance(expected: Tensor, dtype: torch.dtype, depth: int) -> float:
    """The largest right difference, for outputs computed in ``dtype`` by ``depth`` parameter tensors."""
    epsilon = torch.finfo(dtype).eps if dtype.is_floating_point else 0.0
    steps = 16 * max(depth, 1) if epsilon < HALF else 1
    return steps * epsilon * (1 + _largest(expected.double()))


def _largest(numbers: Tensor) -> float:
    """The largest size among those that are finite, or 0."""
    if numbers.numel() == 0:
        return 0.0
    low, high = (float(end) for end in numbers.aminmax())
    if math.isfinite(low) and math.isfinite(high):
        return max(abs(low), abs(high))
    return _largest(numbers[numbers.isfinite()])


def agree(expected: Tensor, found: Tensor) -> bool:
    """Whether two tensors that were computed in one step each have the same shape and, within rounding, numbers.

    Of whole numbers another one is never close, however large they are and however coarse the type they came in.
    """
    limit = tolerance(expected, coarser(expected, found), depth=1)
    if not expected.is_floating_point() and found.is_floating_point():
        limit, rounded = min(limit, LESS_THAN_ONE), expected.to(found.dtype)
        expected = rounded if bool(rounded.isfinite().all()) else expected
    return found.shape == expected.shape and largest_difference(expected, found) <= limit


def coarser(first: Tensor, second: Tensor) -> torch.dtype:
    """The type in which either of two tensors is rounded most; int64 where neither is."""
    floating = [item.dtype for item in (first, second) if item.dtype.is_floating_point]
    return max(floating, key=lambda dtype: torch.finfo(dtype).eps, default=torch.int64)


def largest_difference(expected: Tensor, found: Tensor) -> float:
    """The largest elementwise difference in float64; equal infinities and NaNs differ by nothing."""
    alike = expected.dtype == found.dtype  # else equal() rounds whole numbers: 70,000 is infinite in half precision
    if expected.numel() == 0 or (alike and torch.equal(expected, found)):  # right answers are so to the last bit
        return 0.0
    wide_expected, wide_found = expected.double(), found.double()
    same = (wide_expected == wide_found) | (wide_expected.isnan() & wide_found.isnan())
    difference = torch.where(same, 0.0, (wide_expected - wide_found).abs())
    return float(difference.nan_to_num(nan=float("inf")).max())


def same_outputs(
    expected: Sequence[Tensor], found: Sequence[Tensor], dtype: torch.dtype, depth: int, size: float
) -> bool:
    """Whether two models' outputs agree for inputs within ± ``size``.

    Numbers inside a model grow with its inputs, and rounding with them.
    """
    return [one.shape for one in expected] == [one.shape for one in found] and all(
        (difference := largest_difference(one, other)) == 0
        or difference <= max(size, 1.0) * tolerance(one, dtype, depth)
        for one, other in zip(expected, found, strict=True)
    )
