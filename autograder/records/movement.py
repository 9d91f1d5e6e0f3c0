"""How a score moved between two gradings of one student, and which checks moved it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.results import CheckResult, Result


@dataclass(frozen=True)
class CheckMoved:
    """A check whose points, or possible points, are others. A side is None where there was no such check."""

    id: str
    before: CheckResult | None
    after: CheckResult | None

    @property
    def points(self) -> float:
        """By how many points it moved the score."""
        return (self.after.points if self.after else 0.0) - (self.before.points if self.before else 0.0)


@dataclass(frozen=True)
class Movement:
    """``resubmitted``: the notebook itself is another one. Scores are None where there was or is no grade.

    The score may be what it was: where checks are worth other points, or cancel each other out.
    """

    student: str
    before: float | None
    before_max: float
    after: float | None
    after_max: float
    resubmitted: bool
    checks: tuple[CheckMoved, ...]


def movement(before: Result | None, after: Result) -> Movement | None:
    """What moved, or None if the score and what can be had are as they were, check by check.

    A first grading moves nothing.
    """
    if before is None:
        return None
    checks = tuple(_moved(before, after))
    if before.score == after.score and not checks:
        return None
    resubmitted = before.submission.sha256 != after.submission.sha256
    scores = before.score, before.max_score, after.score, after.max_score
    return Movement(after.student, *scores, resubmitted, checks)


def _moved(before: Result, after: Result) -> Iterator[CheckMoved]:
    old, new = _checks(before), _checks(after)
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        if was is None or now is None or (was.points, was.max_points) != (now.points, now.max_points):
            yield CheckMoved(name, was, now)


def _checks(result: Result) -> dict[str, CheckResult]:
    return {check.id: check for question in result.questions for check in question.checks}
