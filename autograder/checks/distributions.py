"""Whether rows of random numbers come from the distribution that others come from.

Of both are compared means: of single numbers of a row and of random sums of all its numbers, of their squared distance
from the middle, and of how often they stay below each of some cuts. The first shows a share, the second a scale, the
third the steps of a distribution that takes few values; the sums show what is dropped together.

Each mean strays from the expected one by more than ``√(2·V·L/n) + 7·R·L/(3(n-1))``, L = ln(2/δ), with probability
below δ (Maurer and Pontil's empirical Bernstein bound, for n independent rows with variance V and range R). δ is 1e-10
divided by the number of means, so that rows of the same distribution are refused with probability below 1e-9. The
range is that of the first sample: numbers beyond it are rarer than one in as many as it has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

UNLIKELY = 1e-10
NUMBERS = 8  # single ones of a row, at most
SUMS = 8
CUTS = 12
CHOICES = 5  # for each cut, so that none lies upon a value
CHOOSING_ROWS = 2_000
ROWS_AT_ONCE = 4_000


class Distribution:
    """What a sample (rows, numbers) says of the distribution that it was drawn from.

    ``limit``: how far equal numbers may lie apart, by rounding.
    """

    def __init__(self, sample: Tensor, limit: float) -> None:
        generator = torch.Generator().manual_seed(sample.shape[1])
        width = sample.shape[1]
        self._single = torch.randperm(width, generator=generator)[:NUMBERS]
        signs = torch.randint(0, 2, (width, SUMS), generator=generator).double() * 2 - 1
        self._weights = signs / math.sqrt(width)
        self._limit = limit
        taken = torch.cat([self._taken(rows) for rows in torch.split(sample, ROWS_AT_ONCE)])
        self._middle = taken.mean(0)
        self._cuts = _cuts(taken, limit)
        self._known = self._means(sample)

    def admits(self, sample: Tensor) -> bool:
        """Whether another sample may be of the same distribution."""
        other = self._means(sample)
        apart = (self._known.mean - other.mean).abs()
        span = self._known.span
        return bool((apart <= self._known.strays(span) + other.strays(span) + self._allowed(span)).all())

    def distance(self, sample: Tensor) -> float:
        """How far off another sample's means are: of use only to compare samples."""
        other = self._means(sample)
        spread = (self._known.variance + other.variance).sqrt() + self._limit
        return float(((self._known.mean - other.mean).abs() / spread).mean())

    def _allowed(self, span: Tensor) -> Tensor:
        """What rounding makes of a mean; nothing of a count."""
        taken = len(self._middle)
        counted = span.new_zeros(CUTS * taken)
        rounded = self._limit * (1 + span[: 2 * taken])
        return torch.cat([rounded, counted])

    def _means(self, sample: Tensor) -> _Means:
        parts = [self._features(rows) for rows in torch.split(sample, ROWS_AT_ONCE)]
        return _Means.of(parts)

    def _taken(self, rows: Tensor) -> Tensor:
        return torch.cat([rows[:, self._single].double(), rows.double() @ self._weights], 1)

    def _features(self, rows: Tensor) -> Tensor:
        taken = self._taken(rows)
        below = [(taken <= cut).double() for cut in self._cuts]
        return torch.cat([taken, (taken - self._middle).square(), *below], 1)


@dataclass(frozen=True)
class _Means:
    mean: Tensor
    variance: Tensor
    span: Tensor
    count: int

    @classmethod
    def of(cls, parts: list[Tensor]) -> _Means:
        count = sum(len(part) for part in parts)
        mean = _added(part.sum(0) for part in parts) / count
        variance = _added((part - mean).square().sum(0) for part in parts) / max(count - 1, 1)
        low = torch.stack([part.amin(0) for part in parts]).amin(0)
        high = torch.stack([part.amax(0) for part in parts]).amax(0)
        return cls(mean, variance, high - low, count)

    def strays(self, span: Tensor) -> Tensor:
        """How far the mean may be from the expected one."""
        log = math.log(2 * len(span) / UNLIKELY)
        return (2 * self.variance * log / self.count).sqrt() + 7 * span * log / (3 * max(self.count - 1, 1))


def _added(parts: Iterator[Tensor]) -> Tensor:
    return torch.stack(list(parts)).sum(0)


def _cuts(taken: Tensor, limit: float) -> Tensor:
    """Where to cut each number's range (cuts, taken): as far from its values as can be; above it where it has none."""
    low, high = taken.aminmax(dim=0)
    values = taken[:CHOOSING_ROWS]
    cuts: list[Tensor] = []
    for cell in range(CUTS):
        places = [low + (high - low) * (cell + (choice + 0.38) / CHOICES) / CUTS for choice in range(CHOICES)]
        distances = torch.stack([(values - place).abs().amin(0) for place in places])
        cuts.append(torch.stack(places).gather(0, distances.argmax(0, keepdim=True))[0])
    still = high - low <= 8 * limit
    return torch.where(still, high + 1, torch.stack(cuts))
