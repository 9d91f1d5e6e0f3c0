"""Verdicts as a reader meets them: a kind, which chooses shape and colour, and a word."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.messages import Catalogue
from autograder.results import CheckResult, Outcome, QuestionResult

PARTLY, NOT_CHECKED = "partly", "not_checked"  # what a question can be, and a check cannot

_KINDS = {
    Outcome.GRADER_ERROR.value: "ours",
    Outcome.NOT_ANSWERED.value: "open",
    Outcome.TIMEOUT.value: "stopped",
    Outcome.OUT_OF_MEMORY.value: "stopped",
    Outcome.CRASHED.value: "stopped",
    Outcome.CELL_ERROR.value: "error",
    Outcome.FAILED.value: "failed",
    Outcome.PASSED.value: "passed",
    PARTLY: "partly",
    NOT_CHECKED: "ours",
}
SHAPES = {  # of a kind, where all there is are characters
    "passed": "✓",
    "partly": "◐",
    "failed": "✗",
    "open": "○",
    "error": "△",
    "stopped": "■",
    "ours": "◇",
}
# In the order in which they are good news.
STANDINGS = (
    *(Outcome.PASSED.value, PARTLY),
    *(outcome.value for outcome in reversed(Outcome) if outcome is not Outcome.PASSED),
    NOT_CHECKED,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind``: ours, open, stopped, error, failed, partly or passed; renderers have a shape for each."""

    kind: str
    word: str


def of_check(check: CheckResult, words: Catalogue) -> Verdict:
    """The verdict of one check."""
    return worded(check.outcome.value, words)


def of_question(question: QuestionResult, words: Catalogue) -> Verdict:
    """The verdict of a question, see :func:`standing`."""
    return worded(standing(question), words)


def standing(question: QuestionResult) -> str:
    """What a question is: the value of an outcome, or partly or not checked.

    It is passed only if it has checks and all of them passed. Else: ours before anything, then partly if there are
    points, then the outcome that is decided first.
    """
    outcomes = [check.outcome for check in question.checks]
    if not outcomes:
        return NOT_CHECKED
    first = next(outcome for outcome in Outcome if outcome in outcomes)
    if first is not Outcome.GRADER_ERROR and first is not Outcome.PASSED and question.score > 0:
        return PARTLY
    return first.value


def worded(standing: str, words: Catalogue) -> Verdict:
    """The verdict that a standing is, or the value of an outcome."""
    return Verdict(_KINDS[standing], words.ui(f"outcome_{standing}"))
