"""The released notebook in a real JupyterLab: it opens, is filled in, is saved, and what was saved is graded."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import jupyterlab
from tests.browser.jupyterlab import Lab

COURSE = Path(__file__).parents[2]
SOURCE = COURSE / "solutions/dl1/dl1.ipynb"
STUBS = {"ko": "# 여기에 코드를 작성하세요", "en": "# Write your code here"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server that shows the notebooks as they were handed out."""
    folder = tmp_path_factory.mktemp("handout")
    for lang in STUBS:
        shutil.copy(COURSE / f"assignments/dl1/dl1.{lang}.ipynb", folder)
    with jupyterlab.started(folder, tmp_path_factory.mktemp("private")) as running:
        yield running


def answers() -> list[str]:
    """What belongs in the blanks, in the notebook's order."""
    cells = json.loads(SOURCE.read_bytes())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.findall(r"### BEGIN SOLUTION\n(.*?)\n### END SOLUTION", code, re.DOTALL)


@pytest.mark.parametrize("lang", STUBS)
def test_filled_in_by_keyboard_it_gets_full_marks(page: Page, lab: Lab, lang: str, tmp_path: Path) -> None:
    """Cell after cell by Shift+Enter, each blank typed over, saved by Ctrl+S: the file on the disk is worth 100."""
    name = f"dl1.{lang}.ipynb"
    notebook = lab.open(page, name)
    notebook.choose_first()
    blanks = answers()
    total = len(json.loads((lab.folder / name).read_bytes())["cells"])
    for number in range(1, total + 1):
        expect(page.get_by_text(f"Cell {number}/{total}")).to_be_visible()
        if notebook.active_code().filter(has_text=STUBS[lang]).count():
            notebook.retype(blanks.pop(0))
        notebook.run_and_go_on()
    notebook.wait_until_idle()
    assert blanks == []
    assert notebook.panel.locator(".jp-OutputArea [data-mime-type*=error]").count() == 0
    notebook.save()

    grader = [sys.executable, "-c", "from autograder.cli import main; main()"]
    graded = subprocess.run(
        [
            *grader,
            "grade",
            "dl1",
            lab.folder / name,
            "--out",
            tmp_path,
            "--workers",
            "1",
            "--min-score",
            "100",
        ],
        cwd=COURSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert graded.returncode == 0, graded.stdout + graded.stderr
    (result,) = (json.loads(path.read_bytes()) for path in tmp_path.glob("results/dl1/*.json"))
    assert (result["score"], result["remarks"]) == (100, [])
