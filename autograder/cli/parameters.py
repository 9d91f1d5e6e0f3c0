"""What several commands take, and what their help says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import GRADED
from autograder.course.config import Language

MAX_WORKERS = 1024


def folder(text: str | Path) -> Path:
    """The folder that an option names. An empty text, as of a variable that is not set, names none."""
    if text == "":
        raise typer.BadParameter("names no folder. Give one, `.` for this one")
    return Path(text)



AssignmentName = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The assignment's name.")]
ResultsFolder = Annotated[
    Path | None,
    typer.Option(parser=folder, metavar="DIR", help=f"Where its results are; the course's {GRADED}/ if left out."),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=MAX_WORKERS, metavar="N", help="Graded at once; a CPU each if left out."),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="To grade as an earlier run did.")
]
FeedbackLanguage = Annotated[
    Language | None, typer.Option(help="Of all feedback, whatever a notebook names.")
]
