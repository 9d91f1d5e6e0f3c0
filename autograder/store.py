"""Where the results and feedback of a run lie: the layout other programs rely on.

::

    OUT/results/<assignment>/<student>.json
    OUT/feedback/<student>/<assignment>/<notebook>.html and .md

``<student>`` and ``<notebook>`` are encoded by :func:`autograder.submissions.encoded`. A result file is
written last, so that whoever finds one finds its feedback too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from autograder.results import Result, encode, write_atomically
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

    def write(self, record: Record) -> Written:
        """Write one submission's three files, each atomically; an earlier run's are replaced."""
        result = record.result
        student = encoded(result.student)
        notebook = encoded(PurePath(result.submission.path).stem)
        feedback = self.out / "feedback" / student / result.assignment
        written = Written(
            result=self.results(result.assignment) / f"{student}.json",
            html=feedback / f"{notebook}.html",
            markdown=feedback / f"{notebook}.md",
        )
        write_atomically(written.html, _utf8(record.html))
        write_atomically(written.markdown, _utf8(record.markdown))
        write_atomically(written.result, encode(result))
        return written


def _utf8(text: str) -> bytes:
    """``text`` as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    return text.encode(errors="replace")
