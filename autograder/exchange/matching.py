"""Whose row is this? Students found by any of their ids, and by name only where one alone has it.

An LMS knows a student under other ids than the course does. What an import kept and what the roster says come
first; a name is the last resort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from autograder.course.roster import Student
from autograder.exchange.standing import Standing

Keys = Callable[[Standing], Sequence[str]]


@dataclass
class Index:
    """Keys of one kind → the standing; a key that two students share names nobody."""

    standings: dict[str, Standing | None] = field(default_factory=dict)

    @classmethod
    def of(cls, standings: Iterable[Standing], keys: Keys) -> Index:
        index = cls()
        for standing in standings:
            for key in {key.strip().casefold() for key in keys(standing)} - {""}:
                other = index.standings.setdefault(key, standing)
                if other is not standing:
                    index.standings[key] = None
        return index

    def get(self, key: str) -> Standing | None:
        return self.standings.get(key.strip().casefold())


def name_key(name: str) -> str:
    """``Kim, Min Su``, ``Min Su Kim`` and ``min su kim`` alike."""
    return " ".join(sorted(name.replace(",", " ").casefold().split()))


def names(about: Student) -> list[str]:
    return [name_key(about.full_name)] if about.full_name else []
