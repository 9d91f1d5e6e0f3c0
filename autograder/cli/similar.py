"""``grader similar``: which answers of a class share what few others have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import GRADED, known
from autograder.cli.parameters import AssignmentName, ResultsFolder
from autograder.course.config import Language, find_course
from autograder.escaping import terminal_line
from autograder.records.store import Store

SHOWN_HERE = 10  # in the terminal; the page has them all


def similar(
    assignment: AssignmentName,
    out: ResultsFolder = None,
    pairs: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many pairs to show.")] = 50,
    lang: Annotated[Language | None, typer.Option(help="Of the page; the course's if left out.")] = None,
) -> None:
    """Show which answers share pieces that few others have, side by side.

    It accuses nobody: it says how common each shared piece is in the class.
    """
    from autograder.course.assignment import load
    from autograder.similarity import compare, write

    course = find_course(Path.cwd())
    known(course, assignment)
    store = Store((out or course.root / GRADED).absolute())
    if not any(store.results(assignment).glob("*.json")):
        raise store.empty(assignment)
    loaded = load(course.root, assignment)
    found = compare(store, loaded, pairs)
    for pair in found[:SHOWN_HERE]:
        owners = pair.rarest.owners
        line = f"{100 * pair.share:3.0f} %  {pair.left} · {pair.right}  (rarest shared piece: {owners} in the class)"
        print(terminal_line(line))
    print(f"{len(found)} pairs share something unusual" if found else "no two answers share anything unusual")
    path = write(store, loaded, found, lang or course.config.course.language)
    print(f"side by side: {terminal_line(str(path), 4000)}")
