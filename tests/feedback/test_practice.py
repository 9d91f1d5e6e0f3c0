"""Feedback in a notebook's cell: a fragment that acts on nothing but itself."""

from __future__ import annotations

import re

import pytest

from autograder.escaping import visible
from autograder.feedback.practice import Shown
from autograder.messages import catalogue
from autograder.results import Outcome
from tests.feedback.test_pages import TAGS, Document, check, everywhere, finding, question, result
from tests.payloads import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """No element, attribute or link comes from what a student's objects say of themselves."""
    shown = Shown.of(everywhere(text), "en")
    page = Document(shown._repr_html_())
    assert {tag for tag, _ in page.elements} <= TAGS | {"strong"}
    assert not [
        name for _, said in page.elements for name in said if name.startswith(("on", "style", "src", "href"))
    ]
    assert visible(text).strip() in page.all_text()
    assert "\x1b" not in repr(shown)
    assert all(ord(sign) >= 32 or sign == "\n" for sign in repr(shown))


def test_the_style_touches_nothing_else() -> None:
    """Each of its rules begins at the fragment's own class: the notebook around it looks as before."""
    page = Document(Shown.of(result(question(check())), "ko")._repr_html_())
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", page.style) for one in rule.split(",")]
    assert selectors
    assert all(".autograder-check" in one for one in selectors)
    assert "url(" not in page.style
    assert "@" not in page.style


def test_what_is_not_answered_is_one_line_among_others() -> None:
    """A list of eleven questions is no list of reproaches; asked about alone, it says what is missing."""
    unanswered = question(check(Outcome.NOT_ANSWERED, finding("not_answered")))
    words = catalogue("en").text("not_answered")
    alone, among = Shown.of(result(unanswered), "en"), Shown.of(result(unanswered, question(check())), "en")
    assert words in alone._repr_html_()
    assert words in repr(alone)
    assert words not in among._repr_html_()
    assert words not in repr(among)


def test_that_there_are_hidden_checks_is_said_where_nothing_is_left_to_mend() -> None:
    """After a pass, that it is not yet the score; after a failure, only what to mend."""
    closing = catalogue("en").ui("public_checks_only")
    assert closing in Shown.of(result(question(check(Outcome.PASSED))), "en")._repr_html_()
    assert closing not in Shown.of(result(question(check(Outcome.FAILED))), "en")._repr_html_()
    assert closing not in Shown.of(result(question()), "en")._repr_html_()
