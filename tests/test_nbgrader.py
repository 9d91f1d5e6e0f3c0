"""nbgrader itself takes the source and the release for its own: it generates, validates and autogrades them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "solutions/dl1/dl1.ipynb"
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "dl"
c.CourseDirectory.root = {root!r}
c.ClearSolutions.code_stub = {{"python": "# Write your code here"}}
c.IncludeHeaderFooter.header = ""
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An nbgrader course with the source notebook in it."""
    root = tmp_path_factory.mktemp("nbgrader")
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)), "utf-8")
    (root / "source/dl1").mkdir(parents=True)
    shutil.copy(SOURCE, root / "source/dl1/dl1.ipynb")
    return root


def nbgrader(course: Path, *arguments: str) -> str:
    """What the command says, which must succeed."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic by its name
    environment = os.environ | {"PATH": found}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def complaints(said: str) -> Sequence[str]:
    """Warnings and errors that are about the notebook's cells."""
    return [line for line in said.splitlines() if re.search(r"WARNING|ERROR", line) and "cell" in line.lower()]


def filled_in(lang: str) -> dict[str, Any]:
    """The released notebook with the reference's answers."""
    answers = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in json.loads(SOURCE.read_bytes())["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    notebook: dict[str, Any] = json.loads((ROOT / f"assignments/dl1/dl1.{lang}.ipynb").read_bytes())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = re.sub(r"### (?:BEGIN|END) SOLUTION\n?", "", answers[name])
    return notebook


def test_it_generates_what_we_release(course: Path) -> None:
    """From the same source, the same cells with the same checksums, in one notebook for all languages."""
    said = nbgrader(course, "generate_assignment", "dl1")
    assert complaints(said) == []
    theirs = json.loads((course / "release/dl1/dl1.ipynb").read_bytes())
    ours = json.loads((ROOT / "assignments/dl1/dl1.en.ipynb").read_bytes())
    marks = [
        [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
        for notebook in (theirs, ours)
    ]
    assert marks[0] == marks[1]


def test_it_validates_the_source(course: Path) -> None:
    """Every cell runs, and none of them is a test that fails."""
    said = nbgrader(course, "validate", "source/dl1/dl1.ipynb")
    assert "Success! Your notebook passes all the tests." in said
    assert complaints(said) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_autogrades_a_filled_in_release(course: Path, lang: str) -> None:
    """No cell was changed that must not be, none is unknown, and every answer waits for a grade."""
    if not (course / "release/dl1").exists():
        nbgrader(course, "generate_assignment", "dl1")
    handed_in = course / f"submitted/{lang}/dl1/dl1.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text(json.dumps(filled_in(lang)), "utf-8")
    said = nbgrader(course, "autograde", "dl1", "--student", lang)
    assert complaints(said) == []
    graded = json.loads((course / f"autograded/{lang}/dl1/dl1.ipynb").read_bytes())
    errors = [out for cell in graded["cells"] for out in cell.get("outputs", ()) if out["output_type"] == "error"]
    assert errors == []
    assert len(graded["cells"]) == len(filled_in(lang)["cells"])
