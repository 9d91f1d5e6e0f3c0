"""A student's page as one HTML file, with no script at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from markupsafe import Markup

from autograder.feedback.document import macros, template
from autograder.feedback.views import Page, QuestionView


def render(page: Page) -> str:
    """The page as a whole HTML document."""
    answers = [
        (question, _said(question, page.labels), page.blocks.get(question.anchor, ()))
        for question in page.questions
    ]
    return template("autograder.feedback", "student").render(page=page, answers=answers)


class _Said(NamedTuple):
    """What is said of a question, in HTML: its row in the table, and its verdicts."""

    row: Markup
    verdicts: Markup


def _said(question: QuestionView, labels: Mapping[str, str]) -> _Said:
    if question not in _known:
        parts = macros("question")
        _known[question] = _Said(parts.row(question), parts.verdicts(question, labels))
    return _known[question]


# A view is in one language, as its labels are.
_known: WeakKeyDictionary[QuestionView, _Said] = WeakKeyDictionary()
