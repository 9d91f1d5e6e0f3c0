"""``grader grade`` and ``grader demo``: submissions in, results and feedback out."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder.cli.course import GRADED, known, named, roster
from autograder.cli.machine import cpus, warn_of_missing_layers
from autograder.cli.parameters import MAX_WORKERS, AssignmentName, FeedbackLanguage, Seed, folder
from autograder.cli.seeds import seed_of_class
from autograder.course.config import Course, find_course
from autograder.course.roster import Roster
from autograder.errors import SubmissionPathError
from autograder.escaping import terminal_line
from autograder.records.store import Store
from autograder.submissions.found import SUBMITTED, find, passed_over, without_notebook
from autograder.submissions.lateness import unread


def grade(
    assignment: AssignmentName,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            readable=False,  # what may not be read is named, and the others are graded
            help=f"Notebooks, folders of them, or nbgrader trees; the course's {SUBMITTED}/ if left out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=folder, metavar="DIR", help=f"Where results go; the course's {GRADED}/ if left out."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_WORKERS,
            metavar="N",
            help="Graded at once; a CPU each, or all of a cluster's, if left out.",
        ),
    ] = None,
    engine: Annotated[
        Literal["local", "dask"], typer.Option(help="What runs the workers: this machine, or a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", envvar="DASK_SCHEDULER_ADDRESS", help="The cluster's, for --engine dask."
        ),
    ] = None,
    lang: FeedbackLanguage = None,
    force: Annotated[bool, typer.Option("--force", help="Grade anew what is unchanged, too.")] = False,
    seed: Seed = None,
    min_score: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="Exit with 1 if any graded submission scores less."),
    ] = None,
) -> None:
    """Grade every submission and write results and feedback.

    A submission whose result stands, with nothing changed that it depends on, keeps it.
    """
    from autograder.cli.class_run import ClassRun
    from autograder.engine.options import Options

    if min_score is not None and not 0 <= min_score <= 100:
        raise typer.BadParameter("must be a percentage from 0 to 100", param_hint="'--min-score'")
    course = find_course(Path.cwd())
    known(course, assignment)
    places = paths or [_handed_in(course, assignment)]
    _tell_passed_over(places, assignment)
    submissions = find(places, assignment, course.languages)
    store = Store((out or course.root / GRADED).absolute())
    forced = {found.student for found in submissions} if force else set()
    options = Options(
        workers=workers or (cpus() if engine == "local" else MAX_WORKERS),
        seed=seed_of_class(course, assignment, store, forced) if seed is None else seed,
        language=lang,
        require=frozenset(course.config.sandbox.require),
        scheduler=scheduler or "",
    )
    if empty := without_notebook(places, submissions):
        print(f"no notebook to grade in the folders of: {terminal_line(named(empty))}", file=sys.stderr)
    students = roster(course)  # read before an hour's work, not after
    run = ClassRun(course, assignment, submissions, options, store, engine, force, repeated=seed is not None)
    try:
        rows = run.finish()
    finally:  # what could be graded is kept, whatever ended the run
        if course.config.gradebook is not None and run.rows:
            _keep(course, assignment, store, students, {row.student for row in run.rows})
    if absent := [student for student in students if all(student != found.student for found in submissions)]:
        print(f"in the roster, and nothing handed in: {terminal_line(named(absent))}")
    if strangers := [found.student for found in submissions if students and found.student not in students]:
        print(f"handed in, and not in the roster: {terminal_line(named(strangers))}")
    if timeless := [found.student for found in submissions if unread(course, assignment, found)]:
        print(
            f"not late, because timestamp.txt is no time: {terminal_line(named(timeless))}. Write it with UTC or the "
            f"distance from it: 2026-10-01 23:59:00 +09:00",
            file=sys.stderr,
        )
    missed = [
        row.student
        for row in rows
        if min_score is not None and row.score is not None and not row.reaches(min_score)
    ]
    if missed:
        print(f"below {min_score:g} %: {terminal_line(named(missed))}", file=sys.stderr)
        raise typer.Exit(1)


def _handed_in(course: Course, assignment: str) -> Path:
    """Where the class hands in; raises :class:`SubmissionPathError` where nobody can have done so yet."""
    folder = course.root / SUBMITTED
    if not folder.exists():
        goes = f"{SUBMITTED}/<student>/{assignment}/<notebook>.ipynb"
        raise SubmissionPathError(f"{folder}: is not there yet. A notebook goes to {goes}, or give a PATH")
    return folder


def _tell_passed_over(places: Sequence[Path], assignment: str) -> None:
    """A line of stderr for links, and one for hidden folders, where students' folders are looked for."""
    links, hidden = passed_over(places, assignment)
    for names, why, remedy in (
        (links, "they are links", "Put what they lead to in their place"),
        (hidden, "their names begin with a dot", "Rename those that are students'"),
    ):
        if names:
            line = terminal_line(f"not looked at, because {why}: {named(names)}")
            print(f"{line}. {remedy}", file=sys.stderr)


def _keep(course: Course, assignment: str, store: Store, students: Roster, graded: Collection[str]) -> None:
    """Write what was graded into nbgrader's gradebook."""
    from autograder.gradebook import put

    kept = put(course, assignment, (one for one in store.read(assignment) if one.student in graded), students)
    print(f"gradebook: {kept.submissions} submissions, {kept.waiting} cells for a person to grade")
    if kept.left_out:
        names = terminal_line(named(kept.left_out))
        print(f"ungraded, in the gradebook as before: {names}", file=sys.stderr)


def demo() -> None:
    """Grade the course's own sample class."""
    from autograder.cli.class_run import ClassRun
    from autograder.engine.options import Options

    course = find_course(Path.cwd())
    names = course.assignments()
    assignment = names[0] if len(names) == 1 else "dl1"
    known(course, assignment)
    warn_of_missing_layers()
    store = Store(course.root / GRADED)
    options = Options(
        workers=cpus(),
        seed=seed_of_class(course, assignment, store, forced=()),
        language=None,
        require=frozenset(),  # the sample class is the course's own work, no stranger's
    )
    submissions = find([_handed_in(course, assignment)], assignment, course.languages)
    rows = ClassRun(course, assignment, submissions, options, store).finish()
    telling = [row for row in rows if row.score is not None and 0 < row.score < row.max_score]
    if shown := store.standing(assignment, (telling or rows)[0].student):
        print(f"\nOpen a student's page: {terminal_line(str(store.files(shown).html), 4000)}")
    print(f"Open the class page:   {terminal_line(str(store.report(assignment)), 4000)}")
