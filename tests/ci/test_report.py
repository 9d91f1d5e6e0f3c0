"""A report that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.ci.report import MAX_BYTES, MAX_RESULTS, Report, Unused, decode, encode, slim
from autograder.errors import GraderError
from autograder.results import CellError, Outcome
from tests.exchange.results import check, graded, question


def made() -> Report:
    result = graded(
        question(
            "q",
            check("q.one", Outcome.FAILED),
            source="code",
            output="text",
            error=CellError(1, "E", "message", 1),
        )
    )
    whole = Report(
        number=7,
        base="0" * 40,
        head="a" * 40,
        language="ko",
        results=[result],
        unused=[Unused("x", "code")],
        unused_count=1,
    )
    return slim(whole)


def test_there_and_back() -> None:
    """What was written is what is read, and no code, output or error of a student's is in it."""
    data = encode(made())
    assert decode(data) == made()
    [one] = json.loads(data)["results"][0]["questions"]
    assert (one["source"], one["output"], one["error"]) == ("", "", None)


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(encode(made())) | fields).encode()


def of_result(**fields: Any) -> bytes:
    whole = json.loads(encode(made()))
    whole["results"][0] |= fields
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * (MAX_BYTES + 1),
        changed(schema="autograder/ci/v2"),
        changed(number="7"),
        changed(number=0),
        changed(number=7.5),
        changed(number=[7]),
        changed(head="main"),
        changed(head="a" * 39 + "\n"),
        changed(base="../../etc"),
        changed(language="x" * 100),
        changed(extra="field"),
        changed(unused=[{"path": "x", "why": "because"}]),
        changed(unused=[{"path": "x", "why": "code"}] * 201),
        changed(results=[json.loads(encode(made()))["results"][0]] * (MAX_RESULTS + 1)),
        of_result(score=101, max_score=100),
        of_result(score=-1),
        of_result(score=1e300),
        of_result(score=None),
        of_result(status="ungraded"),
        of_result(questions=[{"id": "q", "score": 1e9, "max_score": 1, "checks": []}]),
        of_result(questions="<script>"),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    """Another schema, type, size or number than the grader writes is an error, and no other exception."""
    with pytest.raises(GraderError, match="report"):
        decode(data)


def test_a_forged_field_is_seen_to_be_refused_for_itself() -> None:
    """The report that these are made from is accepted."""
    assert decode(changed()) == made()
    assert decode(of_result()) == made()
