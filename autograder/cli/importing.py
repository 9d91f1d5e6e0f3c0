"""``grader import``: what an LMS or nbgrader hands out, put where grading looks."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import known, named, roster
from autograder.course.config import Course, find_course
from autograder.errors import GraderError
from autograder.escaping import terminal_line
from autograder.submissions.found import SUBMITTED

MAX_PROBLEMS = 50


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip as it was downloaded, or a folder.")],
    assignment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What it is the work for; the course's only assignment if left out."
        ),
    ] = None,
) -> None:
    """Take in submissions from Canvas, Moodle, Gradescope or nbgrader.

    Which system a download comes from is seen from the names in it.
    """
    from autograder.exchange.archive import entries
    from autograder.exchange.downloads import recognise
    from autograder.exchange.placing import Outcome, place
    from autograder.exchange.table import ExchangeError

    course = find_course(Path.cwd())
    people = roster(course)
    try:
        download = recognise(entries(file))
    except ExchangeError as error:
        text = str(error)
        raise ExchangeError(text if text.startswith(str(file)) else f"{file}: {text}") from None
    name = assignment or _only(course, {arrival.assignment for arrival in download.arrivals} - {""})
    known(course, name)
    placed = place(course, name, download, people)
    counts = Counter(placed.outcomes.values())
    words: dict[Outcome, str] = {
        "new": "new",
        "changed": "changed",
        "unchanged": "unchanged",
        "kept": "where an earlier attempt counts",
    }
    told = ", ".join(f"{counts[outcome]} {word}" for outcome, word in words.items() if counts[outcome])
    print(f"{download.origin}: {len(placed.outcomes)} students for {name} ({told or 'nobody'})")
    if placed.late:
        who = terminal_line(named(placed.late))
        print(f"marked late, without a time, so that no penalty is known: {who}", file=sys.stderr)
    for what, why in placed.problems[:MAX_PROBLEMS]:
        print(terminal_line(f"not placed: {what}: {why}", 1000), file=sys.stderr)
    if len(placed.problems) > MAX_PROBLEMS:
        print(f"… and {len(placed.problems) - MAX_PROBLEMS} more are not placed", file=sys.stderr)
    if not placed.outcomes:
        raise GraderError(f"{file}: no submission for {name} is in it. Is it another assignment's?")
    print(f"placed in: {terminal_line(str(course.root / SUBMITTED), 4000)}. Grade with: grader grade {name}")


def _only(course: Course, named_there: set[str]) -> str:
    """The assignment that is meant where none was named."""
    names = course.assignments()
    there = sorted(named_there & set(names)) if named_there else list(names)
    if len(there) == 1:
        return there[0]
    raise GraderError(
        f"which assignment is it for? Name one with --assignment: {', '.join(names) or 'there is none'}"
    )
