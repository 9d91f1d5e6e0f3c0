"""What a class page shows, in the order in which it does: words and numbers as they are read, nothing escaped yet."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.feedback.sheet import Sheet
from autograder.messages import Phrase
from autograder.report import charts


@dataclass(frozen=True, slots=True)
class Name:
    student: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Students with something in common: how many, the first of them by name, and how many more."""

    tag: str  # what marks their rows in the table
    count: str
    names: list[Name]
    more: str


@dataclass(frozen=True, slots=True)
class MatterView:
    text: Phrase
    group: Group


@dataclass(frozen=True, slots=True)
class MisconceptionView:
    text: Phrase
    where: str
    cost: str
    filled: float  # of the bar, 0 to 100
    group: Group


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the head, with its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing in two widths, and the numbers behind it."""

    title: str
    drawings: charts.Drawings
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeView:
    kind: str  # as of a verdict
    text: str


@dataclass(frozen=True, slots=True)
class ItemView:
    title: str
    id: str
    hidden: bool
    difficulty: str
    filled: float
    discrimination: str
    time: str
    outcomes: list[OutcomeView]
    note: str  # why somebody should look at it
    checks: list[ItemView]
    checks_label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    student: str
    href: str
    score: str
    sort_score: float
    lost: str
    seconds: str
    sort_seconds: float
    tags: str


@dataclass(frozen=True, slots=True)
class Choice:
    tag: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPage(Sheet):
    when: str
    figures: list[Figure]
    matters: list[MatterView]
    unreadable: str
    unreadable_names: tuple[str, ...]
    remarks: list[MatterView]
    scores: Chart | None
    misconceptions: list[MisconceptionView]
    rarer: list[MisconceptionView]  # to be folded
    rarer_label: str
    checks: Chart | None
    items: list[ItemView]
    item_notes: list[str]
    choices: list[tuple[str, list[Choice]]]  # of the filter, in groups
    rows: list[Row]
    environment: str
