"""How an engine is to run, and what it hands back, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.grading.job import Job
from autograder.results import Result

# Of a student, and of what reads their submission: whether a result that stands already is this submission's.
Settled = Callable[[str, Callable[[], Job]], bool]


@dataclass(frozen=True)
class Options:
    """How to run. ``language`` None: each notebook's own. ``require``: layers without which nothing is graded.

    ``scheduler`` is the address of a cluster's, for the engine that has one.
    """

    workers: int
    seed: int
    language: str | None
    require: frozenset[str]
    scheduler: str = ""


@dataclass(frozen=True)
class Record:
    """A result and its feedback pages; ``faults`` are ours, for the instructor's log: a headline, then a traceback."""

    result: Result
    html: str
    markdown: str
    faults: tuple[str, ...] = ()


def nothing_is(student: str, job: Callable[[], Job]) -> bool:
    """No submission is settled: all of them are graded."""
    return False
