"""A course of two questions with checks, and sessions over it in this very process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.pytest_plugin import Replay, session
from tests.builders import RawCell, code, course, given, notebook, question, text

SETTINGS = """\
languages = ["en"]

[title]
en = "Two questions"

[questions.first]
defines = ["layer", "y"]
title = {en = "A layer"}
section = "layers"

[questions.second]
defines = ["model", "y"]
title = {en = "A model"}
section = "models"
"""

IMPORTS = """\
"PYTEST_DONT_REWRITE"  # nobody rewrites their asserts when they grade, and the session of our own tests would
import pytest
import torch
from torch import nn

from autograder.checks import assert_close, assert_maps, assert_output_of, assert_same_computation, assert_shape
from autograder.checks import question

first, second = question("first"), question("second")
"""

CHECKS = """
@first.check(points=2)
def test_shape(answer):
    assert_shape(answer.tensor("y"), (1, 3))

@first.check(points=3)
def test_layer(answer):
    assert_same_computation(answer.module("layer"), nn.Linear(4, 3), input_shape=(4,))

@second.check(points=4)
def test_model(answer):
    assert_same_computation(answer.module("model"), nn.Sequential(nn.Linear(4, 3), nn.ReLU()), input_shape=(4,))

@second.check(points=1)
def test_output(answer):
    assert_output_of(answer.tensor("y"), answer.module("model"), answer.given("x"))
"""

FIRST = "layer = nn.Linear(4, 3)\ny = layer(x)"
SECOND = "model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\ny = model(x)"
GIVEN = "x = torch.ones(1, 4)"
SETUP = "import torch\nimport torch.nn as nn"


def source_cells() -> list[RawCell]:
    return [
        given(SETUP, "setup"),
        text("### First\n\nMake a layer."),
        given(GIVEN, "first-given"),
        question(FIRST, "first"),
        text("### Second\n\nMake a model."),
        question(SECOND, "second"),
    ]


def two_questions(root: Path, public: str = CHECKS, hidden: str | None = None) -> Assignment:
    """The course below ``root`` with these check files, loaded; ``IMPORTS`` stand above each."""
    made = course(root, SETTINGS, source_cells(), name="two")
    assert made.check_files == ()
    (root / "assignments" / "two" / "test_public.py").write_text(IMPORTS + public, encoding="utf-8")
    if hidden is not None:
        (root / "solutions" / "two" / "test_hidden.py").write_text(IMPORTS + hidden, encoding="utf-8")
    from autograder.course.assignment import load

    return load(root, "two")


def with_class(root: Path, answers: Mapping[str, str], hidden: str | None = None) -> Path:
    """The course in ``root``, which is returned, with a class that answers the first question as told."""
    two_questions(root, hidden=hidden)
    (root / "grader.toml").touch()
    for student, first in answers.items():
        folder = root / "submitted" / student / "two"
        folder.mkdir(parents=True)
        cells = [code(SETUP), code(GIVEN), code(first, "first"), code(SECOND, "second")]
        (folder / "two.ipynb").write_bytes(notebook(cells))
    return root


def held(assignment: Assignment, root: Path, grade: Callable[[Replay], None]) -> None:
    """A session as a worker holds it; what it imported is forgotten, as it is when a worker ends."""
    before = set(sys.modules)
    try:
        session(assignment, root, grade)
    finally:
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(root)):
                del sys.modules[name]
