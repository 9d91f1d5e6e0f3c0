"""Moodle: a grading worksheet as mod_assign writes it, in any language."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.exchange import moodle
from autograder.exchange.standing import Standing
from autograder.exchange.table import ExchangeError
from tests.exchange.standings import imported, standing, write

ENGLISH = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    'Participant 123,"Kim, Minsu",kim@x.kr,"Submitted for grading - ",,100.00,Yes,'
    '"Monday, 2 October 2026, 10:00 AM",-,"old, <p>comment</p>"\n'
    'Participant 124,"Lee Jo",lee@x.kr,"No submission - ",55.00,100.00,Yes,-,"Monday, 5 October 2026, 9:00 AM",\n'
)
GERMAN = (
    "ID,Vollständiger Name,Status,Bewertung,Bestwertung,Änderbar,Zuletzt geändert (Bewertung)\r\n"
    'Teilnehmer/in123,Kim Minsu,Abgegeben,,"50,00",Ja,-\r\n'
)
KOREAN = (
    "식별자,이름,상태,성적,최고 성적,성적 수정 가능,마지막 수정 (성적)\n참가자 123,김민수,제출,,100.00,예,-\n"
)


def test_only_grades_change(tmp_path: Path) -> None:
    """Comments, times and Moodle's own "last modified" stay: by those it decides whether to take a row."""
    here = moodle.fill(
        write(tmp_path / "w.csv", ENGLISH),
        None,
        [imported("kim", "moodle", participant_id="123"), standing("z")],
    )
    assert here.data == ENGLISH.replace('grading - ",,', 'grading - ",85,').encode()
    assert here.rows == ("Participant 124 Lee Jo",)
    assert here.unplaced == ("z",)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (GERMAN, 'Abgegeben,,"50,00"', 'Abgegeben,"43,75","50,00"'),
        (KOREAN, "제출,,100.00", "제출,87.5,100.00"),
    ],
)
def test_headings_and_decimals_of_any_language(tmp_path: Path, text: str, before: str, after: str) -> None:
    """The grade stands left of the one number that every row has; decimals are those of that number."""
    here = moodle.fill(write(tmp_path / "w.csv", text), None, [standing("k", 87.5, moodle_id="123")])
    assert here.data == text.replace(before, after).encode()


@pytest.mark.parametrize(
    "who",
    [
        standing("k", moodle_id="124"),
        standing("lee@x.kr"),
        standing("k", email="LEE@x.kr"),
        standing("k", name="Jo Lee"),
    ],
)
def test_students_are_found_by_each_of_their_ids(tmp_path: Path, who: Standing) -> None:
    """By participant, by an id or address in the row, by name."""
    here = moodle.fill(write(tmp_path / "w.csv", ENGLISH), None, [who])
    assert b'"No submission - ",85,100.00' in here.data


def test_a_number_that_is_not_an_id_matches_nobody(tmp_path: Path) -> None:
    """A student called 100 is not whoever can have 100 points."""
    assert (
        moodle.fill(write(tmp_path / "w.csv", ENGLISH), None, [standing("100.00"), standing("55.00")]).filled
        == 0
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1x,2\n", "no Moodle grading worksheet"),
        ("Id,Name,Status,Note,Rest\nP 1,A,x,,gut\nP 2,B,x,,schlecht\n", "which column holds the grades"),
        ("Id,Name,Status,Grade,Scale\nP 1,A,x,,gut\n", "no number of points"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Each refusal names the file and what to do."""
    with pytest.raises(ExchangeError) as caught:
        moodle.fill(write(tmp_path / "w.csv", text), None, [standing("a")])
    assert says in str(caught.value)


def test_pages_go_back_to_participants(tmp_path: Path) -> None:
    """Moodle splits a name at underscores: ours has none, so that its number is the second part."""
    page = write(tmp_path / "dl1.html", "<p>")
    who = standing("kim", name="김_민/수..", moodle_id="123")
    assert moodle.write_feedback(tmp_path / "back.zip", [(who, page), (standing("lee"), page)]) == (
        1,
        ("lee",),
    )
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        (name,) = archive.namelist()
    assert name.split("_", 4)[1:] == ["123", "assignfeedback", "file", "dl1.html"]
    assert "/" not in name
