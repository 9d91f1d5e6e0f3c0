"""What filling in a downloaded table came to, and the numbers that go in."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from autograder.exchange.standing import Standing, written
from autograder.exchange.table import ExchangeError


@dataclass(frozen=True)
class Filled:
    """``data`` is the file, in which so many students have a row.

    ``rows`` nobody of ours belongs to are as they were; ``unplaced`` have no row.
    """

    data: bytes
    placed: int
    filled: int
    excused: int
    rows: tuple[str, ...]
    unplaced: tuple[str, ...]
    scaled: float  # what points were multiplied with, 1 in most cases


def unplaced(standings: Iterable[Standing], placed: Container[str]) -> tuple[str, ...]:
    """Who has points and is not among those ``placed`` in a row."""
    return tuple(one.student for one in standings if one.points is not None and one.student not in placed)


def scale(theirs: str, standings: Iterable[Standing], where: str) -> float:
    """What our points are multiplied with, so that they are out of as many as the column's ``theirs``."""
    ours = max((standing.max_points for standing in standings), default=0.0)
    if not theirs.strip():
        return 1.0
    try:
        points = number(theirs)
    except ValueError:
        raise ExchangeError(
            f"{where}: {theirs!r} is no number of points. Choose a column of points"
        ) from None
    return points / ours if ours > 0 else 1.0


def number(text: str) -> float:
    """``100``, ``100.00`` or ``100,00``; raises ValueError for anything else."""
    return float(text.strip().replace(",", "."))


def cell(points: float, decimal: str) -> str:
    return written(points).replace(".", decimal)
