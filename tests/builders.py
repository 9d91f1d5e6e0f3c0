"""Notebooks and a tiny course, made where a test needs them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment, load

RawCell = dict[str, Any]

SETTINGS = """\
languages = ["en"]

[title]
en = "A tiny course"

[questions.linear]
defines = ["linear_layer", "output"]
title = {en = "Linear"}
section = "layers"

[questions.conv]
defines = ["conv_layer", "output"]
title = {en = "Convolution"}
section = "layers"

[questions.model]
defines = ["model"]
title = {en = "A model"}
section = "models"

[questions.custom]
defines = ["Custom", "model"]
title = {en = "A class"}
section = "models"
"""

SETUP = "import torch\nimport torch.nn as nn"
LINEAR_GIVEN = "x = torch.zeros(1, 10)"
CONV_GIVEN = "x = torch.zeros(1, 3, 8, 8)"
STUB = "# Write your code here"

ANSWERS = {
    "linear": "linear_layer = nn.Linear(10, 5)\noutput = linear_layer(x)",
    "conv": "conv_layer = nn.Conv2d(3, 4, 3)\noutput = conv_layer(x)",
    "model": "model = nn.Sequential(nn.Linear(2, 1))",
    "custom": "class Custom(nn.Module):\n    pass\n\nmodel = Custom()",
}


def code(source: str | list[str], grade_id: str | None = None, **nbgrader: object) -> RawCell:
    """A code cell; with a ``grade_id`` it carries nbgrader metadata, ``nbgrader`` being more of that."""
    about = {"grade_id": grade_id, "schema_version": 3, **nbgrader}
    metadata = {} if grade_id is None else {"nbgrader": about}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def text(source: str) -> RawCell:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def given(source: str, grade_id: str) -> RawCell:
    return code(source, grade_id, grade=False, locked=True, solution=False, task=False)


def question(reference: str, grade_id: str) -> RawCell:
    """A question's cell in the source notebook: the whole of ``reference`` is its answer."""
    source = f"### BEGIN SOLUTION\n{reference}\n### END SOLUTION"
    return code(source, grade_id, grade=True, locked=False, solution=True, task=False, points=1)


def document(cells: Sequence[RawCell], metadata: Mapping[str, object] | None = None) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": dict(metadata or {}), "cells": list(cells)}


def notebook(cells: Sequence[RawCell], metadata: Mapping[str, object] | None = None) -> bytes:
    """An nbformat 4 file of these cells."""
    return json.dumps(document(cells, metadata), ensure_ascii=False).encode()


def source_cells(answers: Mapping[str, str] = ANSWERS) -> list[RawCell]:
    """The cells of the tiny course's source notebook: four questions, two of them with a given cell."""
    return [
        text("# A tiny course"),
        given(SETUP, "setup"),
        text("### Linear\n\nMake a layer."),
        given(LINEAR_GIVEN, "linear-given"),
        question(answers["linear"], "linear"),
        text("### Convolution\n\nMake another."),
        given(CONV_GIVEN, "conv-given"),
        question(answers["conv"], "conv"),
        text("### A model\n\nIn a row."),
        question(answers["model"], "model"),
        text("### A class\n\nOf your own."),
        question(answers["custom"], "custom"),
    ]


def student_cells(answers: Mapping[str, str] | None = None) -> list[RawCell]:
    """The same notebook as a student hands it in, with ``answers`` (all of them) in place of the stubs."""
    answers = ANSWERS if answers is None else answers
    cells = []
    for cell in source_cells():
        metadata = cell["metadata"].get("nbgrader", {})
        is_question = metadata.get("solution", False)
        cells.append(cell | {"source": answers.get(metadata["grade_id"], STUB)} if is_question else cell)
    return cells


def stripped(cells: Sequence[RawCell]) -> list[RawCell]:
    """``cells`` as a tool leaves them that drops the metadata it does not know."""
    return [cell | {"metadata": {}} for cell in cells]


def write_course(
    root: Path, settings: str = SETTINGS, cells: Sequence[RawCell] | None = None, name: str = "tiny"
) -> Path:
    """Write the tiny course below ``root``, which is returned."""
    assignment, solution = root / "assignments" / name, root / "solutions" / name
    assignment.mkdir(parents=True)
    solution.mkdir(parents=True)
    (assignment / "assignment.toml").write_text(settings, encoding="utf-8")
    (solution / f"{name}.ipynb").write_bytes(notebook(source_cells() if cells is None else cells))
    return root


def course(
    root: Path, settings: str = SETTINGS, cells: Sequence[RawCell] | None = None, name: str = "tiny"
) -> Assignment:
    """The tiny course, written below ``root`` and loaded."""
    return load(write_course(root, settings, cells, name), name)
