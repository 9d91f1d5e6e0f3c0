"""How far a run is, how fast it goes and how long it will take yet.

On a terminal that is one live line. Elsewhere it is a line a submission, for large classes one every few seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.cli.summary import Row, scored
from autograder.escaping import terminal_line

MAX_LINES = 200  # submissions that have a line each
SECONDS_A_LINE = 5.0  # beyond that


class Report(Protocol):
    """Is told of every submission that is done."""

    def kept(self) -> None:
        """One whose result stood already."""
        ...

    def graded(self, row: Row) -> None:
        """One that was graded."""
        ...


class Pace:
    """Submissions graded a second, from the first to the last so far: what a worker's start takes is left out."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._moments = [0.0, 0.0]
        self.count = 0

    def add(self) -> None:
        self.count += 1
        moment = self._now()
        self._moments = [moment if self.count == 1 else self._moments[0], moment]

    def told(self, left: int) -> str:
        """``4.2 a second, 0:03:12 left``; nothing before there is anything to tell it by."""
        seconds = self._moments[1] - self._moments[0]
        if self.count < 2 or seconds <= 0:
            return ""
        rate = (self.count - 1) / seconds
        return f"{rate:.{0 if rate >= 10 else 1}f} a second, {timedelta(seconds=round(left / rate))} left"


@contextmanager
def reporting(total: int) -> Iterator[Report]:
    """Reports on ``total`` submissions, to stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}", markup=False))
    latest = TextColumn("{task.description}", markup=False)
    with Progress(*columns, latest, console=console, transient=True) as progress:
        yield _Bar(progress, total)


class _Bar:
    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total = progress, total
        self._task = progress.add_task("", total=total, pace="")
        self._done = 0
        self._pace = Pace()

    def kept(self) -> None:
        self._done += 1
        self._progress.update(self._task, advance=1, description="kept: unchanged")

    def graded(self, row: Row) -> None:
        self._done += 1
        self._pace.add()
        self._progress.update(
            self._task,
            advance=1,
            description=f"{terminal_line(row.student, 40)}: {scored(row)}",
            pace=self._pace.told(self._total - self._done),
        )


class _Lines:
    def __init__(self, total: int) -> None:
        self._total = total
        self._kept = 0
        self._pace = Pace()
        self._said = 0.0

    def kept(self) -> None:
        self._kept += 1

    def graded(self, row: Row) -> None:
        if self._kept and self._pace.count == 0:
            _say(f"{self._kept} of {self._total} are unchanged and keep their results")
        self._pace.add()
        done = self._kept + self._pace.count
        if self._total - self._kept <= MAX_LINES:
            _say(f"{done}/{self._total} {terminal_line(row.student, 60)}: {scored(row)}")
        elif time.monotonic() - self._said >= SECONDS_A_LINE or done == self._total:
            self._said = time.monotonic()
            pace = self._pace.told(self._total - done)
            _say(f"{done}/{self._total}" + (f", {pace}" if pace else ""))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
