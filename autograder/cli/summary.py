"""What a finished run looks like on a terminal: who lost what, and what a person must look at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.escaping import terminal_line
from autograder.messages import catalogue
from autograder.results import Outcome, QuestionResult, Result
from autograder.submissions.found import Found

MAX_ROWS = 200  # of the table; the results have them all
MAX_NOTES = 20
_STOPPED = (Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED)


@dataclass(frozen=True, slots=True)
class Row:
    """What the summary keeps of a result, for every student of a class at once: it is small.

    ``score`` is None if there is none; ``ours``: by our fault.
    """

    student: str
    score: float | None
    max_score: float
    lost: str
    ours: bool
    outcomes: Mapping[Outcome, int]

    @property
    def stopped(self) -> bool:
        """Whether something of it was ended before it was done."""
        return any(self.outcomes.get(outcome) for outcome in _STOPPED)

    def reaches(self, percent: float) -> bool:
        """Whether the score is at least ``percent`` of what could be had; False if that is nothing."""
        return self.max_score > 0 and (self.score or 0) * 100 >= percent * self.max_score - 1e-9


def row(result: Result) -> Row:
    """The row of ``result``."""
    outcomes = Counter(check.outcome for question in result.questions for check in question.checks)
    graded = result.status == "graded" and result.score is not None and not outcomes[Outcome.GRADER_ERROR]
    lost = [text for question in result.questions if (text := _lost(question))]
    if set(outcomes) == {Outcome.NOT_ANSWERED}:
        lost = ["nothing answered"]
    lost += _stopped(result)
    if not graded and result.ungraded:
        ours = result.ungraded.fault == "grader" and (
            result.ungraded.message or "a check failed itself, see below"
        )
        lost.insert(0, ours or catalogue("en").text(result.ungraded.code, **result.ungraded.facts))
    return Row(
        student=result.student,
        score=result.score if graded else None,
        max_score=result.max_score,
        lost=", ".join(lost),
        ours=not graded and (result.ungraded is None or result.ungraded.fault == "grader"),
        outcomes=_shared(frozenset(outcomes.items())),
    )


@lru_cache(maxsize=1024)
def _shared(counts: frozenset[tuple[Outcome, int]]) -> Mapping[Outcome, int]:
    """The same mapping for all students with these counts."""
    return MappingProxyType(dict(counts))


def _stopped(result: Result) -> list[str]:
    """What ended something of it before it was done, in words, and what its processes took, in numbers."""
    found = [
        finding
        for question in result.questions
        for check in question.checks
        if check.outcome in _STOPPED
        for finding in check.findings
    ]
    words = dict.fromkeys(
        (f"cell {finding.facts['cell']}: " if finding.facts.get("cell") else "")
        + catalogue("en").text(finding.code, **finding.facts).removesuffix(".")  # more follows, behind a comma
        for finding in found
    )
    if words and result.usage:
        used = "{cpu_seconds:g} s of processor time, {peak_mib:.0f} MiB at most".format(**result.usage)
        return [*list(words)[:3], f"it used {used}"]
    return list(words)[:3]


def _lost(question: QuestionResult) -> str:
    """``dropout -3 (timeout)``; empty if nothing was lost."""
    missed = {check.outcome for check in question.checks} - {Outcome.PASSED}
    points = question.max_score - question.score
    if not missed and points <= 0:
        return ""
    why = ", ".join(outcome.value for outcome in Outcome if outcome in missed)
    return f"{question.id} -{points:g}" + (f" ({why})" if why else "")


def scored(row: Row) -> str:
    """``85 / 100`` or ``ungraded``."""
    return "ungraded" if row.score is None else f"{row.score:g} / {row.max_score:g}"


def show(
    rows: Sequence[Row],
    kept: int,
    moved: Iterable[str],
    submissions: Sequence[Found],
    console: Console,
) -> None:
    """Print the table of a run, what needs a person first, whose score moved, and the counts.

    ``kept`` of the rows are results that stood already, ``moved`` is in lines. A run that was ended has fewer rows than
    there are submissions.
    """
    table = Table("student", "score", "lost")
    table.columns[1].justify = "right"
    table.columns[1].no_wrap = True
    ordered = sorted(
        rows, key=lambda row: (not row.ours, row.score is not None, not row.stopped, row.student)
    )
    for entry in ordered[:MAX_ROWS]:
        style = "" if entry.score is not None else "red" if entry.ours else "yellow"
        cells = (terminal_line(entry.student, 60), scored(entry), terminal_line(entry.lost))
        table.add_row(*(Text(cell, style, overflow="fold") for cell in cells))
    console.print(table)
    if len(rows) > MAX_ROWS:
        _say(console, f"… and {len(rows) - MAX_ROWS} more, all of them in the results")
    for line in moved:
        _say(console, line)

    graded = sum(entry.score is not None for entry in rows)
    ours = sum(entry.ours for entry in rows)
    unfinished = len(submissions) - len(rows)
    _say(
        console,
        f"{graded} of {len(submissions)} graded; "
        f"{len(rows) - graded - ours} could not be graded as handed in; {ours} ungraded by the grader's own fault"
        + (f"; {unfinished} not graded in this run" if unfinished else ""),
    )
    if kept:
        _say(console, f"{kept} unchanged, their results kept; {len(rows) - kept} graded now")
    stopped = Counter(outcome for entry in rows for outcome in _STOPPED if entry.outcomes.get(outcome))
    if stopped:
        counts = [f"{count} with {outcome.value}" for outcome, count in stopped.items()]
        _say(console, f"worth a look: {', '.join(counts)}")
    outcomes: Counter[Outcome] = Counter()
    for entry in rows:
        outcomes.update(entry.outcomes)
    counts = [f"{outcomes[outcome]} {outcome.value}" for outcome in reversed(Outcome) if outcomes[outcome]]
    if counts:
        _say(console, "checks: " + ", ".join(counts))

    several = [found for found in submissions if found.others]
    for found in several[:MAX_NOTES]:
        others = ", ".join(path.name for path in found.others[:MAX_NOTES])
        _say(console, f"{found.student}: {found.path.name} was graded, not {others}")
    if len(several) > MAX_NOTES:
        _say(console, f"… and {len(several) - MAX_NOTES} more students with several notebooks")


def _say(console: Console, line: str) -> None:
    console.print(Text(terminal_line(line, 1000)), soft_wrap=True)
