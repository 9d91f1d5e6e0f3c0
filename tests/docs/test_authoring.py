"""docs/authoring.md goes through what ``grader new`` makes, which is a verified assignment."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import checks

PAGE = Path(__file__).parents[2] / "docs/authoring.md"
BLOCK = re.compile(r"^```(?:toml|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SIGNATURE = re.compile(r"^- `(assert_\w+)(\(.*?\))`: ", re.MULTILINE)
GRADER = [sys.executable, "-c", "from autograder.cli import main; main()"]


def grader(course: Path, *arguments: str) -> str:
    """What ``grader`` prints there; it must exit with 0."""
    environment = os.environ | {"PYTHONPATH": str(PAGE.parents[1])}
    command = [*GRADER, *arguments]
    ran = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """A course with what the page's first command makes."""
    (tmp_path / "grader.toml").touch()
    (command,) = re.findall(r"^    grader (new .*)$", PAGE.read_text(), re.MULTILINE)
    grader(tmp_path, *command.split())
    return tmp_path


def test_the_page_shows_what_is_made(mini: Path) -> None:
    """Settings, answer and checks stand on the page as they stand in the files."""
    notebook = json.loads((mini / "solutions/mini/mini.ipynb").read_bytes())
    answer = ["".join(cell["source"]) for cell in notebook["cells"] if cell["id"] == "layer"]
    assert BLOCK.findall(PAGE.read_text()) == [
        (mini / "assignments/mini/assignment.toml").read_text(),
        f"{answer[0]}\n",
        (mini / "assignments/mini/test_public.py").read_text(),
        (mini / "solutions/mini/test_hidden.py").read_text(),
    ]


def test_it_is_green_at_once(mini: Path) -> None:
    """Verified by answers of known grade and by mutants, released with its points."""
    assert "5 notebooks, 15 verdicts, 0 holes" in grader(mini, "verify", "mini", "--workers", "1")
    assert " 0 survived" in grader(mini, "verify", "mini", "--mutants", "--workers", "1")
    grader(mini, "release", "mini")
    released = (mini / "assignments/mini/mini.en.ipynb").read_text()
    assert '"points": 5' in released
    assert "BEGIN SOLUTION" not in released


def test_every_assertion_has_its_signature_there() -> None:
    """As it is called, without the types; and none that there is not."""
    told = dict(SIGNATURE.findall(PAGE.read_text()))
    assert told == {name: called(getattr(checks, name)) for name in checks.__all__ if name.startswith("assert_")}


def called(assertion: Callable[..., object]) -> str:
    """An assertion's parameters and their defaults."""
    signature = inspect.signature(assertion)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))
