"""What a released notebook carries, so that its public checks can be run wherever it is opened.

``metadata.autograder.carries`` maps the names of a handout's files to their text: the settings, the public checks,
and the release itself, reduced to the cells that the settings speak of and to the headings that feedback names. A
student who has the notebook and nothing else has the handout with it. Nothing of ``solutions/`` is ever in it: it is
made from ``assignments/`` and from a notebook whose answers have been taken out.

Whoever grades reads none of this: what a submission carries is its student's word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import AssignmentError
from autograder.notebooks.headings import heading_lines

FILES = ("assignment.toml", "test_public.py")
_MAX_CHARACTERS = 1_000_000


def carries(folder: Path, name: str, notebook: Mapping[str, Any]) -> dict[str, str] | None:
    """The files for a release of ``notebook``, whose settings and checks are in ``folder``; None without checks."""
    if not all((folder / file).is_file() for file in FILES):
        return None
    files = {file: (folder / file).read_bytes().decode("utf-8", "replace") for file in FILES}
    cells = [reduced for cell in notebook["cells"] if (reduced := _reduced(cell))]
    about = {"autograder": {"assignment": name}}
    skeleton = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 4}
    return files | {f"{name}.ipynb": json.dumps(skeleton, ensure_ascii=False)}


def unpack(metadata: object, folder: Path) -> bool:
    """Write what a notebook with this ``metadata`` carries into ``folder``; False if that is no handout.

    Raises :class:`AssignmentError` for files that no release of ours carries.
    """
    about = metadata.get("autograder") if isinstance(metadata, Mapping) else None
    files = about.get("carries") if isinstance(about, Mapping) else None
    if not isinstance(files, Mapping) or not files.keys() >= {*FILES}:
        return False
    for name, text in files.items():
        plain = isinstance(name, str) and Path(name).name == name and not name.startswith(".")
        known = name in FILES or (plain and name.endswith(".ipynb"))
        if not known or not isinstance(text, str) or len(text) > _MAX_CHARACTERS:
            raise AssignmentError(
                f"the notebook carries {name!r}, which is no part of a handout. Take the notebook that was handed out"
            )
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", errors="replace", newline="\n")
    return True


def _reduced(cell: Mapping[str, Any]) -> dict[str, Any] | None:
    """A cell of the assignment's as it was released, or a text cell's headings; None for what is neither."""
    kept = {"cell_type": cell["cell_type"], "source": cell["source"]}
    if cell["cell_type"] == "code" and (about := cell["metadata"].get("nbgrader")):
        return kept | {"metadata": {"nbgrader": dict(about)}, "outputs": [], "execution_count": None}
    if cell["cell_type"] == "markdown" and (lines := heading_lines(cell["source"])):
        tags = [tag for tag in cell["metadata"].get("tags", ()) if isinstance(tag, str)]
        return kept | {"source": lines, "metadata": {"tags": tags}}
    return None
