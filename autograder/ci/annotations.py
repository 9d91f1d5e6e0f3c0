"""Annotations: what GitHub shows beside the lines of a pull request.

A run's step may make ten of each level, so that one stands for a question, not for a check, and the last of a level
says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.ci.lines import Lines, Span
from autograder.ci.report import Unused
from autograder.escaping import workflow_data, workflow_property
from autograder.feedback.page import build
from autograder.feedback.views import FindingView, Page, QuestionView
from autograder.messages import Catalogue
from autograder.messages.phrase import plain
from autograder.results import QuestionResult, Result

Level = Literal["error", "warning", "notice"]
MAX_OF_A_LEVEL = 10  # GitHub's limit for a step
MAX_CHARACTERS = 2_000  # of a message

_LEVELS: Mapping[str, Level] = {
    "ours": "error",
    "stopped": "error",
    "error": "error",
    "failed": "warning",
    "partly": "warning",
    "open": "notice",
}


@dataclass(frozen=True)
class Annotation:
    """``path`` is the file's in the repository; without one it belongs to the run."""

    level: Level
    title: str
    message: str
    path: str = ""
    span: Span | None = None


def of_result(result: Result, path: str, lines: Lines) -> Iterator[Annotation]:
    """One for each question that lost points, at its own lines, or one for a file that could not be graded."""
    page = build(result, result.language)
    top = Span(1, 1)
    if page.ungraded:
        text = " ".join(part for part in (plain(page.ungraded.text), plain(page.ungraded.help)) if part)
        yield Annotation("error", f"{page.heading}: {page.ungraded.heading}", text, path, top)
    for view, question in zip(page.questions, result.questions, strict=True):
        if level := _LEVELS.get(view.verdict.kind):
            title = f"{view.title}: {view.verdict.word}, {view.points}"
            message = "\n".join(_lines(view, page)) or view.verdict.word
            yield Annotation(level, title, message, path, _span(question, lines) or top)


def of_unused(unused: Sequence[Unused], words: Catalogue) -> Iterator[Annotation]:
    """One for each path that had no influence and that somebody should know of."""
    for one in unused:
        if one.why not in ("other", "deleted"):
            yield Annotation(
                "warning", words.ui("unused"), words.ui(f"unused_{one.why}"), one.path, Span(1, 1)
            )


def commands(annotations: Sequence[Annotation], words: Catalogue) -> Iterator[str]:
    """The workflow commands that make them, one a line, at most ten of a level."""
    for level in ("error", "warning", "notice"):
        these = [one for one in annotations if one.level == level]
        shown = these[:MAX_OF_A_LEVEL] if len(these) <= MAX_OF_A_LEVEL else these[: MAX_OF_A_LEVEL - 1]
        yield from map(_command, shown)
        if more := len(these) - len(shown):
            yield _command(
                Annotation(level, words.ui("more_annotations", count=more), words.ui("see_summary"))
            )


def _command(one: Annotation) -> str:
    properties = {"title": workflow_property(one.title.replace("\n", " "))}
    if one.path:
        properties = {"file": workflow_property(one.path)} | properties
    if one.path and one.span:
        properties |= {"line": str(one.span.first), "endLine": str(one.span.last)}
    joined = ",".join(f"{name}={value}" for name, value in properties.items())
    return f"::{one.level} {joined}::{workflow_data(one.message[:MAX_CHARACTERS])}"


def _span(question: QuestionResult, lines: Lines) -> Span | None:
    """The line that raised, else the first of the question's cells."""
    places = [question.error] if question.error and question.error.cell in question.cell_lines else []
    for place in places:
        if span := lines.of_line(place.cell, place.line):
            return span
    return next((span for cell in question.cell_lines if (span := lines.of_cell(cell))), None)


def _lines(view: QuestionView, page: Page) -> Iterator[str]:
    said: set[str] = set()
    for finding in view.findings:
        yield from _finding(finding, page, said)
    for check in view.checks:
        if check.verdict.kind != "passed" and not view.findings:
            yield f"{check.about} ({check.verdict.word}, {check.points})"
            for finding in check.findings:
                yield from _finding(finding, page, said)


def _finding(finding: FindingView, page: Page, said: set[str]) -> Iterator[str]:
    """A finding's words; a hint only the first time."""
    if text := plain(finding.text):
        yield text
    for label, value in (("expected", finding.expected), ("found", finding.found)):
        if value:
            yield f"{page.labels[label]}: {value}"
    if (hint := plain(finding.help)) and hint not in said:
        said.add(hint)
        yield f"{page.labels['hint']}: {hint}"
