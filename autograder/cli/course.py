"""What commands about a course's assignment share: where it lies, who takes it, how students are listed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from autograder.course.config import Course
from autograder.course.roster import Roster, read
from autograder.errors import ConfigError

GRADED = "graded"  # the course's folder where results go


def known(course: Course, assignment: str) -> None:
    """Raise ConfigError unless the course has the assignment."""
    names = course.assignments()
    if assignment not in names:
        near = difflib.get_close_matches(assignment, names, n=1)
        there = f"Known here: {', '.join(names)}" if names else "No folder here holds an assignment.toml"
        remedy = f"Did you mean {near[0]}?" if near else there
        raise ConfigError(course.root / "assignments", assignment, "no such assignment", remedy)


def roster(course: Course) -> Roster:
    """The students of the course, by id; empty where grader.toml names no roster.

    The file says more than nbgrader's gradebook can: where both are named, its rows come first.
    """
    settings = course.config.roster
    known = read(course.root / settings.file) if settings.file else {}
    if settings.from_gradebook:
        from autograder.gradebook import read_students

        known = {student.student: student for student in read_students(course)} | known
    return known


def named(students: Sequence[str]) -> str:
    """The first of ``students``, and how many more there are."""
    more = f" and {len(students) - 10} more" if len(students) > 10 else ""
    return ", ".join(students[:10]) + more
