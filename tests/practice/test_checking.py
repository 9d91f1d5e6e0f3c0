"""Checks in a student's own notebook look at what is defined there now."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from autograder.messages import catalogue
from tests.practice.students import COURSE, LINEAR, Student, hand_out


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Student:
    """A student who has the released notebook and nothing else, in the folder where they work."""
    hand_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return Student()


def test_a_right_answer_passes_with_the_notebook_alone(student: Student) -> None:
    """The checks came with the notebook's file; hidden ones are said to exist."""
    student.run(LINEAR)
    said = student.says("linear")
    assert "A linear layer: Passed (4 of 4)" in said
    assert catalogue("en").ui("public_checks_only") in said


def test_a_wrong_answer_is_explained(student: Student) -> None:
    """Expected beside found, and a hint, for the question that was asked about and no other."""
    student.run(LINEAR.replace("5", "4"))
    said = student.says("linear")
    assert "Expected: (1, 5)\n    Found: (1, 4)" in said
    assert "Hint: " in said
    assert "onvolution" not in said


def test_what_is_defined_now_counts(student: Student) -> None:
    """Mended in another cell and asked again: no cell is run a second time."""
    student.run("runs = []")
    student.run(LINEAR.replace("5", "4") + "\nruns.append(1)")
    assert "Found: (1, 4)" in student.says("linear")
    student.run("linear_layer = nn.Linear(10, 5)")
    student.run("output_tensor = linear_layer(input_tensor)")
    assert "Passed (4 of 4)" in student.says("linear")
    assert student.shell.user_ns["runs"] == [1]


def test_the_cell_that_asks_may_be_the_one_that_answers(student: Student) -> None:
    """Many write the check below their answer, in one cell."""
    student.run(f"{LINEAR}\nasked = True")
    assert "Passed (4 of 4)" in student.says("linear")


def test_a_name_that_another_question_bound_is_no_answer(student: Student) -> None:
    """``output_tensor`` and ``model`` belong to several questions: the last answer that bound them owns them."""
    student.run(LINEAR)
    assert "A convolution: Not answered" in student.says("conv")
    student.run("class CustomModel(nn.Module):\n    pass\nmodel = CustomModel()")
    assert "Not answered" in student.says("sequential")
    assert "Not answered" not in student.says("custom_model").splitlines()[0]


def test_shapes_are_read_as_they_were_written(student: Student) -> None:
    """A prediction that was written down counts; one that was asked of a layer does not, though it is equal."""
    student.run("predicted_shapes = {'linear': (4, 3, 7)}")
    assert "Predicting shapes: Passed" in student.says("shapes")
    student.run("predicted_shapes = {'linear': tuple(nn.Linear(12, 7)(torch.ones(4, 3, 12)).shape)}")
    assert "Predicting shapes: Not passed" in student.says("shapes")


def test_being_checked_changes_nothing(student: Student) -> None:
    """Modes, weights and random numbers are as they were; ``print`` still prints."""
    student.run(LINEAR + "\nlinear_layer.train()\ntorch.manual_seed(3)")
    before = torch.get_rng_state(), dict(student.shell.user_ns["linear_layer"].state_dict()), sys.stdout
    names = set(student.shell.user_ns)
    student.check("linear")
    student.check("custom_model")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert all(
        torch.equal(value, before[1][key])
        for key, value in student.shell.user_ns["linear_layer"].state_dict().items()
    )
    assert student.shell.user_ns["linear_layer"].training
    assert sys.stdout is before[2]
    assert set(student.shell.user_ns) == names


def test_hostile_objects_are_the_students_own_failure(student: Student) -> None:
    """Code that raises while it is asked costs its check, with its words as text."""
    student.run(
        "class CustomModel(nn.Module):\n"
        "    def forward(self, x):\n"
        "        raise ValueError('<script>alert(1)</script>')\n"
        "model = CustomModel()"
    )
    html = student.check("custom_model")._repr_html_()
    assert "<script" not in html
    assert "Passed" in html or "Not passed" in html


def test_an_interrupt_ends_the_check(student: Student) -> None:
    """The student's own Ctrl-C comes out of a check that takes too long."""
    student.run(
        "class CustomModel(nn.Module):\n"
        "    def forward(self, x):\n"
        "        raise KeyboardInterrupt\n"
        "model = CustomModel()"
    )
    with pytest.raises(KeyboardInterrupt):
        student.check("custom_model")


def test_every_question_at_once(student: Student) -> None:
    """Without a name, each question has its line; what is not answered has nothing below it."""
    student.run(LINEAR)
    said = student.says()
    assert said.count("Not answered (0 of") == 10
    assert catalogue("en").text("not_answered") not in said
    assert "A linear layer: Passed (4 of 4)" in said


def test_the_words_are_the_notebooks_language(student: Student) -> None:
    """Korean for a Korean notebook, unless another language is asked for."""
    student.run(LINEAR)
    assert "선형 층: 통과" in student.says("linear", lang=None)
    assert "A linear layer" in student.says("linear", lang="en")


@pytest.mark.parametrize("wanted", ["lineer", 7, torch.ones(2), "x" * 1000])
def test_an_unknown_question_names_those_there_are(student: Student, wanted: object) -> None:
    """A misspelt name, or an object where a name belongs, is answered with the list."""
    said = student.says(wanted)
    assert "There is no question" in said
    assert "linear, conv, pool" in said
    assert len(said) < 1000


def test_without_a_notebook_there_are_no_checks(student: Student, tmp_path: Path) -> None:
    """Nothing to check by is said in words, with what to do, and is no traceback."""
    for path in tmp_path.glob("*.ipynb"):
        path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert "No public checks were found" in student.says("linear")


def test_a_damaged_notebook_is_told(student: Student, tmp_path: Path) -> None:
    """What a notebook carries may have been edited: the reason is shown."""
    path = next(tmp_path.glob("*.ipynb"))
    notebook = json.loads(path.read_bytes())
    notebook["metadata"]["autograder"]["carries"]["../evil.py"] = "import os"
    path.write_text(json.dumps(notebook), "utf-8")
    assert "no part of a handout" in student.says("linear")
    assert not list(tmp_path.parent.glob("evil.py"))


def test_the_folder_that_was_handed_out_is_used_where_it_is(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its checks win over those in the notebook, and a change of them is seen at once."""
    folder = tmp_path / "handout"
    shutil.copytree(COURSE / "assignments/dl1", folder)
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "dl1.ko.ipynb"))
    student.run(LINEAR)
    assert "Passed (4 of 4)" in student.says("linear")
    checks = folder / "test_public.py"
    checks.write_text(checks.read_text("utf-8").replace("(1, 5)", "(1, 6)"), "utf-8")
    assert "Expected: (1, 6)" in student.says("linear")


@pytest.mark.parametrize("told_by", ["jupyter", "vscode", "colab"])
def test_the_notebook_is_found_from_any_folder(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told_by: str
) -> None:
    """The kernel may work elsewhere: Jupyter's server, VS Code and Colab each tell in their way."""
    notebook = next(tmp_path.glob("*.ipynb"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    student.run(LINEAR)
    assert "No public checks" in student.says("linear")
    if told_by == "jupyter":
        monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    elif told_by == "vscode":
        student.shell.user_ns["__vsc_ipynb_file__"] = str(notebook)
    else:
        answer = {"ipynb": json.loads(notebook.read_bytes())}
        message = SimpleNamespace(blocking_request=lambda *_, **__: answer)
        monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(_message=message))
    assert "Passed (4 of 4)" in student.says("linear")
