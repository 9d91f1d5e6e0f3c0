"""Slips: why a student's code raised, or left something else behind than what was asked for.

A finding says what was seen, in the words of Python or PyTorch. Where these words, read together with the student's
source, allow one explanation only, :func:`explained` puts it beside the finding, which stays. Words and source
are the student's: nothing here is worth a point.

    errors      which rule an exception's type and message fall under
    sizes       PyTorch's complaints about shapes, types and dimensions
    losses      those about predictions and targets
    calls       arguments, parentheses, layers that do not go into a model
    classes     what a class of the student's lacks: forward, self, super().__init__()
    names       names that do not exist, and those close to them
    syntax      cells that are no Python
    answers     an answer that is missing, or of another type
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.evidence.surroundings import Surroundings
from autograder.results import Finding
from autograder.slips import answers, calls, classes, losses, names, sizes, syntax
from autograder.slips.errors import Error, explanation

RULES = (
    *classes.RULES,
    *sizes.RULES,
    *losses.RULES,
    *calls.RULES,
    *names.RULES,
    *syntax.RULES,
)


def explained(findings: Sequence[Finding], around: Surroundings) -> tuple[Finding, ...]:
    """The findings, and beside each the one explanation that there is for it, if there is one."""
    told = list(findings)
    for finding in findings:
        error = Error.of(finding)
        reason = explanation(RULES, error, around) if error else answers.explanation(finding, around)
        if reason is not None and reason not in told:
            told.append(reason)
    return tuple(told)
