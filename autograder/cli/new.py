"""``grader new``: the beginnings of an assignment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder.course.config import find_course
from autograder.escaping import terminal_line


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What the assignment is called, in paths as well.")
    ],
    lang: Annotated[
        Literal["ko", "en"] | None, typer.Option(help="Its only language; both if left out.")
    ] = None,
) -> None:
    """Make a small assignment that is whole, to be changed into yours."""
    from autograder.scaffold import LANGUAGES, write

    course = find_course(Path.cwd())
    for path in write(course.root, name, [lang] if lang else LANGUAGES):
        print(f"made: {terminal_line(str(path.relative_to(course.root)), 4000)}")
    print("\nIt holds as it is:")
    for command in ("verify {}", "verify {} --mutants", "release {}"):
        print(f"    grader {command.format(terminal_line(name, 200))}")
