"""Verdicts as a reader meets them: a kind, which chooses shape and colour, and a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..messages import Catalogue
from ..results import CheckResult, Outcome, QuestionResult

_KINDS = {
    Outcome.GRADER_ERROR: "ours",
    Outcome.NOT_ANSWERED: "open",
    Outcome.TIMEOUT: "stopped",
    Outcome.OUT_OF_MEMORY: "stopped",
    Outcome.CRASHED: "stopped",
    Outcome.CELL_ERROR: "error",
    Outcome.FAILED: "failed",
    Outcome.PASSED: "passed",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind``: ours, open, stopped, error, failed, partly or passed; renderers have a shape for each."""

    kind: str
    word: str


def of_check(check: CheckResult, words: Catalogue) -> Verdict:
    """The verdict of one check."""
    return _verdict(check.outcome, words)


def of_question(question: QuestionResult, words: Catalogue) -> Verdict:
    """A question's verdict: passed only if it has checks and all of them passed.

    Else: ours before anything, then partly if there are points, then the outcome that is decided first.
    """
    outcomes = [check.outcome for check in question.checks]
    if not outcomes:
        return Verdict("ours", words.ui("outcome_not_checked"))
    first = _first_decided(outcomes)
    if first is not Outcome.GRADER_ERROR and first is not Outcome.PASSED and question.score > 0:
        return Verdict("partly", words.ui("outcome_partly"))
    return _verdict(first, words)


def _verdict(outcome: Outcome, words: Catalogue) -> Verdict:
    return Verdict(_KINDS[outcome], words.ui(f"outcome_{outcome.value}"))


def _first_decided(outcomes: Sequence[Outcome]) -> Outcome:
    return next(outcome for outcome in Outcome if outcome in outcomes)
