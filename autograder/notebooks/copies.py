"""Copies of a released notebook, which students may have worked in.

A released cell carries nbgrader's checksum of itself, so that a copy tells which of its cells are as they were.
nbgrader, which takes a second to import, is not needed for that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import AssignmentError
from autograder.notebooks.old_formats import upgraded

MAX_BYTES = 50 << 20  # larger files are no copies


def notebook(path: Path, data: bytes) -> dict[str, Any]:
    """The notebook as nbformat 4 has it; raises :class:`AssignmentError` if it cannot be read."""
    try:
        read: dict[str, Any] = json.loads(data.decode())
        return _joined(read) if read.get("nbformat") == 4 else upgraded(read)
    except Exception as error:
        problem = f"cannot be read as a notebook ({type(error).__name__}: {str(error)[:200]})"
        raise AssignmentError(f"{path}: {problem}. Open it in Jupyter and save it again") from error


class _Cell(msgspec.Struct):
    cell_type: str
    metadata: dict[str, Any]
    source: str | list[str]


class _Notebook(msgspec.Struct):
    cells: list[_Cell]
    metadata: dict[str, Any]


def _joined(read: dict[str, Any]) -> dict[str, Any]:
    """A notebook of format 4 with every cell's text in one piece; raises what it lacks.

    That is all that nbformat would do to it, for 6 MiB in every process that grades.
    """
    msgspec.convert(read, _Notebook)
    for cell in read["cells"]:
        cell["source"] = "".join(cell["source"])
    return read


def least_changed(folder: Path, questions: Collection[str]) -> tuple[Path, bytes, dict[str, Any]] | str:
    """The released notebook in ``folder`` with exactly these questions that was worked in least; or why there is none.

    One whose given cells were changed does not count.
    """
    found: list[tuple[int, Path, bytes, dict[str, Any]]] = []
    damaged: list[str] = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            read = notebook(path, data) if b'"grade_id"' in data else {"cells": []}
        except (OSError, AssignmentError):
            continue  # some other file of a student's
        ours = [cell for cell in read["cells"] if "grade_id" in (cell["metadata"].get("nbgrader") or {})]
        answers = [cell for cell in ours if cell["metadata"]["nbgrader"].get("solution")]
        if sorted(map(_identity, answers)) != sorted(questions):
            continue
        if altered := [_identity(cell) for cell in ours if cell not in answers and not unchanged(cell)]:
            damaged.append(f"; in {path.name}, given cells were changed ({', '.join(altered)})")
            continue
        found.append((sum(not unchanged(cell) for cell in answers), path, data, read))
    if not found:
        return f"no released notebook is here with all of its cells{''.join(damaged[:3])}"
    _, path, data, read = min(found, key=lambda one: one[0])
    return path, data, read


def unchanged(cell: Mapping[str, Any]) -> bool:
    """Whether a cell has the text that it was released with, by nbgrader's checksum of it."""
    about = cell["metadata"]["nbgrader"]
    graded, solution = bool(about.get("grade")), bool(about.get("solution"))
    locked = not solution and (graded or bool(about.get("locked")))
    parts = [cell["source"], cell["cell_type"], str(graded), str(solution), str(locked), _identity(cell)]
    try:
        parts += [str(float(about["points"]))] if graded else []
    except (KeyError, TypeError, ValueError):
        return False
    text = "".join(parts).encode("utf-8", "surrogatepass")
    return bool(hashlib.md5(text, usedforsecurity=False).hexdigest() == about.get("checksum"))


def tags(cell: Mapping[str, Any]) -> list[str]:
    """A cell's tags; none where they are of another shape."""
    found = cell["metadata"].get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def _identity(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"]["nbgrader"]["grade_id"])
