"""What grading a pull request came to: schema ``autograder/ci/v1``.

It goes from the job that graded to the job that publishes. Whoever opened the pull request may have changed the
former's workflow, so that :func:`decode` takes any bytes: a report that is too large, says what it does not know or
counts what cannot be is refused. It has no student's code and no output in it, which the comment does not show.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from autograder.errors import GraderError
from autograder.results import Result

SCHEMA: Literal["autograder/ci/v1"] = "autograder/ci/v1"
MAX_BYTES = 8 << 20
MAX_RESULTS = 500
MAX_UNUSED = 200  # of a pull request's paths: the rest is only counted
MAX_POINTS = 1e6

Why = Literal[
    "somebody_else",
    "checks",
    "configuration",
    "workflow",
    "link",
    "submodule",
    "code",
    "unknown_assignment",
    "misplaced",
    "deleted",
    "unusable_name",
    "other",
]
Commit = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]


class Unused(Struct, frozen=True, forbid_unknown_fields=True):
    """A changed path that had no influence, and why."""

    path: Annotated[str, Meta(max_length=4_096 * 4)]
    why: Why


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``number`` is the pull request's on its host; None where there is none. ``whole``: nothing of ours failed."""

    schema: Literal["autograder/ci/v1"] = SCHEMA
    number: Annotated[int, Meta(ge=1, le=2**31)] | None
    base: Commit
    head: Commit
    language: Annotated[str, Meta(max_length=20)]
    results: Annotated[list[Result], Meta(max_length=MAX_RESULTS)]
    unused: Annotated[list[Unused], Meta(max_length=MAX_UNUSED)]
    unused_count: Annotated[int, Meta(ge=0, le=2**31)]
    whole: bool = True


_decoder = msgspec.json.Decoder(Report)


def slim(report: Report) -> Report:
    """The report as it is published: without code, output and errors of students' own."""
    return msgspec.structs.replace(report, results=[_slim(result) for result in report.results[:MAX_RESULTS]])


def _slim(result: Result) -> Result:
    questions = [
        msgspec.structs.replace(question, source="", output="", error=None) for question in result.questions
    ]
    return msgspec.structs.replace(result, questions=questions)


def encode(report: Report) -> bytes:
    """The report as UTF-8 JSON, ending in a newline."""
    return msgspec.json.encode(report) + b"\n"


def decode(data: bytes) -> Report:
    """The report in ``data``; raises :class:`GraderError` for anything else."""
    if len(data) > MAX_BYTES:
        raise GraderError(f"the report is larger than {MAX_BYTES >> 20} MiB: it is not the grader's")
    try:
        report = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise GraderError(f"the report is not the grader's: {error}") from None
    for result in report.results:
        numbers = [result.score or 0.0, result.max_score]
        numbers += [number for one in result.questions for number in (one.score, one.max_score)]
        checks = [check for one in result.questions for check in one.checks]
        numbers += [number for check in checks for number in (check.points, check.max_points)]
        if not all(math.isfinite(number) and 0 <= number <= MAX_POINTS for number in numbers):
            raise GraderError("the report is not the grader's: it counts points that cannot be")
        if (result.score is None) != (result.status == "ungraded") or (result.score or 0) > result.max_score:
            raise GraderError("the report is not the grader's: its score contradicts itself")
    return report
