"""What a page of feedback consists of, in words of one language: an empty field is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.feedback.blocks import Block
from autograder.feedback.picture import Picture
from autograder.feedback.sheet import Sheet
from autograder.feedback.verdict import Verdict
from autograder.messages import Phrase


@dataclass(frozen=True, slots=True)
class FindingView:
    text: Phrase
    place: Phrase  # "Line 3", "Cell 14 (`x = 1`), line 3"
    expected: str
    found: str
    help: Phrase
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    about: str
    verdict: Verdict
    points: str
    hidden: bool
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class QuestionView:
    """What is said of a question's answer. Two of them are equal if they are one."""

    anchor: str
    title: str
    verdict: Verdict
    points: str
    section: str  # anchor of the text to read again, where something was not passed
    section_name: str  # as its heading has it
    section_href: str  # where that is, if it is known
    findings: tuple[FindingView, ...]  # what all of its checks found alike
    checks: tuple[CheckView, ...]
    folded: bool  # whether the student's blocks are: there is nothing to look for in them
    error_place: Phrase  # where the cell raised, if it did


@dataclass(frozen=True, slots=True)
class RemarkView:
    """What is worth knowing, said once, with all the places it is about."""

    text: Phrase
    places: list[Phrase]
    help: Phrase


@dataclass(frozen=True, slots=True)
class UngradedView:
    heading: str
    fault: str  # whose it is, where the text does not say so
    text: Phrase
    help: Phrase
    checked_so_far: str
    ours: bool


@dataclass(frozen=True, slots=True)
class ScoreView:
    points: str
    of_points: str
    checks_passed: str
    filled: float  # of the bar, 0 to 100
    late: str  # what lateness takes off, if anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Sheet):
    student: str
    path: str
    lesson_href: str  # of the text that explains the questions; empty if none is known
    arrival: list[tuple[str, str]]  # label and value: when it came, when it was due, which attempt it is
    score: ScoreView | None
    ungraded: UngradedView | None
    remarks: list[RemarkView]
    questions: list[QuestionView]
    blocks: Mapping[str, list[Block]]  # question's anchor → what the student wrote, and what came of it
    environment: str
    fingerprint: str
