"""The trees that formgrader wants: whole notebooks, with nothing in them that a browser would act on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator  # type: ignore[import-untyped]

from autograder.course.config import Course
from autograder.gradebook import write_trees
from autograder.gradebook.definition import read
from autograder.gradebook.trees import autograded
from autograder.records.store import Store
from tests.builders import RawCell, code, document, text
from tests.gradebook.courses import course, released, result, submit
from tests.payloads import HOSTILE


def made(here: Course, cells: list[RawCell], linear: float = 3.0) -> Any:
    data = json.dumps(document(cells)).encode()  # in ASCII, so that lone surrogates can be in it
    written = autograded(read(here.root, "dl1"), data, result("kim", linear))
    return nbformat.reads(written.decode(), as_version=4)  # type: ignore[no-untyped-call]


def ids(made: Any) -> list[str]:
    return [cell.metadata.nbgrader.grade_id for cell in made.cells if "nbgrader" in cell.metadata]


def test_nbgrader_takes_it_for_its_own(tmp_path: Path) -> None:
    """A valid notebook of format 4.5, with nbgrader's metadata on every cell that it knows."""
    book = made(course(tmp_path), released())
    nbformat.validate(book)
    MetadataValidator().validate_nb(book)
    assert ids(book) == ["setup", "linear", "conv", "essay", "task"]


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [text("only words")],
        [code("layer = 1")],
        [cell | {"metadata": {}} for cell in released()],
        [*released(), *released()],
        [code("x", "linear"), text("y"), code("z", "linear")],
        [
            text(
                "no code",
            )
            | {"metadata": released()[1]["metadata"]}
        ],
    ],
)
def test_each_question_is_there_once(tmp_path: Path, cells: list[RawCell]) -> None:
    """Whatever a student did to the cells: formgrader finds each score's place exactly once."""
    found = ids(made(course(tmp_path), cells or [code("")]))
    for name in ("linear", "conv", "essay", "task"):
        assert found.count(name) == 1


def test_what_was_found_stands_under_the_question(tmp_path: Path) -> None:
    """Outcome, points and findings as the cell's output."""
    (cell,) = [
        cell
        for cell in made(course(tmp_path), released()).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "linear"
    ]
    (output,) = cell.outputs
    assert output.output_type == "stream"
    assert "0 of 4" in output.text
    assert "(1, 5)" in output.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_acts_on_the_instructors_browser(tmp_path: Path, hostile: str) -> None:
    """Text cells are their own source, in a fence that they cannot close; outputs of the student's are gone."""
    cell = code("print(1)") | {
        "outputs": [{"output_type": "display_data", "data": {"text/html": hostile}, "metadata": {}}]
    }
    book = made(course(tmp_path), [text(hostile), cell])
    first = book.cells[0].source
    fence = first.split("markdown\n", 1)[0]
    assert set(fence) == {"`"}
    assert first.endswith(f"\n{fence}")
    assert fence not in first[len(fence) : -len(fence)]
    assert book.cells[1].outputs == []


def test_both_trees(tmp_path: Path) -> None:
    """Notebook, time stamp and feedback page lie where nbgrader looks."""
    here = course(tmp_path)
    data = submit(here, "kim", stamp="2026-10-01 12:00:00 UTC")
    graded = result("kim", data=data)
    store = Store(tmp_path / "graded")
    page = store.files(graded).html
    page.parent.mkdir(parents=True)
    page.write_text("<p>page")
    assert write_trees(here, "dl1", [graded], store) == {}
    assert json.loads((tmp_path / "autograded/kim/dl1/dl1.ipynb").read_bytes())["nbformat"] == 4
    assert (tmp_path / "autograded/kim/dl1/timestamp.txt").read_text() == "2026-10-01 12:00:00 UTC"
    assert (tmp_path / "feedback/kim/dl1/dl1.html").read_text() == "<p>page"


def test_who_is_left_out_is_named(tmp_path: Path) -> None:
    """A file that changed since it was graded, one that is gone, a name that is no folder's."""
    here = course(tmp_path)
    submit(here, "kim")
    store = Store(tmp_path / "graded")
    problems = write_trees(here, "dl1", [result("kim"), result("lee"), result("../up")], store)
    assert "not what was graded" in problems["kim"]
    assert "is not there" in problems["lee"]
    assert "no name for a folder" in problems["../up"]
    assert not (tmp_path / "autograded").exists()


def test_what_was_handed_out_looks_like_it(tmp_path: Path) -> None:
    """A text cell of the assignment's own is rendered; with a student's word in it, it is not."""
    here = course(tmp_path, text("## A *lesson*"))
    untouched, changed = made(here, [text("## A *lesson*"), text("## A *lesson* x")]).cells[:2]
    assert untouched.source == "## A *lesson*"
    assert changed.source.startswith("```markdown\n")
