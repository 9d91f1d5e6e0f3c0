"""A student's own text on a page: the code of a question, what it printed, the error it stopped with.

All of it is cut to what a reader looks at, and says so where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from autograder.feedback.code import coloured
from autograder.messages import Catalogue
from autograder.results import Finding, QuestionResult

MAX_CODE_CHARACTERS = 20_000
MAX_ERROR_CHARACTERS = 2_000
MAX_OUTPUT_LINES = 24  # beyond them the middle is left out: the end of an output matters more than its middle
MAX_OUTPUT_CHARACTERS = 6_000
GAP = "⋯"


@dataclass(frozen=True, slots=True)
class Block:
    """``coloured`` is the same as ``text``, for code."""

    label: str
    text: str
    syntax: str
    shortened: str = ""  # says so, if it was
    coloured: Markup | None = None


def code(question: QuestionResult, found: Iterable[Finding], words: Catalogue) -> Block | None:
    """The question's code, marked where its error and these findings point."""
    text = question.source.strip("\n").rstrip()
    if not text:
        return None
    above = len(question.source) - len(question.source.lstrip("\n"))
    places = [(finding.facts.get("cell"), finding.facts.get("line")) for finding in found]
    places += [(question.error.cell, question.error.line)] if question.error else []
    marked = {
        question.cell_lines[cell] + line - 1 - above
        for cell, line in places
        if isinstance(cell, int) and isinstance(line, int) and cell in question.cell_lines and line > 0
    }
    begins = {line - above for line in question.cell_lines.values()}
    shown = text[:MAX_CODE_CHARACTERS]
    shortened = words.ui("shortened") if len(text) > len(shown) else ""
    return Block(words.ui("your_code"), shown, "python", shortened, coloured(shown, marked, begins))


def output(question: QuestionResult, words: Catalogue) -> Block | None:
    """What it printed: the beginning and the end."""
    text = question.output.strip("\n").rstrip()
    if not text:
        return None
    shown, half = text, MAX_OUTPUT_LINES // 2
    if len(rows := text.split("\n")) > MAX_OUTPUT_LINES:
        shown = "\n".join([*rows[:half], GAP, *rows[-half:]])
    if len(shown) > MAX_OUTPUT_CHARACTERS:
        half = MAX_OUTPUT_CHARACTERS // 2
        shown = f"{shown[:half]}\n{GAP}\n{shown[-half:]}"
    shortened = words.ui("middle_left_out") if shown != text else ""
    return Block(words.ui("your_output"), shown, "text", shortened)


def error(question: QuestionResult, place: str, words: Catalogue) -> Block | None:
    """The error that its cell stopped with: type and message, as the last line of a traceback has them."""
    if question.error is None:
        return None
    text = f"{question.error.name}: {question.error.message}"
    shown = text[:MAX_ERROR_CHARACTERS]
    shortened = words.ui("shortened") if len(text) > len(shown) else ""
    return Block(f"{words.ui('your_error')} · {place}", shown, "text", shortened)
