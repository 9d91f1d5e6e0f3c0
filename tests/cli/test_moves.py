"""Whose score moved, in lines for a terminal."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.cli.moves import append, lines
from autograder.records.movement import Movement, movement
from tests.records.test_movement import result


def moved(*checks: tuple[str, float, float, float, float]) -> Movement:
    """A student's, by checks: name, points and possible points before, and after."""
    before = result(*((name, got, most) for name, got, most, _, _ in checks))
    made = movement(before, result(*((name, got, most) for name, _, _, got, most in checks)))
    assert made is not None
    return made


def test_a_maximum_that_moved_is_told_beside_the_score() -> None:
    """With the points on both sides, and no move by nothing; those whose score moved come first."""
    same = moved(("a", 2, 3, 2, 5))
    both = moved(("a", 2, 3, 4, 5))
    assert [*lines([same, both], None)] == [
        "1 moved, 1 with the same score, but not check by check:",
        "  kim: 2 of 3 → 4 of 5 (+2): a failed 2/3 → failed 4/5",
        "  kim: 2 of 3 → 2 of 5: a failed 2/3 → failed 2/5",
        "  a: 1 up, 1 worth other points",
    ]


def test_checks_that_cancel_out_are_told_without_a_move_by_nothing() -> None:
    """The score is named once."""
    assert [*lines([moved(("a", 1, 1, 0, 1), ("b", 0, 1, 1, 1))], None)] == [
        "1 with the same score, but not check by check:",
        "  kim: 1, as before: a passed 1/1 → failed 0/1, b failed 0/1 → passed 1/1",
        "  a: 1 down",
        "  b: 1 up",
    ]


def test_more_than_are_shown_are_all_in_the_table(tmp_path: Path) -> None:
    """Which holds every run's, whole, and as no formula; where it could not be written nothing is promised."""
    table = tmp_path / "dl1/moved.csv"
    many = [replace(moved(*((f"c{number}", 1, 1, 0, 1) for number in range(9))), student=f"=s{at}") for at in range(60)]
    append(table, many[:55], datetime(2026, 10, 1, tzinfo=UTC))
    append(table, [replace(many[55], before=None)], datetime(2026, 10, 2, tzinfo=UTC))
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["student"] for row in rows] == [f"'=s{at}" for at in range(56)]
    assert [rows[0][name] for name in ("when", "before", "before_max", "after", "after_max")] == [
        *("2026-10-01T00:00:00+00:00", "9", "9", "0", "9")
    ]
    assert rows[0]["because"].count("passed 1/1 → failed 0/1") == 9
    assert rows[55]["before"] == ""
    assert f"  … and 10 more, all of them in {table}" in lines(many, table)
    assert "  … and 10 more" in lines(many, None)
