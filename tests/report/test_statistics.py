"""Item statistics, beside what other ways of computing them give."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report.statistics import MIN_STUDENTS, difficulty, discrimination, histogram, spread

POINTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), min_size=MIN_STUDENTS, max_size=60)


@given(POINTS)
def test_discrimination_is_pearsons_with_the_rest(class_: list[tuple[int, int]]) -> None:
    """It is numpy's own correlation of the item with everything else, undefined where one of them is constant."""
    item = [float(points) for points, _ in class_]
    rest = [float(points) for _, points in class_]
    got = discrimination(item, [one + other for one, other in zip(item, rest, strict=True)])
    if len(set(item)) == 1 or len(set(rest)) == 1:
        assert got is None
    else:
        assert got == pytest.approx(numpy.corrcoef(item, rest)[0, 1], abs=1e-9)


def test_an_item_does_not_discriminate_by_itself() -> None:
    """An item that has nothing to do with the rest gets 0, though it is half of its own total."""
    item = [0.0, 0.0, 10.0, 10.0] * 3
    rest = [0.0, 10.0, 0.0, 10.0] * 3
    totals = [one + other for one, other in zip(item, rest, strict=True)]
    assert discrimination(item, totals) == pytest.approx(0)
    assert numpy.corrcoef(item, totals)[0, 1] == pytest.approx(math.sqrt(0.5))


def test_what_good_students_lose_is_negative() -> None:
    """A check that only those pass who fail everything else tells students apart the wrong way."""
    item = [10.0] * 5 + [0.0] * 5
    assert discrimination(item, [10.0] * 5 + [50.0] * 5) == pytest.approx(-1)


def test_few_students_say_nothing() -> None:
    """Below ten students no correlation is given."""
    assert discrimination([0.0, 1.0] * 4, [0.0, 9.0] * 4) is None


def test_difficulty_is_the_mean_share() -> None:
    """Half of the points on the average is 0.5; nobody has none."""
    assert difficulty([1.0, 0.5, 0.0]) == 0.5
    assert difficulty([]) is None


def test_spread() -> None:
    """Five numbers and the mean, as on a box plot."""
    five = spread([0.0, 40.0, 60.0, 80.0, 100.0])
    assert (five.lowest, five.lower_quartile, five.median, five.upper_quartile, five.highest) == (
        0,
        40,
        60,
        80,
        100,
    )
    assert five.mean == 56
    assert spread([]).median == 0


@pytest.mark.parametrize(
    ("scores", "top", "counts"),
    [
        ([0, 49.9, 50, 100], 100, [2, 2]),
        ([100, 100], 100, [0, 2]),
        ([], 100, [0, 0]),
        ([0], 0, [1, 0]),
        ([120, -5], 100, [1, 1]),
    ],
)
def test_every_score_is_in_one_part(scores: list[float], top: float, counts: list[int]) -> None:
    """Full marks are in the last part, a score on an edge in the upper one, and nothing falls out."""
    assert histogram(scores, top, 2)[0].tolist() == counts
