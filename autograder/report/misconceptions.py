"""What students got wrong, by what was found in their answers, most common first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..results import Finding
from .classroom import Entry

Facts = Mapping[str, str | int | float]

MAX_TEXTS = 3  # that stand in a row where findings differ in a fact


@dataclass
class Misconception:
    """One code of the catalogue, in any question."""

    code: str
    values: dict[str, dict[str | int | float, None]] = field(
        default_factory=dict
    )  # fact → all it was, in order
    students: list[Entry] = field(default_factory=list)
    questions: Counter[str] = field(default_factory=Counter)  # id → how many students
    points: float = 0.0  # lost by all of them together

    @property
    def facts(self) -> Facts:
        """What the code's words are filled with: what all agree on, or a few texts in a row."""
        facts: dict[str, str | int | float] = {}
        for name, values in self.values.items():
            texts = [value for value in values if isinstance(value, str)]
            if len(values) == 1:
                facts[name] = next(iter(values))
            elif len(texts) == len(values) <= MAX_TEXTS:
                facts[name] = ", ".join(texts)
        return facts


def ranked(entries: Sequence[Entry]) -> list[Misconception]:
    """Every finding of a failed check: by how many students it was found in, then by the points it cost."""
    found: dict[str, Misconception] = {}
    for entry in entries:
        codes, places = set[str](), set[tuple[str, str]]()
        for seen in entry.seen:
            code = seen.finding.code
            facts = _facts(seen.finding)
            here = found.setdefault(code, Misconception(code))
            for name, fact in facts.items():
                here.values.setdefault(name, {})[fact] = None
            codes.add(code)
            places.add((code, seen.question))
            here.points += seen.points
        for code in codes:
            found[code].students.append(entry)
        for code, question in places:
            found[code].questions[question] += 1
    return sorted(found.values(), key=lambda each: (-len(each.students), -each.points, each.code))


def _facts(finding: Finding) -> Facts:
    known = {"expected": finding.expected, "found": finding.found}
    return {name: value for name, value in known.items() if value} | finding.facts
