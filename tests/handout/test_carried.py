"""The public checks that a released notebook carries, and nothing more."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignment import load, load_handout
from autograder.errors import AssignmentError
from autograder.handout.carried import FILES, carries, unpack

COURSE = Path(__file__).parents[2]
RELEASED = {lang: COURSE / f"assignments/dl1/dl1.{lang}.ipynb" for lang in ("ko", "en")}


def metadata(lang: str = "ko") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RELEASED[lang].read_bytes())["metadata"]
    return found


def checks_in(path: str) -> set[str]:
    tree = ast.parse((COURSE / path).read_bytes())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.decorator_list}


@pytest.mark.parametrize("lang", RELEASED)
def test_a_notebook_is_a_handout(tmp_path: Path, lang: str) -> None:
    """What it carries is read as the folder that was handed out is: questions, given cells, checks, headings."""
    assert unpack(metadata(lang), tmp_path)
    carried, whole = load_handout(tmp_path), load(COURSE, "dl1")
    assert (carried.name, carried.languages) == ("dl1", whole.languages)
    assert [(one.id, one.defines) for one in carried.questions] == [
        (one.id, one.defines) for one in whole.questions
    ]
    assert [one.source for one in carried.given] == [one.source for one in whole.given]
    assert [one.heading[lang] for one in carried.questions] == [one.heading[lang] for one in whole.questions]
    assert (tmp_path / "test_public.py").read_text("utf-8") == (
        COURSE / "assignments/dl1/test_public.py"
    ).read_text("utf-8")


@pytest.mark.parametrize("lang", RELEASED)
def test_no_hidden_check_and_no_answer_is_near(lang: str) -> None:
    """No hidden check's name or text, no answer, nothing of ``solutions/`` is anywhere in the file."""
    text = RELEASED[lang].read_text("utf-8")
    hidden = checks_in("solutions/dl1/test_hidden.py") - checks_in("assignments/dl1/test_public.py")
    assert hidden
    assert not [name for name in hidden if name in text]
    assert "test_hidden" not in text
    assert "SOLUTION" not in text
    cells = json.loads(metadata(lang)["autograder"]["carries"]["dl1.ipynb"])["cells"]
    answers = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    assert len(answers) == 11
    assert all(cell["source"].startswith("#") and "\n" not in cell["source"] for cell in answers)


@pytest.mark.parametrize("name", ["../x.py", "x.py", "conftest.py", "/etc/x.ipynb", ".x.ipynb", "a/b.ipynb"])
def test_only_a_handouts_files_are_unpacked(tmp_path: Path, name: str) -> None:
    """A notebook of anybody's cannot place files elsewhere, or a file that pytest would read."""
    edited = metadata()
    edited["autograder"]["carries"][name] = "x"
    with pytest.raises(AssignmentError, match="no part of a handout"):
        unpack(edited, tmp_path / "inside")


@pytest.mark.parametrize(
    "strange",
    [None, [], {}, {"autograder": None}, {"autograder": {"carries": 3}}, {"autograder": {"carries": {}}}],
)
def test_other_notebooks_carry_nothing(tmp_path: Path, strange: object) -> None:
    """Metadata of any shape is survived."""
    assert not unpack(strange, tmp_path)


def test_without_public_checks_nothing_is_carried(tmp_path: Path) -> None:
    """An assignment may have none; its notebooks then carry nothing."""
    (tmp_path / FILES[0]).write_text("")
    assert carries(tmp_path, "mini", {"cells": []}) is None
