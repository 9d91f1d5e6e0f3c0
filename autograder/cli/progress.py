"""How far a run is: one live line on a terminal, one plain line a submission elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.cli.summary import Row, scored
from autograder.escaping import terminal_line


@contextmanager
def reporting(total: int) -> Iterator[Callable[[Row], None]]:
    """A function to call with each row as it is done, out of ``total``; it writes to stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        done = 0

        def plain(row: Row) -> None:
            nonlocal done
            done += 1
            line = f"{done}/{total} {terminal_line(row.student, 60)}: {scored(row)}"
            print(line, file=sys.stderr, flush=True)

        yield plain
        return

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    latest = TextColumn("{task.description}", markup=False)
    with Progress(*columns, latest, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda row: progress.update(
            task, advance=1, description=f"{terminal_line(row.student, 40)}: {scored(row)}"
        )
