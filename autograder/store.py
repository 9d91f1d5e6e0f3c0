"""Where the results and feedback of a run lie: the layout other programs rely on.

::

    OUT/results/<assignment>/<student>.json
    OUT/feedback/<student>/<assignment>/<notebook>.html and .md
    OUT/export/<assignment>/…
    OUT/report/<assignment>/index.html

``<student>`` and ``<notebook>`` are encoded by :func:`autograder.submissions.encoded`. A result file is
written last, so that whoever finds one finds its feedback too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

import msgspec

from autograder.errors import GraderError
from autograder.results import Result, decode, encode, write_atomically
from autograder.submissions import encoded


class Record(Protocol):
    """One graded submission, with its feedback rendered."""

    @property
    def result(self) -> Result: ...
    @property
    def html(self) -> str: ...
    @property
    def markdown(self) -> str: ...


@dataclass(frozen=True)
class Written:
    """The three files of one submission."""

    result: Path
    html: Path
    markdown: Path


@dataclass(frozen=True)
class Store:
    out: Path

    def results(self, assignment: str) -> Path:
        """The folder of the assignment's result files."""
        return self.out / "results" / assignment

    def report(self, assignment: str) -> Path:
        """The assignment's class page."""
        return self.out / "report" / assignment / "index.html"

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

    def write(self, record: Record) -> Written:
        """Write one submission's three files, each atomically; an earlier run's are replaced."""
        written = self.files(record.result)
        write_atomically(written.html, _utf8(record.html))
        write_atomically(written.markdown, _utf8(record.markdown))
        write_atomically(written.result, encode(record.result))
        return written

    def read(self, assignment: str) -> Iterator[Result]:
        """Every result of the assignment, by file name. Raises GraderError for a file that is none."""
        for path in sorted(self.results(assignment).glob("*.json")):
            try:
                yield decode(path.read_bytes())
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                remedy = "Remove it and grade that student again"
                raise GraderError(f"{path}: is no result of this version ({error}). {remedy}") from None

    def exports(self, assignment: str) -> Path:
        """The folder of what is made for other systems."""
        return self.out / "export" / assignment


def _utf8(text: str) -> bytes:
    """``text`` as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    return text.encode(errors="replace")
