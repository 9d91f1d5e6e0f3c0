"""Pairs of students by what their answers share and few others have.

A shingle that ``n`` of ``N`` answers to a question have is worth ``log2(N / n)``: what everybody has is worth nothing.
A pair's weight is the sum over what both have. Only shingles that at most a tenth of the class has make a pair a
candidate, so that a class of a thousand is not half a million comparisons.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from autograder.similarity.shingles import LENGTH, Shingled, shingled

RARE_SHARE = 0.1  # of a class: what more answers have than that makes no pair a candidate
LEAST_CANDIDATES = 10  # in a small class a tenth is too few
MIN_WEIGHT = (
    2.0 * LENGTH
)  # about what two students of a class of ten share who have six tokens alone in common

Answers = Mapping[str, Mapping[str, str]]  # student → question → code


@dataclass(frozen=True)
class Piece:
    """A run of code that both have: its places in either source, and how many of the class have all of it."""

    left: tuple[int, int]
    right: tuple[int, int]
    owners: int


@dataclass(frozen=True)
class Shared:
    """One question's answers of both, with the pieces they share. ``answers``: how many answered it."""

    question: str
    left: str
    right: str
    pieces: tuple[Piece, ...]
    answers: int


@dataclass(frozen=True)
class Pair:
    """``weight`` is what they share, ``share`` (0 to 1) how much that is of what is unusual in either's work."""

    left: str
    right: str
    weight: float
    share: float
    questions: tuple[Shared, ...]

    @property
    def rarest(self) -> Piece:
        return min((piece for one in self.questions for piece in one.pieces), key=lambda piece: piece.owners)


def rank(answers: Answers, handed_out: Iterable[str], most: int) -> list[Pair]:
    """The ``most`` pairs of greatest weight; none that share nothing unusual."""
    known = {shingle for source in handed_out for shingle in shingled(source).at}
    questions = sorted({question for own in answers.values() for question in own})
    compared = [_Question(name, answers, known) for name in questions]
    shared: defaultdict[tuple[str, str], float] = defaultdict(float)
    for question in compared:
        question.add_pairs(shared)
    totals: defaultdict[str, float] = defaultdict(float)
    for question in compared:
        question.add_totals(totals)
    pairs: list[Pair] = []
    for (left, right), weight in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if len(pairs) == most or weight < MIN_WEIGHT:
            break
        told = [one for question in compared if (one := question.shared(left, right))]
        if told:
            whole = totals[left] + totals[right] - weight
            pairs.append(
                Pair(left, right, weight, min(1.0, weight / whole) if whole > 0 else 0.0, tuple(told))
            )
    return pairs


class _Question:
    """All answers to one question."""

    def __init__(self, name: str, answers: Answers, handed_out: set[int]) -> None:
        self._name = name
        self._sources = {student: own[name] for student, own in answers.items() if name in own}
        self._read = {student: shingled(source) for student, source in self._sources.items()}
        self._owners: dict[int, set[str]] = {}
        for student, read in self._read.items():
            for shingle in read.at.keys() - handed_out:
                self._owners.setdefault(shingle, set()).add(student)

    def _worth(self, shingle: int) -> float:
        owners = self._owners.get(shingle)
        return math.log2(len(self._sources) / len(owners)) if owners else 0.0

    def add_pairs(self, shared: defaultdict[tuple[str, str], float]) -> None:
        for shingle, owners in self._rare():
            if len(owners) > 1:
                worth = self._worth(shingle)
                for pair in combinations(sorted(owners), 2):
                    shared[pair] += worth

    def add_totals(self, totals: defaultdict[str, float]) -> None:
        for shingle, owners in self._rare():
            worth = self._worth(shingle)
            for student in owners:
                totals[student] += worth

    def _rare(self) -> Iterator[tuple[int, set[str]]]:
        """The shingles that make pairs candidates, and who has each."""
        most = max(LEAST_CANDIDATES, int(len(self._sources) * RARE_SHARE))
        return ((shingle, owners) for shingle, owners in self._owners.items() if len(owners) <= most)

    def shared(self, left: str, right: str) -> Shared | None:
        """What both have of this question that at most half of the class has; None if nothing."""
        if left not in self._read or right not in self._read:
            return None
        pieces = self._pieces(self._read[left], self._read[right], len(self._sources) // 2)
        if not pieces:
            return None
        return Shared(
            self._name, self._sources[left], self._sources[right], tuple(pieces), len(self._sources)
        )

    def _pieces(self, left: Shingled, right: Shingled, most: int) -> list[Piece]:
        """The longest runs of code that both have, in the left answer's order."""
        places = {place: shingle for shingle, all_of in left.at.items() for place in all_of}
        pieces, place = [], 0
        while place < len(places):
            length, there = self._longest(places, place, right)
            if not length:
                place += 1
                continue
            owners = set.intersection(*(self._owners[places[place + step]] for step in range(length)))
            if len(owners) <= max(most, 2):
                here = left.spans[place][0], left.spans[place + length + LENGTH - 2][1]
                beyond = right.spans[there][0], right.spans[there + length + LENGTH - 2][1]
                pieces.append(Piece(here, beyond, len(owners)))
            place += length
        return pieces

    def _longest(self, places: Mapping[int, int], place: int, right: Shingled) -> tuple[int, int]:
        """How many shingles from ``place`` on stand in a row in ``right`` too, and where; none that was handed out."""
        best = 0, 0
        for start in right.at.get(places[place], ()):
            length = 0
            while (
                (shingle := places.get(place + length)) is not None
                and shingle in self._owners
                and start + length in right.at.get(shingle, ())
            ):
                length += 1
            best = max(best, (length, start))
        return best
