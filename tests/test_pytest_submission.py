"""An author's checks run on one notebook as ordinary tests, with a debugger if need be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.sandbox.layers import probe
from tests.builders import ANSWERS, SETTINGS, notebook, source_cells, student_cells, write_course

PUBLIC = """
import time
from torch import nn
from autograder.checks import assert_same_computation, assert_shape, question

model = question("model")
linear = question("linear")


@model.check(points=1)
def test_stands_later(answer):
    assert_same_computation(answer.module("model"), nn.Linear(2, 1), input_shape=(2,))


@linear.check(points=1)
def test_stands_before(answer):
    assert_shape(answer.tensor("output"), (1, 5))


@linear.check(points=1)
def test_looks_for_long(answer):
    layer = answer.module("linear_layer")
    time.sleep(4.2)  # as somebody at a debugger's prompt
    assert_same_computation(layer, nn.Linear(10, 5), input_shape=(10,))


@question("custom").check(points=1)
def test_is_answered(answer):
    answer.module("model", of="Custom")


def test_of_no_question(answer):
    pass
"""
HIDDEN = """
from torch import nn
from autograder.checks import assert_shape, question


@question("conv").check(points=1)
def test_shape(answer):
    assert_shape(answer.tensor("output"), (1, 4, 6, 6))


@question("nothing").check(points=1)
def test_of_an_unknown_question(answer):
    pass
"""
WRONG = ANSWERS | {
    "conv": "conv_layer = nn.Conv2d(3, 4, 5)\noutput = conv_layer(x)",
    "custom": "# Write your code here",
}
SLEEPS = ANSWERS | {"conv": f"import time\ntime.sleep(3.5)\n{WRONG['conv']}"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The tiny course with checks, limits of four seconds, and a notebook to look at."""
    if missing := [f"{layer.name}: {layer.why}" for layer in probe() if not layer.works]:
        pytest.skip(f"this machine cannot isolate ({'; '.join(missing)})")
    write_course(
        tmp_path, SETTINGS + "\n[limits]\nsubmission_seconds = 4.0\ncell_seconds = 3.0\n", source_cells()
    )
    (tmp_path / "grader.toml").touch()
    (tmp_path / "assignments/tiny/test_public.py").write_text(PUBLIC)
    (tmp_path / "solutions/tiny/test_hidden.py").write_text(HIDDEN)
    return tmp_path


def ran(place: Path, *arguments: str, typed: str = "", answers: Mapping[str, str] = WRONG) -> tuple[int, str]:
    """Exit code and output of pytest there, as an author starts it; ``typed`` is what they type."""
    (place / "kim.ipynb").write_bytes(notebook(student_cells(answers)))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "150"}
    done = subprocess.run(
        command, cwd=place, env=environment, input=typed, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_checks_run_in_any_order_and_say_what_grading_says(place: Path) -> None:
    """Verdicts are worded, with the check's line; looking for longer than a submission has is no crime."""
    code, out = ran(place, "assignments/tiny", "solutions/tiny", "--submission", "kim.ipynb", "-v")
    assert code == 1
    for name in ("stands_later", "stands_before", "looks_for_long"):
        assert f"test_public.py::test_{name} PASSED" in out
    assert 'test_hidden.py:8: assert_shape(answer.tensor("output"), (1, 4, 6, 6))' in out
    assert "failed: wrong_shape: " in out
    assert "  expected: (1, 4, 6, 6)\n  found: (1, 4, 4, 4)\n" in out
    assert "not_answered: the notebook has no answer to 'custom'" in out
    assert "it belongs to no question" in out
    assert "assignment 'tiny' has no question 'nothing'; it has linear, conv, model, custom" in out
    assert "3 passed" in out


def test_a_debugger_stops_at_the_verdict_and_no_clock_runs(place: Path) -> None:
    """``-k`` picks, ``--pdb`` stops where the check fell short, and a cell may take its time."""
    arguments = ("solutions/tiny", "--submission", "kim.ipynb", "-k", "shape", "--pdb")
    code, out = ran(place, *arguments, typed="p 'found', found.shape\nq\n", answers=SLEEPS)
    assert code == 2  # left by q
    assert "('found', (1, 4, 4, 4))" in out
    assert "timeout" not in out


def test_a_late_cell_is_late_where_nobody_debugs(place: Path) -> None:
    """As in grading, so that the verdict is grading's."""
    code, out = ran(place, "solutions/tiny", "--submission", "kim.ipynb", "-k", "shape", answers=SLEEPS)
    assert code == 1
    assert "timeout: cell_timeout: " in out


def test_a_notebook_is_named(tmp_path: Path) -> None:
    """Without one, each check says how; a name that leads nowhere is refused at once."""
    write_course(tmp_path)
    (tmp_path / "assignments/tiny/test_public.py").write_text(PUBLIC)
    code, out = ran(tmp_path, "assignments/tiny")
    assert code == 1
    assert "whose answer? Name a notebook: pytest … --submission NOTEBOOK" in out
    code, out = ran(tmp_path, "assignments/tiny", "--submission", "lee.ipynb")
    assert code == 4
    assert "--submission lee.ipynb: there is no such file" in out
