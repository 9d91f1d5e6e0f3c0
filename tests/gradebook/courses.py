"""A released assignment with every kind of cell, a student's work on it, and its result."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from autograder.course.config import Config, Course, Gradebook
from autograder.results import Finding, HandIn, Outcome, Result, Submission
from tests.builders import RawCell, code, notebook, text
from tests.exchange.results import check, graded, question

DUE = datetime(2026, 10, 1, 15, tzinfo=UTC)
SETTINGS = """\
languages = ["en"]
[title]
en = "A lesson"
[questions.linear]
defines = ["layer"]
title = {en = "Linear"}
section = "s"
[questions.conv]
defines = ["layer"]
title = {en = "Conv"}
section = "s"
"""


def marks(grade_id: str, **more: Any) -> dict[str, Any]:
    known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": known | {"grade_id": grade_id, "cell_type": "code", "checksum": "0" * 32} | more}


def released(*more: RawCell) -> list[RawCell]:
    """Given code, two questions of 4 and 6 points, an essay of 5 and a task of 3 for a person to grade."""
    answered: dict[str, Any] = {"grade": True, "solution": True}
    return [
        code("import torch") | {"metadata": marks("setup", locked=True)},
        code("# here") | {"metadata": marks("linear", points=4, **answered)},
        code("# here") | {"metadata": marks("conv", points=6, **answered)},
        text("Why?") | {"metadata": marks("essay", points=5, **answered)},
        text("Draw it.") | {"metadata": marks("task", points=3, task=True)},
        *more,
    ]


def course(root: Path, *more: RawCell, cells: list[RawCell] | None = None) -> Course:
    """The course on disk, its gradebook being ``gradebook.db``."""
    folder = root / "assignments" / "dl1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assignment.toml").write_text(SETTINGS)
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    (folder / "dl1.en.ipynb").write_bytes(notebook(released(*more) if cells is None else cells, metadata))
    return Course(root, Config(gradebook=Gradebook(), due={"dl1": DUE}))


def submit(course: Course, student: str, cells: list[RawCell] | None = None, stamp: str = "") -> bytes:
    """A student's notebook in ``submitted/``, with a time stamp if there is one."""
    folder = course.root / "submitted" / student / "dl1"
    folder.mkdir(parents=True, exist_ok=True)
    data = notebook(released() if cells is None else cells)
    (folder / "dl1.ipynb").write_bytes(data)
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)
    return data


def result(
    student: str, linear: float = 4.0, data: bytes = b"", penalty_percent: float = 0.0, **more: Any
) -> Result:
    """``linear`` of 4 points and 6 of 6; one finding where that is not all."""
    finding = Finding("wrong_shape", "(1, 5)", "(1, <b>4</b>)", {"name": "output"})
    outcome = Outcome.PASSED if linear == 4 else Outcome.FAILED
    first = check("linear.a", outcome, *([] if linear == 4 else [finding]), points=4)
    questions = [question("linear", first, source="mine"), question("conv", check("conv.a", points=6))]
    made = graded(
        *questions,
        student=student,
        submission=Submission(f"submitted/{student}/dl1/dl1.ipynb", hashlib.sha256(data).hexdigest()),
        handed_in=HandIn(penalty_percent=penalty_percent),
    )
    questions[0] = msgspec.structs.replace(questions[0], score=linear)
    return msgspec.structs.replace(made, questions=questions, score=linear + 6, **more)


def dump(path: Path) -> str:
    """Every row of a SQLite file."""
    with sqlite3.connect(path) as database:
        return "\n".join(database.iterdump())
