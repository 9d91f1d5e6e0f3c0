"""Students as they stand, made where a test needs them."""

from __future__ import annotations

from pathlib import Path

from autograder.course.roster import Student
from autograder.exchange.standing import Standing
from autograder.submissions.receipts import Origin, Receipt


def standing(
    student: str, points: float | None = 85.0, *, max_points: float = 100.0, **about: str
) -> Standing:
    """A graded student, or an ungraded one; ``about`` is what the roster says of them."""
    state = "ungraded" if points is None else "graded"
    return Standing(Student(student, **about), state, max_points, raw=points)  # type: ignore[arg-type]


def imported(student: str, origin: Origin, points: float = 85.0, **lms: str) -> Standing:
    """A graded student whose work came from an LMS."""
    return Standing(Student(student), "graded", 100.0, raw=points, receipt=Receipt(origin=origin, lms=lms))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
