"""An exception as data, and the rules that may explain it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from autograder.evidence.surroundings import Surroundings
from autograder.results import Finding

RAISED = {
    "cell_raised": "name",
    "forward_raised": "error",
    "optimizer_raised": "error",
}  # → the fact that is its type


@dataclass(frozen=True)
class Error:
    """``cell`` and ``line`` count from 1; 0: unknown. ``batch``: of the input that was passed; 0: unknown."""

    type: str
    message: str
    cell: int = 0
    line: int = 0
    batch: int = 0

    @classmethod
    def of(cls, finding: Finding) -> Error | None:
        """The exception that the finding tells of, if it tells of one."""
        if finding.code not in RAISED:
            return None
        facts = finding.facts
        numbers = [facts.get(name, 0) for name in ("cell", "line", "batch")]
        cell, line, batch = (number if isinstance(number, int) else 0 for number in numbers)
        return cls(str(facts.get(RAISED[finding.code])), str(facts.get("message", "")), cell, line, batch)


@dataclass(frozen=True)
class Slip:
    """An error that a rule's pattern fits."""

    error: Error
    match: re.Match[str]
    around: Surroundings

    def text(self, group: int = 1) -> str:
        return self.match[group]

    def number(self, group: int = 1) -> int:
        return int(self.match[group])


@dataclass(frozen=True)
class Rule:
    """``explain`` gives the explanation of an error of these types whose message has the pattern, or None."""

    types: str
    pattern: re.Pattern[str]
    explain: Callable[[Slip], Finding | None]


def rule(
    types: str, pattern: str, explain: Callable[[Slip], Finding | None], flags: re.RegexFlag = re.NOFLAG
) -> Rule:
    """A rule for exceptions of these types, given in one string, whose message has ``pattern`` anywhere."""
    return Rule(types, re.compile(pattern, flags), explain)


def explanation(rules: Iterable[Rule], error: Error, around: Surroundings) -> Finding | None:
    """What the first rule says that has something to say."""
    for one in rules:
        if error.type in one.types.split() and (match := one.pattern.search(error.message)):
            found = one.explain(Slip(error, match, around))
            if found is not None:
                return found
    return None
