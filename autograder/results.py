"""What grading says about a submission: passive, frozen, and written to disk atomically.

Nothing here decides a verdict or words a message. A result is schema ``autograder/result/v1``;
:func:`encode` and :func:`decode` are its JSON.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from enum import Enum
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

SCHEMA: Literal["autograder/result/v1"] = "autograder/result/v1"
_OF_NOTHING = hashlib.sha256(b"").hexdigest()


class Outcome(Enum):
    """A check's outcome; the order is the order in which they are decided."""

    GRADER_ERROR = "grader_error"
    NOT_ANSWERED = "not_answered"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    CELL_ERROR = "cell_error"
    FAILED = "failed"
    PASSED = "passed"


class Step(Struct, frozen=True, omit_defaults=True):
    """One step of two models side by side, in a few words; None where one of them has no such step."""

    expected: str | None = None
    found: str | None = None
    differs: bool = False


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that was seen. ``code`` is in the catalogue of messages, which words it.

    ``expected`` and ``found`` are short texts for people (``"(1, 5)"``, ``"p=0.8"``);
    ``facts`` fill the message's other placeholders; ``steps`` are the expected and the found model, aligned.
    """

    code: str
    expected: str | None = None
    found: str | None = None
    facts: dict[str, str | int | float] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


class Remark(Struct, frozen=True, omit_defaults=True):
    """Something worth saying that costs no point. ``code`` is in the catalogue."""

    code: str
    facts: dict[str, str | int | float] = field(default_factory=dict)
    question: str | None = None


class CheckResult(Struct, frozen=True):
    id: str
    outcome: Outcome
    points: float
    max_points: float
    visibility: Literal["public", "hidden"]
    about: dict[str, str]  # language → what the check looks at, in words
    findings: list[Finding] = field(default_factory=list)


class CellError(Struct, frozen=True):
    """An exception a student's cell raised. ``cell`` and ``line`` count from 1; line 0: unknown."""

    cell: int
    name: str
    message: str
    line: int


class QuestionResult(Struct, frozen=True):
    id: str
    score: float
    max_score: float
    checks: list[CheckResult]
    title: dict[str, str] = field(default_factory=dict)  # language → the question's title
    section: str = ""  # anchor of the notebook's text that explains it
    heading: dict[str, str] = field(default_factory=dict)  # language → that text's heading
    source: str = ""  # the student's own code for this question, as submitted
    cell_lines: dict[int, int] = field(default_factory=dict)  # cell → the line of ``source`` it begins at
    output: str = ""  # what it printed, cut to the limit
    error: CellError | None = None


class Submission(Struct, frozen=True):
    path: str
    sha256: str

    @property
    def has_bytes(self) -> bool:
        """Whether any byte of it could be read."""
        return self.sha256 != _OF_NOTHING


class Environment(Struct, frozen=True):
    torch: str
    sandbox: dict[str, bool]  # layer → applied to this submission's process


class Ungraded(Struct, frozen=True):
    """Why there is no score. ``fault`` is whose: the student's file, or ours."""

    code: str
    fault: Literal["submission", "grader"]
    message: str = ""
    facts: dict[str, str | int | float] = field(default_factory=dict)


class HandIn(Struct, frozen=True, omit_defaults=True):
    """When a submission came in. Times are ISO 8601 with their distance from UTC, empty where not known."""

    at: str = ""
    due: str = ""  # the student's own extension, if there is one
    late_seconds: int = 0  # since it was due; 0 within the grace period
    penalty_percent: float = 0.0  # of all points there are
    attempt: int = 1
    attempts: int = 1


class Result(Struct, frozen=True, kw_only=True):
    schema: Literal["autograder/result/v1"] = SCHEMA
    assignment: str
    student: str
    status: Literal["graded", "ungraded"]
    score: float | None
    max_score: float
    seed: int
    language: str
    submission: Submission
    assignment_digest: str
    environment: Environment
    lesson: str = ""  # address of the text that explains the questions; their sections are its anchors
    timing: dict[str, float]  # stage → seconds
    usage: dict[str, float] = field(default_factory=dict)  # processes, cpu_seconds, peak_mib: of student code
    durations: dict[str, float] = field(default_factory=dict)  # question (its cells) or check → seconds
    remarks: list[Remark] = field(default_factory=list)
    headlines: dict[int, str] = field(default_factory=dict)  # cell that is spoken of → how its code begins
    questions: list[QuestionResult] = field(default_factory=list)
    ungraded: Ungraded | None = None
    handed_in: HandIn | None = None
    key: str = ""  # digest of all that the result depends on; the seed is its own matter
    pages: dict[str, str] = field(default_factory=dict)  # suffix → sha256 of the feedback page, once written

    @property
    def penalty(self) -> float:
        """The points that lateness takes off :attr:`score`, which is what the checks gave; never more than it."""
        percent = self.handed_in.penalty_percent if self.handed_in else 0.0
        return round(min(self.score or 0.0, percent * self.max_score / 100), 2)


class Marks(Struct, frozen=True):
    """What nbgrader's gradebook says of one submission, people's changes included.

    ``waiting``: a person has not graded all of it yet.
    """

    score: float
    max_score: float
    waiting: bool


def encode(result: Result) -> bytes:
    """The result as UTF-8 JSON, indented, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def decode(data: bytes) -> Result:
    """The result in ``data``; raises :class:`msgspec.DecodeError` if it is none."""
    return msgspec.json.decode(data, type=Result)


def write_atomically(path: Path, data: bytes, scratch: Path | None = None, lasting: bool = True) -> None:
    """Put ``data`` at ``path`` so that a reader sees the old file or the whole new one.

    Until it is whole it lies in ``scratch``, a folder of the same file system, or beside ``path``. ``lasting``: it is
    on the disk when this returns; else a power cut in the next half minute may leave an empty file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=scratch or path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say where
        raise
