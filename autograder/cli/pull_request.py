"""One run over a pull request: what it changes is found, graded, and said in every form that CI takes."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.ci import markdown
from autograder.ci.annotations import Annotation, commands, of_result, of_unused
from autograder.ci.changes import Author, Layout, sort
from autograder.ci.lines import Lines
from autograder.ci.occasion import Occasion
from autograder.ci.publishing import REPORT
from autograder.ci.report import MAX_UNUSED, Report, Unused, encode, slim
from autograder.ci.repository import Repository
from autograder.ci.workspace import lay_out_course, lay_out_notebooks, path_in_head
from autograder.cli.class_run import ClassRun
from autograder.cli.summary import Row
from autograder.course.assignment import limits_of
from autograder.course.config import FILE_NAME, Course, Language, load
from autograder.errors import GraderError
from autograder.escaping import markdown_code, terminal_line
from autograder.exchange.classroom50 import classroom50_json
from autograder.exchange.junit import junit_xml
from autograder.messages import catalogue
from autograder.process.scratch import ScratchFolder
from autograder.records.store import Store
from autograder.results import Result, write_atomically
from autograder.submissions.found import Found, encoded

if TYPE_CHECKING:
    from autograder.engine.options import Options


@dataclass
class PullRequestRun:
    """Grades into ``out``. ``trusted`` is a folder whose course goes before the base's."""

    told: Occasion
    environment: Mapping[str, str]
    layout: Layout
    out: Path
    trusted: Path | None
    language: Language | None
    workers: int
    seed: int | None
    commits: tuple[str, str] | None = None  # base and head, once they are known
    submitted_at: datetime | None = None
    frame_language: str = "en"  # of what is said around the results
    results: list[Result] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    unused: tuple[Unused, ...] = ()

    def grade(self, base: str | None, head: str | None, student: str | None) -> None:
        """Find, grade and write; raises :class:`GraderError` for what is no fault of a notebook.

        What was graded before that is kept, and so is what of other assignments can be.
        """
        repository = Repository(Path.cwd())
        start = repository.commit(base or self.told.base or "origin/HEAD")
        end = repository.commit(head or self.told.head or "HEAD")
        self.commits, self.submitted_at = (start, end), repository.committed_at(end)
        with ScratchFolder() as folder:
            root = folder.resolve()
            lay_out_course(repository, start, self.trusted, root)
            course = Course(root, load(root / FILE_NAME))
            self.frame_language = self.language or course.config.course.language
            self._grade(repository, course, self._whose(student, repository))

    def _whose(self, student: str | None, repository: Repository) -> str:
        """The student of a repository of one's own."""
        owner = self.environment.get("OWNER") if self.environment.get("CLASSROOM") else None  # Classroom 50's
        name = student or owner or self.told.repository or repository.root.name
        if "/" in name or name in (".", ".."):
            raise GraderError(f"--student: {name!r} cannot be a student's name. Give one without a slash")
        return name

    def _grade(self, repository: Repository, course: Course, student: str) -> None:
        from autograder.engine.options import Options

        assert self.commits is not None
        start, end = self.commits
        changed = repository.changed(repository.fork_point(start, end) or start, end)
        author = Author(self.told.account, course.config.pull_requests) if self.told.account else None
        assignments = course.assignments()
        sorted_out = sort(changed, assignments, author, self.layout, student)
        self.unused = sorted_out.unused
        options = Options(
            workers=self.workers,
            seed=secrets.randbits(63) if self.seed is None else self.seed,
            language=self.language,
            require=frozenset(course.config.sandbox.require),
        )
        failures = []
        for assignment in sorted({work.assignment for work in sorted_out.handed}):
            try:
                limits = limits_of(course, assignment)
                work = [one for one in sorted_out.handed if one.assignment == assignment]
                max_bytes = limits.notebook_mib << 20
                found = lay_out_notebooks(repository, end, work, changed, self.layout, course, max_bytes)
                self._grade_assignment(course, assignment, found, options, max_bytes)
            except (GraderError, OSError) as error:
                failures.append(error)
        self._say_unused(len(changed))
        if failures:
            raise failures[0]

    def _grade_assignment(
        self, course: Course, assignment: str, submissions: Sequence[Found], options: Options, max_bytes: int
    ) -> None:
        """Grade, write and show; what was graded is kept, whatever is raised."""
        store = Store(self.out)
        run = ClassRun(course, assignment, submissions, options, store, force=True, sparing=False)
        try:
            run.finish()
        finally:
            self.rows += run.rows
            found = {one.student: one for one in submissions}
            for graded in run.rows:
                if result := store.standing(assignment, graded.student):
                    own = found[graded.student].path
                    lines = Lines(own.read_bytes() if own.stat().st_size <= max_bytes else b"")
                    path = path_in_head(own, course.root, self.layout)
                    self.results.append(result)
                    self.annotations += of_result(result, path, lines)

    def _say_unused(self, changed: int) -> None:
        if not self.rows:
            print(f"no notebook to grade among {changed} changed files")
        words = catalogue("en")
        for one in self.unused[: markdown.MAX_UNUSED]:
            print(f"not used: {terminal_line(one.path)}: {words.ui(f'unused_{one.why}')}")
        if len(self.unused) > markdown.MAX_UNUSED:
            print(f"… and {len(self.unused) - markdown.MAX_UNUSED} more files that were not used")

    def below(self, min_score: float | None) -> list[str]:
        """Who misses it."""
        graded = [row for row in self.rows if row.score is not None and min_score is not None]
        return [row.student for row in graded if not row.reaches(min_score or 0)]

    def tell(self, failure: str) -> None:
        """Write every file, the step's summary and the annotations; ``failure`` is why the run is not whole."""
        words = catalogue(self.frame_language)
        self.annotations += of_unused(self.unused, words)
        if failure:
            self.annotations.append(Annotation("error", "grader", failure))
        if self.told.service == "github":
            for line in commands(self.annotations, words):
                print(line)
            sys.stdout.flush()
        if self.commits is not None:
            self._write(self._report(whole=not failure))
        self._summarise(failure)

    def _report(self, whole: bool) -> Report:
        assert self.commits is not None
        return Report(
            number=self.told.number,
            base=self.commits[0],
            head=self.commits[1],
            language=self.frame_language,
            results=self.results,
            unused=list(self.unused[:MAX_UNUSED]),
            unused_count=len(self.unused),
            whole=whole,
        )

    def _write(self, report: Report) -> None:
        assert self.submitted_at is not None
        now, folder = datetime.now(UTC), self.out / "ci"
        write_atomically(folder / REPORT, encode(slim(report)))
        write_atomically(folder / "comment.md", markdown.comment(report).encode(errors="replace"))
        write_atomically(folder / "junit.xml", junit_xml(self.results, now, socket.gethostname()))
        graded = [result for result in self.results if result.score is not None]
        for result in graded:
            data = classroom50_json(result, self.environment, self.submitted_at, now)
            write_atomically(
                folder / "classroom50" / result.assignment / f"{encoded(result.student)}.json", data
            )
            if (
                self.environment.get("CLASSROOM") and len(graded) == 1
            ):  # where Classroom 50's runner looks for it
                write_atomically(Path("result.json"), data)

    def _summarise(self, failure: str) -> None:
        """Append to the files that GitHub's runner reads afterwards."""
        if path := self.environment.get("GITHUB_STEP_SUMMARY"):
            used = Path(path).stat().st_size if Path(path).exists() else 0
            note = f"{markdown_code(failure)}\n\n" if failure else ""
            room = markdown.SUMMARY_BYTES - used - len(note.encode(errors="replace"))
            _append(
                path, note + (markdown.summary(self._report(whole=not failure), room) if self.commits else "")
            )
        if path := self.environment.get("GITHUB_OUTPUT"):
            graded = sum(row.score is not None for row in self.rows)
            _append(path, f"graded={graded}\nungraded={len(self.rows) - graded}\n")


def _append(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8", errors="replace") as file:
        file.write(text)
