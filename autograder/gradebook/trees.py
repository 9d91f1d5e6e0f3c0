"""nbgrader's ``autograded/`` and ``feedback/`` trees, without which formgrader does not show a submission.

The notebook in ``autograded/`` is what the student wrote, with nbgrader's marks on the question's cells, whatever
became of them, and what the checks found as each one's output. It is opened in formgrader, on the instructor's own
Jupyter server: nothing of the student's is in it that a browser would act on. Outputs are left out, and text cells
that are not as they were handed out are shown as their source.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from autograder.errors import UnreadableNotebook
from autograder.escaping import markdown_block, visible
from autograder.gradebook.definition import Definition, SourceCell
from autograder.messages import Catalogue, catalogue
from autograder.messages.told import finding_lines
from autograder.notebooks.notebook import Cell, parse, read_file
from autograder.results import Outcome, QuestionResult, Result
from autograder.submissions.receipts import TIMESTAMP_NAME

MAX_SUBMISSION_BYTES = 1 << 30  # it was graded under the course's own limit


def write(course_root: Path, definition: Definition, result: Result, page: Path) -> str:
    """Write one student's folders in both trees; returns why that could not be, or an empty text.

    ``page`` is the feedback page.
    """
    student, name = result.student, definition.assignment
    if not _is_folder_name(student):
        return "is no name for a folder"
    source = course_root / result.submission.path
    try:
        data = read_file(source, MAX_SUBMISSION_BYTES)
        if hashlib.sha256(data).hexdigest() != result.submission.sha256:
            return f"{source} is not what was graded any more"
        notebook = autograded(definition, data, result)
    except UnreadableNotebook:
        return f"{source} is not there"
    folder = course_root / "autograded" / student / name
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{name}.ipynb", notebook)
    stamp = folder / TIMESTAMP_NAME
    stamp.unlink(missing_ok=True)
    if (own := source.parent / TIMESTAMP_NAME).is_file() and not own.is_symlink():
        shutil.copyfile(own, stamp)
    if page.is_file():
        feedback = course_root / "feedback" / student / name
        feedback.mkdir(parents=True, exist_ok=True)
        _replace(feedback / f"{name}.html", page.read_bytes())
    return ""


def autograded(definition: Definition, data: bytes, result: Result) -> bytes:
    """The notebook for ``autograded/``; raises :class:`UnreadableNotebook` if ``data`` is none."""
    words = catalogue(result.language)
    marked = {cell.name: cell for cell in definition.sources}
    questions = {question.id: question for question in result.questions}
    taken: set[str] = set()
    cells = []
    for cell in parse(data).cells:
        source = marked.get(cell.grade_id or "")
        if source is None or source.name in taken or source.cell_type != cell.kind:
            cells.append(_plain(cell, definition.texts))
            continue
        taken.add(source.name)
        cells.append(_marked(source, cell.source, questions.get(source.name), words))
    for source in definition.sources:
        question = questions.get(source.name)
        if source.name not in taken and not source.locked:  # found elsewhere in the notebook, or deleted
            cells.append(_marked(source, question.source if question else "", question, words))
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": json.loads(definition.kernelspec)},
        "cells": [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n"


def _marked(
    source: SourceCell, text: str, question: QuestionResult | None, words: Catalogue
) -> dict[str, Any]:
    cell = _code(text) if source.cell_type == "code" else _text(text)
    if question is not None and source.cell_type == "code":
        lines = visible("\n".join(_report(question, words)))
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    return cell | {"metadata": {"nbgrader": dict(source.metadata)}}


def _report(question: QuestionResult, words: Catalogue) -> Iterator[str]:
    """What the checks found, and then what the cell printed."""
    for check in question.checks:
        about = words.among(check.about, check.id)
        points = words.ui("points_of", points=check.points, max_points=check.max_points)
        yield f"{words.ui(f'outcome_{check.outcome.value}')} ({points}): {about}"
        if check.outcome is not Outcome.PASSED:
            for finding in check.findings:
                yield from (f"    {line}" for line in finding_lines(finding, words))
    if question.output:
        yield f"\n{words.ui('your_output')}:\n{question.output}"


def _plain(cell: Cell, ours: Container[str]) -> dict[str, Any]:
    if cell.kind == "code":
        return _code(cell.source) | {"metadata": {}}
    source = cell.source if cell.source in ours else _text(cell.source)["source"]
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": markdown_block(source, "markdown")}


def _is_folder_name(student: str) -> bool:
    return bool(student) and not student.startswith(".") and not {"/", "\\", "\0"} & set(student)


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all; not synced to the disk, since it can be made anew."""
    temporary = path.with_name(f".{path.name}.writing")
    temporary.write_bytes(data)
    temporary.replace(path)
