"""An assignment as nbgrader's gradebook knows it: which cells there are, and what they are worth.

Read from the released notebook of the first language. The gradebook knows one notebook, named as the assignment
is, whatever its language: a release has the same nbgrader cells in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.course.assignment_settings import read_settings
from autograder.errors import AssignmentError
from autograder.notebooks.notebook import normal_newlines

Kind = Literal["checked", "written", "task"]  # by our checks; by a person, an answer; by a person, anything


@dataclass(frozen=True)
class GradedCell:
    name: str
    kind: Kind
    cell_type: str
    points: float


@dataclass(frozen=True)
class SourceCell:
    """A cell as it was released; ``metadata`` is all that nbgrader says of it."""

    name: str
    cell_type: str
    locked: bool
    source: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Definition:
    assignment: str
    kernelspec: str  # as JSON
    graded: tuple[GradedCell, ...]
    solutions: tuple[str, ...]  # cells that a student answers in
    sources: tuple[SourceCell, ...]
    texts: frozenset[str]  # the text cells as they were handed out, in every language


def read(course_root: Path, assignment: str) -> Definition:
    """The definition; raises :class:`AssignmentError` if the assignment was not released."""
    folder = course_root / "assignments" / assignment
    settings = read_settings(folder / "assignment.toml", (folder / "assignment.toml").read_bytes())
    released = [
        _released(folder / f"{assignment}.{language}.ipynb", assignment) for language in settings.languages
    ]
    notebook = released[0]
    graded, solutions, sources = [], [], []
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader")
        if not marks or not marks.get("grade_id"):
            continue
        name, source = marks["grade_id"], _source(cell)
        answered, task = bool(marks.get("solution")), bool(marks.get("task"))
        if marks.get("grade") or task:
            kind: Kind = "task" if task else "checked" if cell["cell_type"] == "code" else "written"
            graded.append(GradedCell(name, kind, cell["cell_type"], float(marks.get("points", 0))))
        if answered:
            solutions.append(name)
        locked = bool(not answered and (marks.get("grade") or marks.get("locked")))
        sources.append(SourceCell(name, cell["cell_type"], locked, source, marks))
    kernelspec = json.dumps(notebook["metadata"].get("kernelspec", {}))
    texts = {_source(cell) for one in released for cell in one["cells"] if cell["cell_type"] == "markdown"}
    return Definition(
        assignment, kernelspec, tuple(graded), tuple(solutions), tuple(sources), frozenset(texts)
    )


def _released(path: Path, assignment: str) -> dict[str, Any]:
    try:
        notebook: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        remedy = f"Make it with: grader release {assignment}"
        raise AssignmentError(
            f"{path}: is no released notebook, which the gradebook is made from. {remedy}"
        ) from None
    return notebook


def _source(cell: Mapping[str, Any]) -> str:
    return normal_newlines("".join(cell["source"]))
