"""One run over a class: what stands is kept, the rest is graded and written, and the end is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer
from rich.console import Console

from autograder.cli import moves
from autograder.cli.course import named
from autograder.cli.progress import Report, reporting
from autograder.cli.summary import Row, row, show
from autograder.course.config import Course
from autograder.errors import GraderError
from autograder.escaping import terminal_line
from autograder.process.interrupts import INTERRUPTED
from autograder.records.movement import Movement, movement
from autograder.records.store import Store
from autograder.results import Outcome, Result
from autograder.submissions.found import Found

if TYPE_CHECKING:
    from autograder.engine.options import Options, Record
    from autograder.grading.job import Job

MAX_FAULTS = 3  # shown whole; more of them rarely say more
MAX_SPARED = 20


@dataclass(frozen=True)
class Spared:
    """A grade that stays, because it could not be decided again through our own fault."""

    student: str
    score: float
    why: str
    other_notebook: bool

    def __str__(self) -> str:
        whose = ", of another notebook," if self.other_notebook else ""
        return f"{self.student}: not graded again ({self.why}); its earlier result of {self.score:g}{whose} is kept"


@dataclass
class ClassRun:
    """Grades ``submissions`` of one assignment into ``store``.

    ``force``: whatever stands is graded anew. ``repeated``: what was graded under another seed is, too. ``sparing``: a
    grade that stands is not lost where we cannot grade again.
    """

    course: Course
    assignment: str
    submissions: Sequence[Found]
    options: Options
    store: Store
    engine: Literal["local", "dask"] = "local"
    force: bool = False
    repeated: bool = False
    sparing: bool = True
    rows: list[Row] = field(default_factory=list)
    kept: int = 0
    moved: list[Movement] = field(default_factory=list)
    spared: list[Spared] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)  # → the students who met it

    def finish(self) -> list[Row]:
        """Grade, write and show; exits with 2 if anything is ungraded through no fault of a submission."""
        page: Path | None = None
        with self.store.locked():
            self.store.results(self.assignment).mkdir(parents=True, exist_ok=True)  # before an hour's work
            failure, interrupted = self._grade()
            table = self._table_of_moves()
            if self.rows and not interrupted:
                try:
                    page = self._class_page()
                except (GraderError, OSError) as error:  # a full disk, say: the grades are there all the same
                    failure = failure or error
        self._show(page, table)
        done = f"{len(self.rows)} of {len(self.submissions)} are graded and kept"
        if interrupted:
            print(f"interrupted: {done}", file=sys.stderr)
            raise typer.Exit(INTERRUPTED)
        if failure:
            if 0 < len(self.rows) < len(self.submissions):
                print(f"{done}; the same command goes on with the others", file=sys.stderr)
            raise failure
        lost = {found.student for found in self.submissions} - {row.student for row in self.rows}
        if lost:
            raise GraderError(f"never graded: {named(sorted(lost))}")
        if ours := [row.student for row in self.rows if row.ours]:
            raise GraderError(f"ungraded by the grader's own fault: {named(ours)}")
        return self.rows

    def _grade(self) -> tuple[GraderError | OSError | None, bool]:
        """Every submission's row; and what ended the run before its time: an error, or an interrupt."""
        run = self._engine()
        records: Iterator[Record] = iter(())
        try:
            with reporting(len(self.submissions)) as report:

                def settled(student: str, job: Callable[[], Job]) -> bool:
                    return self._keeps(student, job, report)

                records = run(self.course, self.assignment, self.submissions, self.options, settled)
                for record in records:
                    self._take(record, report)
        except (GraderError, OSError) as error:
            return error, False
        except KeyboardInterrupt:
            return None, True
        finally:
            getattr(records, "close", lambda: None)()  # a generator ends its workers now, not when collected
        return None, False

    def _engine(self) -> Callable[..., Iterator[Record]]:
        if self.engine == "dask":
            from autograder.engine.dask import run
        else:
            from autograder.engine.local import run
        return run

    def _keeps(self, student: str, job: Callable[[], Job], report: Report) -> bool:
        """Whether the result that stands is this very submission's, decided as it would be now, and whole."""
        result = None if self.force else self.store.standing(self.assignment, student)
        if result is None or _is_ours(result) or not result.key or result.key != job().key:
            return False
        if self.repeated and result.seed != self.options.seed:
            return False
        if not self.store.is_whole(result):
            return False
        self.rows.append(row(result))
        self.kept += 1
        report.kept()
        return True

    def _take(self, record: Record, report: Report) -> None:
        """Write a record and note what it moves; or spare the grade that stands."""
        result, shown = record.result, row(record.result)
        for fault in record.faults:
            self.faults.setdefault(fault, []).append(result.student)
        standing = self.store.standing(self.assignment, result.student)
        if self.sparing and _is_ours(result) and standing is not None and standing.score is not None:
            other = result.submission.has_bytes and result.submission.sha256 != standing.submission.sha256
            why = (result.ungraded.message if result.ungraded else "") or "a check failed itself"
            self.spared.append(Spared(result.student, standing.score, why, other))
        else:
            if moved := movement(standing, result):
                self.moved.append(moved)
            self.store.write(record)
        self.rows.append(shown)
        report.graded(shown)

    def _class_page(self) -> Path:
        from autograder.report import write

        language = self.options.language or self.course.config.course.language
        replaced = [spared.student for spared in self.spared if spared.other_notebook]
        return write(self.store, self.assignment, language, replaced)

    def _table_of_moves(self) -> Path | None:
        """The file with all who moved; None where nobody did, or it cannot be written: the grades are there."""
        path = self.store.moves(self.assignment)
        try:
            if self.moved:
                moves.append(path, self.moved, datetime.now(UTC))
        except OSError:
            return None
        return path if self.moved else None

    def _show(self, page: Path | None, table: Path | None) -> None:
        if self.rows:
            moved = moves.lines(self.moved, table)
            show(self.rows, self.kept, moved, self.submissions, Console(highlight=False, emoji=False))
            print(f"results:  {terminal_line(str(self.store.results(self.assignment)), 4000)}")
            print(f"feedback: {terminal_line(str(self.store.out / 'feedback'), 4000)}")
            if page:
                print(f"report:   {terminal_line(str(page), 4000)}")
            if self.kept < len(self.rows):
                print(f"seed:     {self.options.seed}", flush=True)
        if self.spared:
            others = sum(spared.other_notebook for spared in self.spared)
            kept = f"{len(self.spared)} not graded again, their earlier results kept, {others} of these of an earlier"
            print(f"{kept} notebook; the same command tries again", flush=True)
        for spared in self.spared[:MAX_SPARED]:
            print(terminal_line(str(spared), 1000), file=sys.stderr)
        if len(self.spared) > MAX_SPARED:
            print(f"… and {len(self.spared) - MAX_SPARED} more earlier results are kept", file=sys.stderr)
        for fault, students in list(self.faults.items())[:MAX_FAULTS]:
            print("\nfault of the grader or of a check:", file=sys.stderr)
            lines = f"{named(students)}: {fault}".splitlines()
            print("\n".join(terminal_line(line, 1000) for line in lines), file=sys.stderr)
        if len(self.faults) > MAX_FAULTS:
            print(f"… and {len(self.faults) - MAX_FAULTS} more faults", file=sys.stderr)


def _is_ours(result: Result) -> bool:
    """Whether it is through our own fault that something could not be decided: then it is tried again."""
    if result.ungraded is not None and result.ungraded.fault == "grader":
        return True
    outcomes = (check.outcome for question in result.questions for check in question.checks)
    return any(outcome is Outcome.GRADER_ERROR for outcome in outcomes)
