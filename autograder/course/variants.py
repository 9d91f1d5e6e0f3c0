"""Answers whose grade is known, written as what differs from the reference.

A notebook in ``right/`` or ``wrong/`` holds the cells that are answered in another way, under their grade_id, and
whatever stands right behind them. Laid over the source notebook, each takes the place of the cell with its
grade_id; everything else is the reference's. A whole notebook is one that differs everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import AssignmentError

Cells = list[dict[str, Any]]


def laid_over(reference: Mapping[str, Any], path: Path, content: bytes) -> bytes:
    """The whole notebook that ``content``, read from ``path``, stands for; text cells are the reference's.

    A cell without a grade_id stays behind the one that it follows, at the very front if it follows none. Raises
    :class:`AssignmentError` for what is no notebook, and for a grade_id that the reference does not have.
    """
    known = [name for cell in reference["cells"] if (name := _grade_id(cell))]
    before: Cells = []
    changed: dict[str, Cells] = {}
    place = before
    for cell in _code_cells(path, content):
        if name := _grade_id(cell):
            if name not in known:
                problem = f"it has a cell {name!r}, which the source notebook has not"
                raise AssignmentError(
                    f"{path}: {problem}. Give it one of these grade_ids: {', '.join(known)}"
                )
            place = changed.setdefault(name, [])
        place.append(cell)
    cells = before
    for cell in reference["cells"]:
        cells += changed.get(_grade_id(cell), [cell])
    return json.dumps({**reference, "cells": cells}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _code_cells(path: Path, content: bytes) -> Iterable[dict[str, Any]]:
    try:
        cells = json.loads(content)["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code" and isinstance(cell["metadata"], dict)]
    except (ValueError, KeyError, TypeError):
        raise AssignmentError(f"{path}: this is no notebook of format 4. Save it with Jupyter") from None


def _grade_id(cell: Mapping[str, Any]) -> str:
    return str((cell["metadata"].get("nbgrader") or {}).get("grade_id") or "")
