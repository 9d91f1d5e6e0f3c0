"""A class as its result files have it: one entry a student, the questions and checks they all had.

Only what the class page needs is kept of a result, so that ten thousand of them fit into memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from autograder.feedback import verdict
from autograder.records.store import Store
from autograder.results import Finding, Outcome, Remark, Result, Ungraded, decode

_BECAUSE_OF_THE_ANSWER = {Outcome.FAILED, Outcome.CELL_ERROR}


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding in an answer that was judged, with its question and the points that its check lost."""

    question: str
    finding: Finding
    points: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One student. ``shares`` and ``seconds`` are by the ids of questions and checks; a share is 0 to 1.

    ``score`` is None where there is none, or none to rely on: then ``ungraded`` says why, or a check failed
    itself. ``href`` leads from the class page to the student's own.
    """

    student: str
    href: str
    score: float | None
    ungraded: Ungraded | None
    lost: dict[str, float]  # question → points, where there are any
    outcomes: dict[str, Outcome]  # of the checks
    standings: dict[str, str]  # of questions and checks, as :mod:`..feedback.verdict` knows them
    shares: dict[str, float]
    seconds: dict[str, float]
    seen: tuple[Seen, ...]
    remarks: tuple[Remark, ...]
    version: str  # digest of the assignment it was graded by
    graded_at: float  # seconds since the epoch

    @property
    def ours(self) -> bool:
        """Whether there is no score by the grader's own fault."""
        return self.score is None and (self.ungraded is None or self.ungraded.fault == "grader")

    @property
    def stopped(self) -> frozenset[Outcome]:
        """The outcomes of the checks that could not be judged because the code did not run to its end."""
        return frozenset(
            {Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED} & {*self.outcomes.values()}
        )


@dataclass(frozen=True)
class Item:
    """A question or a check, by its words in every language."""

    id: str
    words: dict[str, str]
    max_points: float
    hidden: bool = False


@dataclass(frozen=True)
class Question(Item):
    checks: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Classroom:
    """``questions`` are as the newest result has them; ``unreadable`` names files that hold no result.

    ``replaced`` are students who handed in another notebook than the one their result is of.
    """

    assignment: str
    entries: tuple[Entry, ...]  # by student
    questions: tuple[Question, ...]
    max_score: float
    unreadable: tuple[str, ...] = ()
    environments: Counter[str] = field(default_factory=Counter)  # torch → how many were graded with it
    replaced: frozenset[str] = frozenset()

    @property
    def graded(self) -> tuple[Entry, ...]:
        """Those with a score, on whom all figures rest."""
        return tuple(entry for entry in self.entries if entry.score is not None)

    @property
    def newest(self) -> datetime:
        """When the last of them was graded."""
        return datetime.fromtimestamp(max(entry.graded_at for entry in self.entries), UTC).astimezone()

    @property
    def outdated(self) -> tuple[Entry, ...]:
        """Those that another version of the assignment graded than the newest result's."""
        current = max(self.entries, key=lambda entry: entry.graded_at).version
        return tuple(entry for entry in self.entries if entry.version != current)


def read(store: Store, assignment: str, replaced: Iterable[str] = ()) -> Classroom:
    """All results of ``assignment``; raises :class:`~autograder.errors.GraderError` if there is none.

    Of the students in ``replaced`` it is known that they handed in another notebook since.
    """
    folder = store.results(assignment)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    entries, unreadable, environments = [], [], Counter[str]()
    newest: tuple[float, Result] | None = None
    for path in paths:
        try:
            result, changed = decode(path.read_bytes()), path.stat().st_mtime
        except (OSError, msgspec.DecodeError, RecursionError):
            unreadable.append(path.name)
            continue
        entries.append(_entry(result, changed, _href(store, result)))
        environments[result.environment.torch] += 1
        if result.questions and (newest is None or changed > newest[0]):
            newest = (changed, result)
    if not entries:
        raise store.empty(assignment)
    return Classroom(
        assignment=assignment,
        entries=tuple(sorted(entries, key=lambda entry: entry.student)),
        questions=_questions(newest[1]) if newest else (),
        max_score=newest[1].max_score if newest else 0.0,
        unreadable=tuple(unreadable),
        environments=environments,
        replaced=frozenset(replaced),
    )


def _entry(result: Result, graded_at: float, href: str) -> Entry:
    outcomes, standings, shares, seen = {}, {}, {}, []
    for question in result.questions:
        standings[question.id] = verdict.standing(question)
        shares[question.id] = _share(question.score, question.max_score)
        for check in question.checks:
            outcomes[check.id] = check.outcome
            standings[check.id] = check.outcome.value
            shares[check.id] = _share(check.points, check.max_points)
            if check.outcome in _BECAUSE_OF_THE_ANSWER:
                lost = check.max_points - check.points
                seen += [Seen(question.id, finding, lost) for finding in check.findings]
    graded = result.status == "graded" and Outcome.GRADER_ERROR not in outcomes.values()
    return Entry(
        student=result.student,
        href=href,
        score=result.score if graded else None,
        ungraded=result.ungraded,
        lost={item.id: lost for item in result.questions if (lost := item.max_score - item.score) > 1e-9},
        outcomes=outcomes,
        standings=standings,
        shares=shares,
        seconds={"": result.timing.get("total", 0.0)} | result.durations,
        seen=tuple(seen),
        remarks=tuple(result.remarks),
        version=result.assignment_digest,
        graded_at=graded_at,
    )


def _questions(result: Result) -> tuple[Question, ...]:
    return tuple(
        Question(
            id=question.id,
            words=question.title,
            max_points=question.max_score,
            checks=tuple(
                Item(check.id, check.about, check.max_points, check.visibility == "hidden")
                for check in question.checks
            ),
        )
        for question in result.questions
    )


def _share(points: float, max_points: float) -> float:
    return points / max_points if max_points > 0 else 0.0


def _href(store: Store, result: Result) -> str:
    """From the class page to the student's, percent-encoded as a link has to be."""
    target = store.files(result).html.relative_to(store.out)
    up = len(store.report(result.assignment).relative_to(store.out).parts) - 1
    return "../" * up + quote(target.as_posix())
