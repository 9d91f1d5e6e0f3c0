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
PASSED = {"ko": "선형 층 통과", "en": "A linear layer Passed"}
GREEN = "rgb(44, 110, 76)"
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
def test_check_shows_feedback_below_its_cell(page: Page, lab: Lab, lang: str) -> None:
    """With the notebook alone, a student types an answer and ``check("linear")``, sees what is wrong, and mends it."""
    shutil.copy(lab.folder / f"dl1.{lang}.ipynb", lab.folder / f"mine.{lang}.ipynb")
    notebook = lab.open(page, f"mine.{lang}.ipynb")
    notebook.choose_first()
    notebook.run_until(STUBS[lang])
    notebook.retype("linear_layer = nn.Linear(10, 4)\noutput_tensor = linear_layer(input_tensor)")
    notebook.run_and_insert_below()
    notebook.retype('from autograder import check\ncheck("linear")')
    notebook.run_and_insert_below()
    shown = notebook.panel.locator(".jp-OutputArea .autograder-check")
    expect(shown).to_be_visible(timeout=60_000)
    expect(shown).to_contain_text("(1, 5)")
    expect(shown).to_contain_text("(1, 4)")
    assert shown.locator("summary").first.is_visible()
    notebook.retype(
        "linear_layer = nn.Linear(10, 5)\noutput_tensor = linear_layer(input_tensor)\n%check linear"
    )
    notebook.run_and_insert_below()
    expect(shown).to_have_count(2)
    expect(shown.last.locator(".head .passed")).to_be_visible()
    expect(shown.last).to_contain_text(PASSED[lang])
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.autograder-check .passed')).color") == GREEN
    )


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
