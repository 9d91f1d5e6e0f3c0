"""What needs a person, in the order in which it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.report.classroom import Classroom, Entry
from autograder.results import Outcome

Facts = dict[str, str | int | float]


@dataclass(frozen=True)
class Matter:
    """Something to look at and whom it concerns. ``code`` is a code of the catalogue, or ``word`` a word of it."""

    entries: tuple[Entry, ...]
    code: str = ""
    word: str = ""
    facts: Facts = field(default_factory=dict)  # of the code, those on which all agree


@dataclass(frozen=True)
class Matters:
    urgent: list[Matter]  # ours, earlier notebooks', files that cannot be read, code that was stopped, old results
    remarks: list[Matter]  # what was remarked, the most common first


def matters(classroom: Classroom) -> Matters:
    """What somebody should look at in this class."""
    return Matters(
        [
            *_faults(classroom),
            *_replaced(classroom),
            *_files(classroom),
            *_stopped(classroom),
            *_old(classroom),
        ],
        list(_remarks(classroom)),
    )


def _faults(classroom: Classroom) -> Iterator[Matter]:
    if entries := tuple(entry for entry in classroom.entries if entry.ours):
        yield Matter(entries, word="ungraded_by_our_fault")


def _replaced(classroom: Classroom) -> Iterator[Matter]:
    if entries := tuple(entry for entry in classroom.entries if entry.student in classroom.replaced):
        yield Matter(entries, word="graded_for_an_earlier_notebook")


def _files(classroom: Classroom) -> Iterator[Matter]:
    reasons: dict[str, list[Entry]] = {}
    for entry in classroom.entries:
        if entry.ungraded is not None and not entry.ours:
            reasons.setdefault(entry.ungraded.code, []).append(entry)
    for code, entries in sorted(reasons.items(), key=lambda item: -len(item[1])):
        facts = [entry.ungraded.facts for entry in entries if entry.ungraded is not None]
        yield Matter(tuple(entries), code=code, facts=_agreed(facts))


def _stopped(classroom: Classroom) -> Iterator[Matter]:
    for outcome in (Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED):
        if entries := tuple(entry for entry in classroom.entries if outcome in entry.stopped):
            yield Matter(entries, word=f"stopped_{outcome.value}")


def _old(classroom: Classroom) -> Iterator[Matter]:
    if classroom.outdated:
        yield Matter(classroom.outdated, word="graded_by_another_version")


def _remarks(classroom: Classroom) -> Iterator[Matter]:
    said: dict[str, dict[str, Entry]] = {}
    facts: dict[str, list[Facts]] = {}
    for entry in classroom.entries:
        for remark in entry.remarks:
            said.setdefault(remark.code, {})[entry.student] = entry
            facts.setdefault(remark.code, []).append({"question": remark.question or "", **remark.facts})
    for code, entries in sorted(said.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Matter(tuple(entries.values()), code=code, facts=_agreed(facts[code]))


def _agreed(every: list[Facts]) -> Facts:
    """The facts that are the same in all."""
    return {name: fact for name, fact in every[0].items() if all(facts.get(name) == fact for facts in every)}
