"""The page of similar answers: both sides whole, in both languages, and nobody's text acts."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.engine.options import Record
from autograder.escaping import visible
from autograder.records.store import Store
from autograder.results import Submission
from autograder.similarity import compare, render, write
from autograder.similarity.ranking import rank
from tests.builders import course
from tests.exchange.results import check, graded, question
from tests.payloads import HOSTILE
from tests.similarity.test_ranking import COMMON, ODD, RENAMED, classroom


def page(root: Path, language: str = "en", **special: str) -> str:
    """The page of a class of ten common answers and ``special`` ones."""
    assignment = course(root)
    store = Store(root / "graded")
    answers = {f"student{number}": COMMON for number in range(10)} | special
    for student, source in answers.items():
        result = graded(
            question("linear", check("linear.a"), source=source),
            assignment=assignment.name,
            student=student,
            submission=Submission(f"submitted/{student}/x.ipynb", ""),
        )
        store.write(Record(result, "", ""))
    return write(store, assignment, compare(store, assignment, 10), language).read_text("utf-8")


def blocks(html: str) -> list[str]:
    """The text of every source shown, marks and their numbers taken off."""
    found = re.findall(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL)
    return [unescape(re.sub(r"<sup>.*?</sup>|<[^>]+>", "", block)) for block in found]


def test_both_sources_stand_side_by_side(tmp_path: Path) -> None:
    """Whole, in order, with the shared piece marked in each, and how common it is."""
    html = page(tmp_path, kim=ODD, lee=RENAMED)
    assert blocks(html) == [ODD, RENAMED]
    assert html.count("<mark>") == 2
    assert "2 of 12 answers have this piece" in html
    assert "accuses nobody" in html


def test_korean(tmp_path: Path) -> None:
    """In the course's other language."""
    html = page(tmp_path, "ko", kim=ODD, lee=RENAMED)
    assert "답 12개 중 2개에 이 부분이 있습니다" in html
    assert '<html lang="ko">' in html


def test_nothing_unusual_is_said(tmp_path: Path) -> None:
    """A class of equal answers gets a page without pairs."""
    html = page(tmp_path)
    assert "No two answers share anything" in html
    assert "<table>" not in html


TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
    ),
    *(
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "bdi",
        "div",
        "pre",
        "mark",
        "sup",
        "ol",
        "li",
        "!doctype",
    ),
}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return course(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nobodys_text_acts(assignment: Assignment, hostile: str) -> None:
    """Code and names of students' are text, wherever a mark cuts it."""
    special = {f"kim {hostile}": f"{ODD}\n{hostile}", "lee": f"{hostile}\n{RENAMED}"}
    html = render(assignment, rank(classroom(**special), [], 10), "en")
    assert "kim " in html
    assert {tag.lower() for tag in re.findall(r"</?([^\s>/]*)", html)} <= TAGS
    assert visible(html) == html
