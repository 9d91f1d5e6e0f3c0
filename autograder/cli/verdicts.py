"""One student's verdicts on a terminal, worded as the feedback pages are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autograder.escaping import terminal_line
from autograder.feedback.verdict import SHAPES
from autograder.messages import catalogue
from autograder.messages.phrase import plain
from autograder.results import Outcome

if TYPE_CHECKING:
    from autograder.errors import UnreadableNotebook
    from autograder.feedback.views import FindingView, Page, QuestionView
    from autograder.results import QuestionResult, Result

MAX_WIDTH = 100  # lines longer than that are hard to read
MAX_TITLE = 40
MAX_CHARACTERS = 1_200  # of one text

_STYLES = {
    "passed": "green",
    "partly": "yellow",
    "failed": "red",
    "open": "dim",
    "error": "red",
    "stopped": "red",
    "ours": "magenta",
}


class Terminal:
    """Says everything in ``language``, on what is stdout when it is made."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = catalogue(language)
        self._console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
        self._console.width = min(self._console.width, MAX_WIDTH)
        self._hinted: set[str] = set()

    def refuse(self, name: str, error: UnreadableNotebook) -> None:
        """Say why a file cannot be read, and what to do."""
        words = self._words
        self._say(f"{SHAPES['failed']} {terminal_line(name)}", "bold")
        self._say(words.text(error.code, **error.facts), indent=2)
        self._say(f"{words.ui('what_to_do')}: {words.help(error.code, **error.facts)}", indent=2)

    def give_up(self, seconds: float) -> None:
        """Say that the student's code cannot be stopped."""
        self._say(self._words.ui("cannot_be_stopped", seconds=seconds), "red")
        sys.stdout.flush()

    def show(self, result: Result, title: str) -> None:
        """Every question on a line, under it what its checks found, and what they add up to."""
        from autograder.feedback.page import build

        page = build(result, self.language)
        self._say(f"{self._words.ui('public_checks')} · {title}", "bold")
        self._say(result.submission.path)
        if page.ungraded:
            self._say(plain(page.ungraded.text), indent=2)
            if page.ungraded.help:
                self._say(f"{page.labels['what_to_do']}: {plain(page.ungraded.help)}", indent=2)
        self._console.print()
        for view, question in zip(page.questions, result.questions, strict=True):
            self._head(view, question, page)
            self._body(view, question, page)
        self._foot(page, result)

    @staticmethod
    def all_passed(result: Result) -> bool:
        """Whether there were checks and all of them passed."""
        outcomes = {check.outcome for question in result.questions for check in question.checks}
        return result.ungraded is None and outcomes == {Outcome.PASSED}

    def _head(self, view: QuestionView, question: QuestionResult, page: Page) -> None:
        kind = view.verdict.kind
        shape, style = (SHAPES[kind], _STYLES[kind]) if question.checks else ("·", "dim")
        word = view.verdict.word if question.checks else self._words.ui("no_public_check")
        titles = [cell_len(terminal_line(each.title)) for each in page.questions]
        wordings = [cell_len(each.verdict.word) for each in page.questions]
        title = Text(terminal_line(view.title))
        title.truncate(min(max(titles), MAX_TITLE), overflow="ellipsis", pad=True)
        wording = Text(word, style)
        wording.truncate(max(*wordings, cell_len(word)), pad=True)
        points = view.points if question.checks else ""
        self._console.print(Text.assemble((shape, style), " ", title, "  ", wording, "  ", points))

    def _body(self, view: QuestionView, question: QuestionResult, page: Page) -> None:
        """What is to be said of a question that was not passed; of one not yet answered, its line says all."""
        outcomes = {check.outcome for check in question.checks}
        codes = {finding.code for check in question.checks for finding in check.findings}
        if outcomes <= {Outcome.PASSED} or codes == {"not_answered"}:
            return
        for finding in view.findings:
            self._finding(finding, page)
        for check in view.checks:
            if check.verdict.kind != "passed" and not view.findings:
                shape, style = SHAPES[check.verdict.kind], _STYLES[check.verdict.kind]
                self._say(f"{check.about} ({check.points})", indent=2, label=shape, label_style=style)
                for finding in check.findings:
                    self._finding(finding, page)
        if question.error is not None and "cell_raised" not in codes:
            error = question.error
            label = f"{self._words.ui('your_error')} · {plain(view.error_place)}:"
            self._say(f"{error.name}: {error.message}", indent=4, label=label)

    def _finding(self, finding: FindingView, page: Page) -> None:
        words = " · ".join(part for part in (plain(finding.place), plain(finding.text)) if part)
        if words:
            self._say(words, indent=4)
        for label, value in (("expected", finding.expected), ("found", finding.found)):
            if value:
                self._say(value, indent=4, label=f"{page.labels[label]}:")
        if hint := self._hint(plain(finding.help)):
            self._say(hint, indent=4, label=f"{page.labels['hint']}:")

    def _hint(self, text: str) -> str:
        """``text``, or nothing if it was said before."""
        if text in self._hinted:
            return ""
        self._hinted.add(text)
        return text

    def _foot(self, page: Page, result: Result) -> None:
        if page.remarks:
            self._console.print()
            self._say(page.labels["remarks"], "bold")
            for remark in page.remarks:
                self._say(
                    f"{plain(remark.text)} {self._hint(plain(remark.help))}".rstrip(), indent=2, label="-"
                )
                if remark.places:
                    self._say(" · ".join(map(plain, remark.places)), "dim", indent=4)
        if page.score:
            self._console.print()
            score = page.score
            style = "bold green" if self.all_passed(result) else "bold"
            self._say(f"{score.points} {score.of_points} · {score.checks_passed}", style)
        if result.questions:
            self._say(self._words.ui("public_checks_only"))

    def _say(
        self, text: str, style: str = "", indent: int = 0, label: str = "", label_style: str = "dim"
    ) -> None:
        """A text of anybody's that wraps below itself, beside its label."""
        shown = f"{' ' * indent}{label}{' ' if label else ''}"
        body = Text(terminal_line(text, MAX_CHARACTERS), style)
        for line in body.wrap(self._console, max(self._console.width - cell_len(shown), 20), overflow="fold"):
            line.rstrip()
            self._console.print(Text(shown, label_style) + line, soft_wrap=True)
            shown = " " * cell_len(shown)
