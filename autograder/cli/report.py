"""``grader report``: the class page, from results that lie there already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import GRADED, known
from autograder.cli.gaps import replaced_since, tell_gaps
from autograder.cli.parameters import AssignmentName, ResultsFolder
from autograder.course.config import Language, find_course
from autograder.escaping import terminal_line
from autograder.records.store import Store


def report(
    assignment: AssignmentName,
    out: ResultsFolder = None,
    lang: Annotated[Language | None, typer.Option(help="Of the page; the course's if left out.")] = None,
) -> None:
    """Write the class page: scores, misconceptions, checks and students at a glance."""
    from autograder.report import write

    course = find_course(Path.cwd())
    known(course, assignment)
    store = Store((out or course.root / GRADED).absolute())
    tell_gaps(course, assignment, store)
    replaced = replaced_since(course, store.briefs(assignment))
    page = write(store, assignment, lang or course.config.course.language, replaced)
    print(terminal_line(str(page), 4000))
