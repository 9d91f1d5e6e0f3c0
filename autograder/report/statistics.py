"""Classical item statistics: how hard an item is, and whether it tells students apart.

An item is a question or a check. Its *difficulty* is the mean share of its points that students got (the
literature's ``p``; the higher, the easier). Its *discrimination* is the corrected item-total correlation:
Pearson's correlation, over students, of the item's points with the points of everything else. The item itself is
taken out of the total, because with it every item would correlate with its own share of the sum.
Source: Crocker and Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

# Below this many students a correlation says next to nothing: with ten, r has a standard error of about 0.3.
MIN_STUDENTS = 10


@dataclass(frozen=True)
class Spread:
    """Scores in five numbers; 0 for an empty class."""

    lowest: float = 0.0
    lower_quartile: float = 0.0
    median: float = 0.0
    upper_quartile: float = 0.0
    highest: float = 0.0
    mean: float = 0.0


def spread(values: Sequence[float]) -> Spread:
    if not values:
        return Spread()
    lowest, lower, median, upper, highest = numpy.quantile(values, (0, 0.25, 0.5, 0.75, 1))
    return Spread(
        float(lowest), float(lower), float(median), float(upper), float(highest), float(numpy.mean(values))
    )


def difficulty(shares: Sequence[float]) -> float | None:
    """The mean share of the points, 0 to 1; None if nobody had the item."""
    return float(numpy.mean(shares)) if shares else None


def discrimination(points: Sequence[float], totals: Sequence[float]) -> float | None:
    """The correlation of an item's points with the rest of the total, student by student, -1 to 1.

    None for fewer than :data:`MIN_STUDENTS`, and where all have the same points for the item or for the rest.
    """
    if len(points) < MIN_STUDENTS:
        return None
    item = numpy.asarray(points, dtype=numpy.float64)
    rest = numpy.asarray(totals, dtype=numpy.float64) - item
    item, rest = item - item.mean(), rest - rest.mean()
    scale = float(numpy.sqrt((item**2).sum() * (rest**2).sum()))
    if scale < 1e-9:
        return None
    return float(numpy.clip((item * rest).sum() / scale, -1.0, 1.0))


def histogram(
    scores: Sequence[float], max_score: float, bins: int
) -> tuple[NDArray[numpy.int64], list[float]]:
    """How many scores lie in each of ``bins`` equal parts of 0 to ``max_score``, and the edges.

    A part holds its lower edge and not its upper one; the last holds both.
    """
    top = max_score if max_score > 0 else 1.0
    counts, edges = numpy.histogram(numpy.clip(scores, 0.0, top), bins=bins, range=(0.0, top))
    return counts.astype(numpy.int64), [float(edge) for edge in edges]
