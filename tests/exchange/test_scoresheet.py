"""The plain CSV file: nbgrader's columns, harmless cells, no zero where there is no grade."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from autograder.course.roster import Student
from autograder.exchange.scoresheet import sheet
from autograder.exchange.standing import Standing
from autograder.results import HandIn, Outcome
from tests.exchange.results import check, graded, question
from tests.exchange.standings import standing


def rows(*standings: Standing) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet("dl1", standings).decode("utf-8-sig"), newline="")))


def test_it_is_what_spreadsheets_read_as_utf8() -> None:
    """A byte order mark in front, CRLF behind each row."""
    data = sheet("dl1", [standing("김민수")])
    assert data.startswith(b"\xef\xbb\xbfassignment,duedate,timestamp,student_id,")
    assert data.count(b"\r\n") == 2


def test_scores_before_and_after_the_penalty() -> None:
    """The raw score, what lateness costs, what counts, and each question's own."""
    result = graded(question("linear", check("linear.a", Outcome.PASSED)))
    late = HandIn("2026-10-02T10:00:00+09:00", "2026-10-01T23:59:00+09:00", 36060, 10.0, 2, 3)
    who = replace(standing("kim", 96, group="A"), penalty=10.0, result=result, handed_in=late)
    (row,) = rows(who)
    assert (row["raw_score"], row["late_submission_penalty"], row["score"], row["max_score"]) == (
        *("96", "10", "86", "100"),
    )
    assert (row["timestamp"], row["duedate"], row["attempt"], row["group"]) == (late.at, late.due, "2", "A")
    assert row["linear"] == f"{result.questions[0].score:g}"


@pytest.mark.parametrize("state", ["ungraded", "missing"])
def test_no_grade_is_no_zero(state: str) -> None:
    """Who was not graded has empty scores, and the row says why."""
    (row,) = rows(replace(standing("kim", None), state=state))  # type: ignore[arg-type]
    assert (row["raw_score"], row["score"], row["status"]) == ("", "", state)


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+cmd", "@SUM(A1)", "\t=1", "a,=1", "a;=1"])
def test_no_cell_is_a_formula(name: str) -> None:
    """Names are students': whatever a spreadsheet would calculate is kept from it."""
    for row in rows(Standing(Student(name, name=name, email=name, group=name), "missing", 1.0)):
        for column in ("student_id", "name", "email", "group", "last_name"):
            assert not row[column].startswith(("=", "+", "-", "@", "\t"))
            assert ",=" not in row[column]
            assert ";=" not in row[column]
