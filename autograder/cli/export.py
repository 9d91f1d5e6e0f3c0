"""``grader export``: a course's grades, in the form that another system takes."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autograder.cli.course import GRADED, known, named, roster
from autograder.cli.gaps import tell_gaps
from autograder.cli.parameters import AssignmentName, ResultsFolder
from autograder.course.config import Course, Language, find_course
from autograder.course.roster import Roster
from autograder.errors import GraderError
from autograder.escaping import terminal_line
from autograder.records.store import Store
from autograder.results import Result, write_atomically
from autograder.submissions.found import encoded

if TYPE_CHECKING:
    from autograder.exchange.filling import Filled
    from autograder.exchange.standing import Standing, State

System = Literal["canvas", "moodle", "gradescope", "csv", "classroom50", "junit", "nbgrader"]


def export(
    assignment: AssignmentName,
    to: Annotated[System, typer.Option(help="Whose form.")],
    fill: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Canvas's gradebook or Moodle's worksheet, as it was downloaded."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Which column of FILE; the one of the assignment's title if left out."
        ),
    ] = None,
    out: ResultsFolder = None,
    lang: Annotated[
        Language | None, typer.Option(help="Of what is worded; each student's own if left out.")
    ] = None,
) -> None:
    """Write grades for an LMS, into DIR/export/ASSIGNMENT."""
    from autograder.exchange.standing import standings

    course = find_course(Path.cwd())
    known(course, assignment)
    if (fill or column) and to not in ("canvas", "moodle"):
        raise typer.BadParameter("only canvas and moodle have a file to fill in", param_hint="'--fill'")
    if column and not fill:
        raise typer.BadParameter("only a FILE to fill in has columns: name it with --fill", param_hint="'--column'")
    store = Store((out or course.root / GRADED).absolute())
    results = list(store.read(assignment))
    if not results:
        raise store.empty(assignment)
    students = roster(course)
    tell_gaps(course, assignment, store)
    marks = None
    if to == "nbgrader":
        _into_nbgrader(course, assignment, results, store, students)
    if course.config.gradebook is not None:
        from autograder.gradebook import read_marks

        marks = read_marks(course, assignment)
    everybody = standings(course, assignment, results, students, marks)
    export = _Export(course, assignment, store, everybody, lang)
    writers: dict[System, Callable[[], None]] = {
        "canvas": lambda: export.canvas(fill, column),
        "moodle": lambda: export.moodle(fill, column),
        "gradescope": export.gradescope,
        "csv": export.csv,
        "classroom50": export.classroom50,
        "junit": export.junit,
    }
    if to in writers:
        writers[to]()
    _tell_states(everybody)


class _Export:
    def __init__(
        self, course: Course, assignment: str, store: Store, everybody: Sequence[Standing], lang: str | None
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._store = store
        self._everybody = everybody
        self._lang = lang
        self._folder = store.exports(assignment)
        self._folder.mkdir(parents=True, exist_ok=True)

    def csv(self) -> None:
        from autograder.exchange.scoresheet import sheet

        self._write("scores.csv", sheet(self._assignment, self._everybody))

    def canvas(self, fill: Path | None, column: str | None) -> None:
        from autograder.exchange import canvas

        if fill is not None:
            filled = canvas.fill(fill, [column] if column else self._titles(), self._everybody)
            self._filled("canvas-gradebook.csv", filled, fill, "canvas_id, sis_id or login")
        pages = self._feedback(
            "canvas-feedback.zip",
            canvas.write_feedback,
            "Canvas",
            "Grade what `grader import` took from Canvas",
        )
        if fill is None:
            self._unfilled(pages, "export the gradebook in Canvas from Grades, Export")

    def _titles(self) -> list[str]:
        from autograder.course.assignment_settings import read_settings

        path = self._course.root / "assignments" / self._assignment / "assignment.toml"
        return [self._assignment, *read_settings(path, path.read_bytes()).title.values()]

    def moodle(self, fill: Path | None, column: str | None) -> None:
        from autograder.exchange import moodle

        if fill is not None:
            filled = moodle.fill(fill, column, self._everybody)
            self._filled("moodle-worksheet.csv", filled, fill, "moodle_id or email")
        pages = self._feedback(
            "moodle-feedback.zip", moodle.write_feedback, "Moodle", "Give the roster a column moodle_id"
        )
        if fill is None:
            self._unfilled(pages, "download the grading worksheet in Moodle's submissions")

    def gradescope(self) -> None:
        from autograder.exchange.gradescope import results_json

        self._each("gradescope", lambda standing, _: results_json(standing, self._lang))

    def classroom50(self) -> None:
        from autograder.exchange.classroom50 import classroom50_json

        def encode(standing: Standing, result: Result) -> bytes | None:
            if result.score is None:
                return None
            graded_at = self._graded_at(result)
            at = standing.handed_in.at if standing.handed_in else ""
            return classroom50_json(result, {}, datetime.fromisoformat(at) if at else graded_at, graded_at)

        self._each("classroom50", encode)

    def junit(self) -> None:
        from autograder.exchange.junit import junit_xml

        results = [standing.result for standing in self._everybody if standing.result]
        graded_at = max(map(self._graded_at, results))
        self._write("junit.xml", junit_xml(results, graded_at, platform.node()))

    def _graded_at(self, result: Result) -> datetime:
        return datetime.fromtimestamp(self._store.files(result).result.stat().st_mtime, UTC)

    def _each(self, folder: str, encode: Callable[[Standing, Result], bytes | None]) -> None:
        """A file for every student who has a result, if it gives one; an earlier export's goes if it gives none."""
        count = 0
        for standing in self._everybody:
            path = self._folder / folder / f"{encoded(standing.student)}.json"
            data = encode(standing, standing.result) if standing.result else None
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_atomically(path, data)
                count += 1
        if count:
            print(f"written:  {terminal_line(str(self._folder / folder), 4000)} ({count} files)")
        else:
            print("nothing is written: nobody has a grade", file=sys.stderr)

    def _write(self, name: str, data: bytes) -> None:
        write_atomically(self._folder / name, data)
        print(f"written:  {terminal_line(str(self._folder / name), 4000)}")

    def _filled(self, name: str, filled: Filled, fill: Path, columns: str) -> None:
        """Writes the table; raises :class:`GraderError`, and leaves an earlier export, where nobody has a row in it."""
        if not filled.placed:
            rows = f"Its rows are of {named(filled.rows)}" if filled.rows else "It has no row of a student"
            ours = named([standing.student for standing in self._everybody])
            raise GraderError(
                f"{fill}: nothing is filled in: no row is one of our students'.\n{rows}; our students are {ours}.\n"
                f"Is it this course's file? If so, give the roster a column {columns}"
            )
        self._write(name, filled.data)
        print(f"filled:   {filled.filled} grades")
        if filled.scaled != 1:
            print(f"scaled:   by {filled.scaled:g}, because the column is out of another number of points")
        if filled.excused:
            print(f"excused:  {filled.excused}, left as they are")
        for what, names in (("no result of ours for", filled.rows), ("no row for", filled.unplaced)):
            if names:
                print(f"{what}: {terminal_line(named(names))}", file=sys.stderr)

    def _unfilled(self, pages: int, remedy: str) -> None:
        """Says how grades get into the LMS; raises :class:`GraderError` where there is nothing for it at all."""
        how = f"{remedy}, and give it with --fill"
        if not pages:
            raise GraderError(f"{self._assignment}: nothing is written: {how}")
        print(f"no grades: {how}", file=sys.stderr)

    def _feedback(
        self,
        name: str,
        write: Callable[[Path, Sequence[tuple[Standing, Path]]], tuple[int, tuple[str, ...]]],
        system: str,
        remedy: str,
    ) -> int:
        """The zip of feedback pages that a system hands on to students: how many are in it."""
        pages = [
            (standing, page)
            for standing in self._everybody
            if standing.result and (page := self._store.files(standing.result).html).is_file()
        ]
        count, without = write(self._folder / name, pages)
        if count:
            print(f"written:  {terminal_line(str(self._folder / name), 4000)} ({count} pages)")
        else:
            (self._folder / name).unlink()
        if without:
            line = f"no page for {system}, which could not tell whose they are: {named(without)}"
            print(
                f"{terminal_line(line)}. {remedy}",
                file=sys.stderr,
            )
        return count


def _into_nbgrader(
    course: Course, assignment: str, results: Sequence[Result], store: Store, students: Roster
) -> None:
    from autograder.gradebook import put, write_trees

    kept = put(course, assignment, results, students)
    print(f"gradebook: {kept.submissions} submissions, {kept.waiting} cells for a person to grade")
    problems = write_trees(course, assignment, results, store)
    print(f"written:  {terminal_line(str(course.root / 'autograded'), 4000)} and feedback/ beside it")
    for student, problem in list(problems.items())[:10]:
        print(terminal_line(f"not in autograded/: {student}: {problem}", 1000), file=sys.stderr)
    if len(problems) > 10:
        print(f"… and {len(problems) - 10} more students are not in autograded/", file=sys.stderr)


def _tell_states(everybody: Sequence[Standing]) -> None:
    counts = Counter(standing.state for standing in everybody)
    words: dict[State, str] = {
        "graded": "graded",
        "waiting": "wait for a person to grade the rest",
        "ungraded": "ungraded, without a grade here",
        "missing": "in the roster handed nothing in, without a grade here",
    }
    print("students: " + ", ".join(f"{counts[state]} {words[state]}" for state in words if counts[state]))
