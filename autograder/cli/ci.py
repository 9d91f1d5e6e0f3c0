"""``grader ci``: the notebooks that a pull request changes, graded, and told where their authors look."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder.cli.course import GRADED
from autograder.cli.machine import cpus, need_grading
from autograder.cli.parameters import FeedbackLanguage, Seed, Workers, folder
from autograder.errors import GraderError
from autograder.escaping import terminal_line


def ci(
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="What it goes to; as the CI service says if left out, else origin/HEAD."
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="What is to be graded; as the CI service says if left out, else HEAD."
        ),
    ] = None,
    layout: Annotated[
        Literal["course", "single"],
        typer.Option(
            help="Notebooks in submitted/STUDENT/ASSIGNMENT/, or at the top of one student's repository."
        ),
    ] = "course",
    course: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="What this has of grader.toml, assignments/ and solutions/ is taken instead of the base's.",
        ),
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Whose repository it is, in the layout single; its own name if left out."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(parser=folder, metavar="DIR", help="Where everything goes.")] = Path(GRADED),
    workers: Workers = None,
    lang: FeedbackLanguage = None,
    seed: Seed = None,
    min_score: Annotated[
        float | None,
        typer.Option(
            min=0, max=100, metavar="PERCENT", help="Exit with 1 if any graded submission scores less."
        ),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Grade nothing: write the comment of a run that graded.")
    ] = False,
) -> None:
    """Grade the notebooks that a pull request changes.

    Its commits are read as data and never checked out. Checks, answers and settings are the base's.
    """
    environment = dict(os.environ)
    if publish:
        from autograder.ci.publishing import publish as write

        print(terminal_line(write(environment, out)))
        return
    need_grading("ci")
    from autograder.ci.log import shielded
    from autograder.ci.occasion import occasion
    from autograder.cli.pull_request import PullRequestRun

    told = occasion(environment)
    run = PullRequestRun(told, environment, layout, out.absolute(), course, lang, workers or cpus(), seed)
    failure = ""
    interrupted: typer.Exit | None = None
    with shielded(told.service == "github"):
        try:
            run.grade(base, head, student)
        except (GraderError, OSError) as error:
            failure = str(error)
        except typer.Exit as error:
            interrupted = error
        missed = run.below(min_score)
        if failure:
            print(f"grader: {terminal_line(failure, 4_000)}", file=sys.stderr)
        elif missed:
            print(f"below {min_score:g} %: {terminal_line(', '.join(missed))}", file=sys.stderr)
    run.tell(failure)
    if interrupted:
        raise interrupted
    if failure:
        raise typer.Exit(2)
    if missed:
        raise typer.Exit(1)
