"""Answers of known grade, written as what differs from the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.variants import laid_over
from autograder.errors import AssignmentError
from tests.builders import RawCell, code, notebook, source_cells, text

COURSE = Path(__file__).parents[2]
VARIANTS = sorted(COURSE.glob("solutions/*/[rw]*/*.ipynb"))
REFERENCE: dict[str, Any] = json.loads(notebook(source_cells()))


def laid(*cells: RawCell) -> list[tuple[str, str]]:
    """Each code cell of the result: its grade_id and its source."""
    whole = json.loads(laid_over(REFERENCE, Path("wrong/x.ipynb"), notebook(cells)))
    return [named(cell) for cell in whole["cells"] if cell["cell_type"] == "code"]


def named(cell: RawCell) -> tuple[str, str]:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", ""), "".join(cell["source"])


BEFORE = [named(cell) for cell in REFERENCE["cells"] if cell["cell_type"] == "code"]


def test_a_cell_takes_the_place_of_its_namesake() -> None:
    """Everything else is the reference's, in its order."""
    expected = [(name, "model = None") if name == "model" else (name, source) for name, source in BEFORE]
    assert laid(code("model = None", "model")) == expected


def test_what_stands_behind_a_cell_stays_behind_it() -> None:
    """Cells of a student's own: behind the question they follow, or in front of everything."""
    cells = laid(code("first = 1"), code("model = 1", "model"), text("words"), code("model = 2"))
    place = [name for name, _ in BEFORE].index("model")
    assert cells[0] == ("", "first = 1")
    assert cells[place + 1 : place + 3] == [("model", "model = 1"), ("", "model = 2")]
    assert len(cells) == len(BEFORE) + 2


def test_a_whole_notebook_differs_everywhere() -> None:
    """The reference laid over itself is itself."""
    whole = notebook(source_cells())
    assert json.loads(laid_over(REFERENCE, Path("x.ipynb"), whole)) == REFERENCE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (notebook([code("x = 1", "linaer")]), "'linaer', which the source notebook has not.*linear"),
        (b"{}", "no notebook of format 4"),
        (b"<html>", "no notebook of format 4"),
        (b'{"cells": [{"cell_type": "code"}]}', "no notebook of format 4"),
    ],
)
def test_what_cannot_be_laid_over_names_the_file(content: bytes, said: str) -> None:
    """A misspelt grade_id would otherwise be an answer that nobody grades."""
    with pytest.raises(AssignmentError, match=f"wrong/x.ipynb.*{said}"):
        laid_over(REFERENCE, Path("wrong/x.ipynb"), content)


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_variant_opens_and_is_small(path: Path) -> None:
    """Valid notebooks with cells' ids of their own, and no text cell that would go out of date."""
    read = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    assert {cell.cell_type for cell in read.cells} == {"code"}
