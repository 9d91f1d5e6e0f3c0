"""The assignment's own values: what its given cells define, up to each question."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from autograder.course.assignment import Assignment
from autograder.errors import AssignmentError


def givens(assignment: Assignment) -> Mapping[str, Mapping[str, object]]:
    """Question id → names and values that the given cells before it define.

    Given cells are the course's own code, so they are run here, beside the assignment's ``data/`` if it has one; raises
    :class:`AssignmentError` if one fails.
    """
    beside = (assignment.folder / "data").is_dir()
    with contextlib.chdir(assignment.folder) if beside else contextlib.nullcontext():
        return _values(assignment)


def _values(assignment: Assignment) -> Mapping[str, Mapping[str, object]]:
    names: dict[str, Any] = {}
    found: dict[str, Mapping[str, object]] = {}
    pending = list(assignment.given)
    for question in assignment.questions:
        while pending and (pending[0].question is None or pending[0].id in question.given_cells):
            cell = pending.pop(0)
            try:
                exec(compile(cell.source, f"<given cell {cell.id}>", "exec"), names)
            except Exception as error:
                raise AssignmentError(
                    f"assignment {assignment.name!r}: given cell {cell.id!r} raises {type(error).__name__}: {error}"
                ) from error
        found[question.id] = {name: value for name, value in names.items() if not name.startswith("__")}
    return found
