"""What students got wrong, by what was found in their answers, most common first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.messages import SENTENCE
from autograder.report.classroom import Entry, Seen
from autograder.results import Finding

Facts = Mapping[str, str | int | float]

MAX_TEXTS = 3  # that stand in a row where findings differ in a fact
MAX_SENTENCES = 8  # of an author's own in a question; where there are more, they hold what was found in each answer


@dataclass
class Misconception:
    """One code of the catalogue, in any question; of an author's own words, one sentence."""

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
            elif name.startswith(SENTENCE):
                facts[name] = f"{next(iter(values))} …"
            elif len(texts) == len(values) <= MAX_TEXTS:
                facts[name] = ", ".join(texts)
        return facts


def ranked(entries: Sequence[Entry]) -> list[Misconception]:
    """Every finding of a failed check: by how many students it was found in, then by the points it cost."""
    varied = _varied(entries)
    found: dict[_Kind, Misconception] = {}
    for entry in entries:
        kinds, places = set[_Kind](), set[tuple[_Kind, str]]()
        for seen in entry.seen:
            kind = _kind(seen, varied)
            here = found.setdefault(kind, Misconception(seen.finding.code))
            for name, fact in _facts(seen.finding).items():
                here.values.setdefault(name, {})[fact] = None
            kinds.add(kind)
            places.add((kind, seen.question))
            here.points += seen.points
        for kind in kinds:
            found[kind].students.append(entry)
        for kind, question in places:
            found[kind].questions[question] += 1
    return sorted(found.values(), key=lambda each: (-len(each.students), -each.points, each.code))


_Kind = tuple[str, object]  # a code, and what tells its misconceptions apart


def _varied(entries: Sequence[Entry]) -> set[str]:
    """The questions of which authors' own words say too much for a misconception a sentence."""
    said = {
        (seen.question, seen.finding.facts[SENTENCE])
        for entry in entries
        for seen in entry.seen
        if SENTENCE in seen.finding.facts
    }
    counts = Counter(question for question, _ in said)
    return {question for question, count in counts.items() if count > MAX_SENTENCES}


def _kind(seen: Seen, varied: Container[str]) -> _Kind:
    sentence = seen.finding.facts.get(SENTENCE)
    return seen.finding.code, seen.question if sentence is not None and seen.question in varied else sentence


def _facts(finding: Finding) -> Facts:
    known = {"expected": finding.expected, "found": finding.found}
    return {name: value for name, value in known.items() if value} | finding.facts
