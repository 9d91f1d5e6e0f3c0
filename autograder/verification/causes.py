"""What is truly wrong with a wrong notebook, and whether the grader's findings name that and nothing else.

A wrong notebook says so in its metadata, beside the checks it loses::

    {"autograder": {"loses": ["model.*"], "because": {"model.maps": "activation_missing", "model.drops": null}}}

Patterns of checks' ids, as in ``loses`` → the codes of the findings that these checks must show: one code, a list
of them, or null for none. What is stated has to be shown. A diagnosis that is shown and not stated names
another cause than the true one: it is wrong, whatever it says, and also where nothing is stated.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AssignmentError
from autograder.messages import DIAGNOSES, MESSAGES
from autograder.results import CheckResult

Causes = Mapping[str, tuple[str, ...]]  # pattern of checks' ids → codes


@dataclass(frozen=True)
class Tally:
    """Of the checks that wrong notebooks lost: how many got a diagnosis, and how many the true one."""

    lost: int = 0
    diagnosed: int = 0
    true: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.lost + other.lost, self.diagnosed + other.diagnosed, self.true + other.true)


def read(path: Path, content: bytes) -> dict[str, tuple[str, ...]]:
    """What the notebook in ``content`` states; empty if it states nothing.

    Raises :class:`AssignmentError` for anything else than patterns and codes of the catalogue.
    """
    try:
        because = json.loads(content)["metadata"]["autograder"].get("because", {})
    except (ValueError, KeyError, TypeError, AttributeError):
        because = {}
    if not isinstance(because, dict):
        raise AssignmentError(f'{path}: "because" in its metadata is not {{"question.check": "code"}}.')
    causes = {}
    for pattern, codes in because.items():
        listed = [] if codes is None else codes if isinstance(codes, list) else [codes]
        if unknown := [str(code) for code in listed if not isinstance(code, str) or code not in MESSAGES]:
            close = difflib.get_close_matches(unknown[0], MESSAGES, n=3, cutoff=0.5)
            remedy = f"Did you mean {' or '.join(close)}?" if close else "grader verify shows the codes it found."
            raise AssignmentError(
                f'{path}: "because" in its metadata: {pattern}: no message has the code {", ".join(unknown)}. {remedy}'
            )
        causes[pattern] = tuple(listed)
    return causes


def stated(check: str, because: Causes) -> frozenset[str]:
    """The codes stated for the check with this id, by every pattern that means it."""
    return frozenset(code for pattern, codes in because.items() if matches(pattern, check) for code in codes)


def objection(check: CheckResult, because: Causes) -> str:
    """What a lost check had to show, where its findings contradict that; else nothing."""
    wanted = stated(check.id, because)
    shown = {finding.code for finding in check.findings}
    if wanted <= shown and _diagnoses(check) <= wanted:
        return ""
    return ", ".join(sorted(wanted)) or "no diagnosis"


def tally(lost: Iterable[CheckResult], because: Causes) -> Tally:
    """The count of these checks, which one notebook lost."""
    given = [(check.id, _diagnoses(check)) for check in lost]
    told = [(id_, codes) for id_, codes in given if codes]
    return Tally(len(given), len(told), sum(codes <= stated(id_, because) for id_, codes in told))


def matches(pattern: str, check: str) -> bool:
    """Whether ``*`` for anything makes ``pattern`` the id; brackets, which ids of cases have, are themselves."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), check) is not None


def _diagnoses(check: CheckResult) -> frozenset[str]:
    return frozenset(finding.code for finding in check.findings) & DIAGNOSES
