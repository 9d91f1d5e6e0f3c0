"""Feedback as the output of a notebook's cell: a fragment of HTML, and text where there is no HTML.

A fragment brings its own style, which touches nothing else, and takes its colours from the notebook that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.escaping import terminal_line
from autograder.feedback.document import fragment
from autograder.feedback.page import build
from autograder.feedback.views import FindingView, Page, QuestionView
from autograder.messages import Catalogue, Phrase, catalogue
from autograder.messages.phrase import Fact, plain
from autograder.results import Outcome, Result

MAX_CHARACTERS = 1_200  # of one line of text


@dataclass(frozen=True, slots=True)
class Shown:
    """What IPython shows: it asks for HTML, and on a terminal for text."""

    language: str
    heading: str
    page: Page | None
    notes: tuple[Phrase, ...]
    closing: str

    @classmethod
    def of(cls, result: Result, language: str) -> Shown:
        """What the public checks found. That they are not all there is, is said where nothing is left to mend."""
        words = catalogue(language)
        outcomes = {check.outcome for question in result.questions for check in question.checks}
        closing = words.ui("public_checks_only") if outcomes == {Outcome.PASSED} else ""
        page = build(result, language)
        return cls(page.language, words.ui("public_checks"), page, (), closing)

    @classmethod
    def told(cls, words: Catalogue, *keys: str, facts: Mapping[str, Fact] | None = None) -> Shown:
        """A few sentences in place of verdicts."""
        notes = tuple(words.ui_phrase(key, facts or {}) for key in keys)
        return cls(words.language, words.ui("public_checks"), None, notes, "")

    def says_all(self, question: QuestionView) -> bool:
        """Whether a question's line needs nothing below it: of many, one that is not answered yet."""
        return self.page is not None and len(self.page.questions) > 1 and question.verdict.kind == "open"

    def _repr_html_(self) -> str:
        return fragment("practice").render(shown=self, page=self.page)

    def __repr__(self) -> str:
        return "\n".join(terminal_line(line, MAX_CHARACTERS) for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield from map(plain, self.notes)
        for question in self.page.questions if self.page else ():
            yield f"{question.title}: {question.verdict.word} ({question.points})"
            if self.says_all(question):
                continue
            for finding in question.findings:
                yield from self._finding(finding)
            for check in question.checks:
                yield f"  {check.about}: {check.verdict.word} ({check.points})"
                for finding in check.findings:
                    yield from self._finding(finding)
        if self.closing:
            yield self.closing

    def _finding(self, finding: FindingView) -> Iterator[str]:
        assert self.page is not None
        yield f"    {plain(finding.text)}"
        for label, value in (("expected", finding.expected), ("found", finding.found)):
            if value:
                yield f"    {self.page.labels[label]}: {value}"
        if finding.help:
            yield f"    {self.page.labels['hint']}: {plain(finding.help)}"
