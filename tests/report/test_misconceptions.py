"""Misconceptions, ranked."""

from __future__ import annotations

from pathlib import Path

from autograder.report import classroom
from autograder.report.misconceptions import Misconception, ranked
from autograder.results import Finding, Outcome, Result
from tests.report.classes import FAILED, PASSED, stored, student


def of(out: Path, *results: Result) -> list[Misconception]:
    return ranked(classroom.read(stored(out, results), "dl1").entries)


def saying(name: str, *findings: Finding) -> Result:
    """A student whose only check failed with these findings."""
    result = student(name, FAILED)
    result.questions[0].checks[0].findings[:] = findings
    return result


def test_the_most_common_comes_first(tmp_path: Path) -> None:
    """By how many students, however often one of them shows it; with the questions and the points."""
    first, second, third = of(
        tmp_path,
        student("kim", FAILED, FAILED, FAILED, code="bias_missing"),
        student("lee", FAILED, PASSED, PASSED, code="softmax_wrong_dim"),
        student("oh", PASSED, FAILED, PASSED, code="softmax_wrong_dim"),
        student("park", PASSED, PASSED, FAILED, code="layer_missing"),
    )
    assert (first.code, [entry.student for entry in first.students]) == ("softmax_wrong_dim", ["lee", "oh"])
    assert (first.questions, first.points) == ({"q1": 1, "q2": 1}, 20)
    assert (second.code, len(second.students), second.points) == ("bias_missing", 1, 30)
    assert third.code == "layer_missing"


def test_only_what_an_answer_shows_is_one(tmp_path: Path) -> None:
    """A blank, a stop or a fault of ours is no misconception."""
    outcomes = [outcome for outcome in Outcome if outcome not in (FAILED, Outcome.CELL_ERROR)]
    result = student("kim", *outcomes)
    for question in result.questions:
        question.checks[0].findings.append(Finding("not_answered"))
    assert of(tmp_path, result) == []


def test_a_course_authors_sentences_are_told_apart(tmp_path: Path) -> None:
    """Each is a misconception of its own, unless a question has too many: a check puts what it found into them."""

    def said(*numbers: int) -> list[Misconception]:
        findings = [Finding("check_said", facts={"sentence": f"No {number}."}) for number in numbers]
        results = [saying(f"student{at:02}", finding) for at, finding in enumerate(findings)]
        return of(tmp_path / str(len(numbers)), *results)

    assert [one.facts["sentence"] for one in said(2, 1, 1)] == ["No 1.", "No 2."]
    [found] = said(*range(20))
    assert (found.facts["sentence"], len(found.students)) == ("No 0. …", 20)


def test_facts_are_said_as_far_as_they_agree(tmp_path: Path) -> None:
    """What is the same for all stands in the text, a few texts stand in a row, anything more varied does not."""
    [found] = of(
        tmp_path,
        saying("kim", Finding("wrong_shape", facts={"name": "y", "kind": "a", "cell": 1, "key": "1"})),
        saying("lee", Finding("wrong_shape", facts={"name": "y", "kind": "b", "cell": 2, "key": "2"})),
        saying("oh", Finding("wrong_shape", facts={"name": "y", "kind": "b", "cell": 2, "key": "3"})),
        saying("park", Finding("wrong_shape", facts={"name": "y", "kind": "b", "cell": 2, "key": "4"})),
    )
    assert found.facts == {"name": "y", "kind": "a, b"}
