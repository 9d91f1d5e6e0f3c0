"""Where the results and feedback of a run lie: the layout other programs rely on.

::

    OUT/results/<assignment>/<student>.json
    OUT/feedback/<student>/<assignment>/<notebook>.html and .md
    OUT/export/<assignment>/…
    OUT/report/<assignment>/index.html and moved.csv
    OUT/similar/<assignment>/index.html

``<student>`` and ``<notebook>`` are encoded by :func:`autograder.submissions.found.encoded`. A result file is
written last, so that whoever finds one finds its feedback too; and it holds the digests of its pages, so that a run
which was cut off between two files never leaves a result that passes for one with the other's pages.

One run writes at a time. Its lock is the kernel's (``flock``), which goes with the process however that ends.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

import msgspec

from autograder.errors import GraderError, OutputBusy
from autograder.results import Result, Submission, decode, encode, write_atomically
from autograder.submissions.found import encoded

LOCK, SCRATCH = ".lock", ".writing"


class Record(Protocol):
    """One graded submission, with its feedback rendered."""

    @property
    def result(self) -> Result: ...
    @property
    def html(self) -> str: ...
    @property
    def markdown(self) -> str: ...


class Brief(msgspec.Struct, frozen=True):
    """Of a result, what tells what it was decided by; of a whole class at once it is small."""

    student: str
    assignment_digest: str
    seed: int
    submission: Submission


@dataclass(frozen=True)
class Written:
    """The three files of one submission."""

    result: Path
    html: Path
    markdown: Path


@dataclass(frozen=True)
class Store:
    out: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While inside, no other run writes here; raises :class:`OutputBusy` if one does already.

        What a run that was killed left half written is cleared away.
        """
        import fcntl  # grading is for Linux; this module is not

        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / LOCK).open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read(200).decode(errors="replace").strip() or "another one"
                remedy = "Wait until it is done, or give another --out"
                raise OutputBusy(f"{self.out}: a run is writing here already ({holder}). {remedy}") from None
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            file.flush()
            shutil.rmtree(self.out / SCRATCH, ignore_errors=True)
            (self.out / SCRATCH).mkdir()
            try:
                yield
            finally:
                shutil.rmtree(self.out / SCRATCH, ignore_errors=True)

    def results(self, assignment: str) -> Path:
        """The folder of the assignment's result files."""
        return self.out / "results" / assignment

    def empty(self, assignment: str) -> GraderError:
        """What to raise where the assignment has no results."""
        return GraderError(f"{self.results(assignment)}: holds no results. Grade first: grader grade {assignment}")

    def report(self, assignment: str) -> Path:
        """The assignment's class page."""
        return self.out / "report" / assignment / "index.html"

    def moves(self, assignment: str) -> Path:
        """The table of whose score moved when the assignment was graded again."""
        return self.report(assignment).with_name("moved.csv")

    def files(self, result: Result) -> Written:
        """Where the three files of ``result`` lie, or are to."""
        student = encoded(result.student)
        notebook = encoded(PurePath(result.submission.path).stem)
        feedback = self.out / "feedback" / student / result.assignment
        return Written(
            result=self.results(result.assignment) / f"{student}.json",
            html=feedback / f"{notebook}.html",
            markdown=feedback / f"{notebook}.md",
        )

    def standing(self, assignment: str, student: str) -> Result | None:
        """The student's result as it stands; None if there is none, or none that can be read."""
        try:
            result = decode((self.results(assignment) / f"{encoded(student)}.json").read_bytes())
        except (OSError, msgspec.MsgspecError, RecursionError):
            return None
        return result if (result.assignment, result.student) == (assignment, student) else None

    def is_whole(self, result: Result) -> bool:
        """Whether both of the result's pages lie here as they were written with it."""
        place = self.files(result)
        try:
            return result.pages == _digests(place.html.read_bytes(), place.markdown.read_bytes())
        except OSError:
            return False

    def write(self, record: Record) -> Written:
        """Write one submission's three files, each atomically; an earlier run's are replaced."""
        html, markdown = _utf8(record.html), _utf8(record.markdown)
        result = msgspec.structs.replace(record.result, pages=_digests(html, markdown))
        place, scratch = self.files(result), self.out / SCRATCH
        scratch.mkdir(parents=True, exist_ok=True)
        write_atomically(place.html, html, scratch, lasting=False)
        write_atomically(place.markdown, markdown, scratch, lasting=False)
        write_atomically(place.result, encode(result), scratch, lasting=False)
        return place

    def read(self, assignment: str) -> Iterator[Result]:
        """Every result of the assignment, by file name. Raises GraderError for a file that is none."""
        for path in sorted(self.results(assignment).glob("*.json")):
            try:
                yield decode(path.read_bytes())
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                remedy = "Remove it and grade that student again"
                raise GraderError(f"{path}: is no result of this version ({error}). {remedy}") from None

    def briefs(self, assignment: str) -> Iterator[Brief]:
        """Every result of the assignment in brief; a file that is none is passed over."""
        for path in sorted(self.results(assignment).glob("*.json")):
            with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
                yield msgspec.json.decode(path.read_bytes(), type=Brief)

    def similar(self, assignment: str) -> Path:
        """The page of the assignment's similar answers."""
        return self.out / "similar" / assignment / "index.html"

    def exports(self, assignment: str) -> Path:
        """The folder of what is made for other systems."""
        return self.out / "export" / assignment


def _digests(html: bytes, markdown: bytes) -> dict[str, str]:
    return {
        "html": hashlib.sha256(html).hexdigest(),
        "md": hashlib.sha256(markdown).hexdigest(),
    }


def _utf8(text: str) -> bytes:
    """``text`` as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    return text.encode(errors="replace")
