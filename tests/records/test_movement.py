"""Whose score moved, and because of which check."""

from __future__ import annotations

import pytest

from autograder.records.movement import movement
from autograder.results import (
    CheckResult,
    Environment,
    Outcome,
    QuestionResult,
    Result,
    Submission,
    Ungraded,
)


def result(*points: tuple[str, float, float], sha256: str = "a", graded: bool = True) -> Result:
    """Checks of one question: (name, points, possible points)."""
    checks = [
        CheckResult(name, Outcome.PASSED if got == most else Outcome.FAILED, got, most, "hidden", {})
        for name, got, most in points
    ]
    score = sum(check.points for check in checks)
    return Result(
        assignment="dl1",
        student="kim",
        status="graded" if graded else "ungraded",
        score=score if graded else None,
        max_score=sum(most for _, _, most in points),
        seed=1,
        language="en",
        submission=Submission("", sha256),
        assignment_digest="",
        environment=Environment("", {}),
        timing={},
        questions=[QuestionResult("q", score, 10, checks)],
        ungraded=None if graded else Ungraded("grader_fault", "grader"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, result(("a", 1, 1))),
        (result(("a", 1, 1)), result(("a", 1, 1))),
        (result(("a", 1, 1)), result(("a", 1, 1), sha256="b")),
    ],
)
def test_the_first_grading_and_an_equal_one_move_nothing(before: Result | None, after: Result) -> None:
    """Whatever else changed: a new notebook with the same points is no movement."""
    assert movement(before, after) is None


def test_the_checks_that_moved_are_named() -> None:
    """Those that others passed alike are not; one that is new or gone counts with its points."""
    before = result(("a", 0, 2), ("b", 3, 3), ("gone", 1, 1))
    after = result(("a", 2, 2), ("b", 3, 3), ("new", 4, 4))
    moved = movement(before, after)
    assert moved is not None
    assert (moved.before, moved.after, moved.resubmitted) == (4, 9, False)
    assert [(check.id, check.points) for check in moved.checks] == [("a", 2), ("new", 4), ("gone", -1)]


def test_checks_that_cancel_out_are_a_movement() -> None:
    """The score is the same and two verdicts are not: somebody may want to know."""
    moved = movement(result(("a", 1, 1), ("b", 0, 1)), result(("a", 0, 1), ("b", 1, 1)))
    assert moved is not None
    assert [check.points for check in moved.checks] == [-1, 1]


def test_a_maximum_that_moved_is_a_movement() -> None:
    """A check that is worth more than before, and lost as before, leaves the score as it was."""
    moved = movement(result(("a", 2, 3)), result(("a", 2, 5)))
    assert moved is not None
    assert (moved.before, moved.before_max, moved.after, moved.after_max) == (2, 3, 2, 5)


def test_another_notebook_is_told_from_another_check() -> None:
    """By the digest of what was handed in."""
    moved = movement(result(("a", 0, 1)), result(("a", 1, 1), sha256="b"))
    assert moved is not None
    assert moved.resubmitted


def test_a_grade_where_there_was_none_moves() -> None:
    """Ungraded before: there is no score to subtract."""
    moved = movement(result(graded=False), result(("a", 1, 1)))
    assert moved is not None
    assert (moved.before, moved.after) == (None, 1)
