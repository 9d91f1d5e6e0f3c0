"""Gradescope's results.json: the keys that its specification has, and a score that is ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from autograder.exchange.gradescope import results_json
from autograder.results import Finding, Outcome, Result, Ungraded
from tests.exchange.results import check, graded, question
from tests.exchange.standings import standing

TOP = {
    *(
        "score",
        "execution_time",
        "output",
        "output_format",
        "test_output_format",
        "test_name_format",
        "visibility",
    ),
    *("stdout_visibility", "extra_data", "tests", "leaderboard"),
}
TEST = {
    *("score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags"),
    *("visibility", "extra_data"),
}


def written(result: Result, points: float | None = 7.0, penalty: float = 0.0) -> dict[str, Any]:
    data = results_json(replace(standing("kim", points), result=result, penalty=penalty))
    assert data is not None
    document: dict[str, Any] = msgspec.json.decode(data)
    return document


def test_only_what_the_specification_has() -> None:
    """Every key and value is one that Gradescope knows, for every outcome a check can have."""
    findings = [Finding("wrong_shape", "(1, 5)", "(1, 4)", {"name": "output"})]
    document = written(graded(question("q", *(check(f"q.{one.value}", one, *findings) for one in Outcome))))
    assert document.keys() <= TOP
    for test in document["tests"]:
        assert test.keys() <= TEST
        assert test["status"] in ("passed", "failed")
        assert test["visibility"] == "visible"  # one hidden test would hide the total from students
    assert {test["status"] for test in document["tests"] if test["score"]} <= {"passed"}


def test_the_score_is_what_counts() -> None:
    """After the late penalty, and said in the output; the tests' own points stay."""
    document = written(graded(question("q", check("q.a", Outcome.PASSED))), 7.0, penalty=2.0)
    assert document["score"] == 5.0
    assert "5" in document["output"]


def test_our_fault_is_no_zero() -> None:
    """Without a score and without tests Gradescope shows an error, and no grade."""
    document = written(graded(ungraded=Ungraded("grader_fault", "grader")), None)
    assert "score" not in document
    assert document["tests"] == []


def test_a_file_that_cannot_be_read_is_explained() -> None:
    """It is the student's to mend: they see why at once, and hand in again."""
    document = written(graded(ungraded=Ungraded("notebook_empty", "submission")), None)
    assert document["score"] == 0
    assert document["output"]


@pytest.mark.parametrize("text", ["<script>x</script>", "[a](javascript:b)", "`` ` ``"])
def test_students_text_is_code(text: str) -> None:
    """What a student wrote stands in a code span that it cannot leave."""
    finding = Finding("wrong_shape", "(1,)", text, {"name": "output"})
    (test,) = written(graded(question("q", check("q.a", Outcome.FAILED, finding))))["tests"]
    assert f"`{text}`" in test["output"] or f"``` {text} ```" in test["output"]
