"""Whose score moved, in lines for a terminal."""

from __future__ import annotations

from autograder.cli.moves import lines
from autograder.movement import Movement, movement
from tests.test_movement import result


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
    assert [*lines([same, both])] == [
        "1 moved, 1 with the same score, but not check by check:",
        "  kim: 2 of 3 → 4 of 5 (+2): a failed 2/3 → failed 4/5",
        "  kim: 2 of 3 → 2 of 5: a failed 2/3 → failed 2/5",
        "  a: 1 up, 1 worth other points",
    ]


def test_checks_that_cancel_out_are_told_without_a_move_by_nothing() -> None:
    """The score is named once."""
    assert [*lines([moved(("a", 1, 1, 0, 1), ("b", 0, 1, 1, 1))])] == [
        "1 with the same score, but not check by check:",
        "  kim: 1, as before: a passed 1/1 → failed 0/1, b failed 0/1 → passed 1/1",
        "  a: 1 down",
        "  b: 1 up",
    ]
