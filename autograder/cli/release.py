"""``grader release``: the notebooks that students get, and what to hand out with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.parameters import AssignmentName
from autograder.course.config import find_course
from autograder.escaping import terminal_line

if TYPE_CHECKING:
    from autograder.course.assignment import Assignment
    from autograder.handout.release import CheckRow
    from autograder.pytest_plugin import Replay


def release(
    assignment: AssignmentName,
    handout: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE.zip", help="Also put what students need into this folder or archive."),
    ] = None,
) -> None:
    """Make the student notebooks, points and all, from the source."""
    from autograder.course import sections
    from autograder.course.assignment import load
    from autograder.handout import folder as handouts
    from autograder.handout.release import POINTS_MARKER, write_release

    course = find_course(Path.cwd())
    loaded = load(course.root, assignment)
    points, checks = collected(loaded, course.root)
    files = write_release(course.root, assignment, loaded.languages, points, checks)
    for file in files:
        print(f"released: {terminal_line(str(file), 4000)}")
    if not any(POINTS_MARKER in anchor.text for anchor in loaded.markdown):
        print(f"no text cell has the line {POINTS_MARKER}, so the notebooks show no table of points")
    for note in sections.missing(loaded):
        print(f"note: {terminal_line(note, 4000)}")
    if handout is not None:
        folder = course.root / "assignments" / assignment
        handouts.write(handouts.contents(loaded, folder), handout, assignment)
        print(f"handout:  {terminal_line(str(handout), 4000)}")
    counts = ", ".join(f"{question} {worth:g}" for question, worth in points.items())
    print(f"points:   {sum(points.values()):g} ({counts})")


def collected(assignment: Assignment, course_root: Path) -> tuple[dict[str, float], list[CheckRow]]:
    """What each question is worth, and every check, in the notebook's order; read from the checks themselves.

    Imports torch and pytest. Raises :class:`AssignmentError` if the checks cannot be collected.
    """
    from autograder.handout.release import CheckRow
    from autograder.pytest_plugin import session

    points: dict[str, float] = {}
    checks: list[CheckRow] = []

    def read(replay: Replay) -> None:
        for question in assignment.questions:
            own = replay.checks[question.id]
            points[question.id] = sum(check.mark.points for check in own)
            checks.extend(
                CheckRow(question.title, check.about or {"en": check.id}, check.mark.points) for check in own
            )

    session(assignment, course_root, read)
    return points, checks
