"""How each student of a course stands in one assignment: what every export is made of.

A student stands there for their result, for being in the roster (and having handed nothing in), or both.
Where nbgrader's gradebook is kept, what people have changed there counts: its score is taken over the result's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograder.course.config import Course
from autograder.course.roster import Roster, Student
from autograder.results import HandIn, Marks, Result
from autograder.submissions import receipts
from autograder.submissions.lateness import due
from autograder.submissions.receipts import Receipt

State = Literal["graded", "waiting", "ungraded", "missing"]


@dataclass(frozen=True)
class Standing:
    """One student's. ``raw`` is before the late penalty, and None unless there is a grade.

    ``state`` is ``graded``; ``waiting`` for a person to grade the rest; ``ungraded``, which is nobody's zero; or
    ``missing``: nothing was handed in.
    """

    about: Student
    state: State
    max_points: float
    raw: float | None = None
    penalty: float = 0.0
    result: Result | None = None
    handed_in: HandIn | None = None
    receipt: Receipt = field(default_factory=Receipt)

    @property
    def student(self) -> str:
        return self.about.student

    @property
    def points(self) -> float | None:
        """What counts."""
        return None if self.raw is None else max(0.0, self.raw - self.penalty)


def standings(
    course: Course,
    assignment: str,
    results: Iterable[Result],
    roster: Roster,
    marks: Mapping[str, Marks] | None = None,
) -> list[Standing]:
    """Every student's standing, by id. ``marks`` is what the gradebook says, by student."""
    by_student = {result.student: result for result in results}
    known = max((result.max_score for result in by_student.values()), default=0.0)
    found = [
        _standing(course, result, roster.get(student), (marks or {}).get(student))
        for student, result in by_student.items()
    ]
    for student, about in roster.items():
        if student not in by_student:
            limit = due(course.config, assignment, student)
            handed_in = HandIn(due=limit.isoformat(timespec="seconds")) if limit else None
            found.append(Standing(about, "missing", known, handed_in=handed_in))
    return sorted(found, key=lambda standing: standing.student)


def _standing(course: Course, result: Result, about: Student | None, marks: Marks | None) -> Standing:
    receipt = receipts.read(course.root, result.assignment, result.student, result.submission.sha256)
    raw = result.score if result.status == "graded" else None
    state: State = "ungraded" if raw is None else "graded"
    max_points = result.max_score
    if marks is not None and raw is not None:
        raw, max_points = marks.score, marks.max_score
        state = "waiting" if marks.waiting else "graded"
    return Standing(
        about=about or Student(result.student),
        state=state,
        max_points=max_points,
        raw=raw,
        penalty=result.penalty,
        result=result,
        handed_in=result.handed_in,
        receipt=receipt,
    )


def written(points: float) -> str:
    """Points to two digits at most, with a decimal point: ``85``, ``87.5``."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
