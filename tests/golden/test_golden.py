"""Every situation a student hands in, graded by the real pipeline.

``tests/golden/<situation>/`` holds the files as handed in to the course in ``tests/golden/course``,
and ``expected.toml``, what grading must say:

==================  =====================================================================
``status``          ``graded`` or ``ungraded``
``score``           of 10
``ungraded``        the code of the reason, and ``facts``, those of its facts that matter
``path``            which file was graded, where that is the point
``remarks``         their codes, in any order; none if it is not there
``[checks]``        the outcome of each check that did not pass
``[errors]``        question = "<error> in cell <position>, line <line>"
==================  =====================================================================

A new situation is a new folder. What cannot be kept in a repository is made below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import LAYERS, find_course
from autograder.engine import local
from autograder.engine.options import Options
from autograder.errors import UnreadableNotebook
from autograder.messages import catalogue
from autograder.notebooks.notebook import MAX_CELLS, parse, read_file
from autograder.results import Result
from autograder.sandbox.layers import probe
from autograder.submissions.found import find
from tests.builders import code, notebook

FOLDER = Path(__file__).parent
SITUATIONS = sorted(path.parent.name for path in FOLDER.glob("*/expected.toml"))


@pytest.fixture(scope="module")
def results(sandbox: None) -> dict[str, Result]:
    """All situations, one run."""
    handed_in = find([FOLDER], "tiny", ("en",))
    options = Options(2, 7, None, frozenset(LAYERS))
    records = local.run(find_course(FOLDER / "course"), "tiny", handed_in, options)
    return {record.result.student: record.result for record in records}


@pytest.fixture(scope="module")
def sandbox() -> None:
    """Skips, with the reason, where this machine cannot isolate."""
    missing = [f"{report.name}: {report.why}" for report in probe() if not report.works]
    if missing:
        pytest.skip(f"needs every layer of the sandbox; {'; '.join(missing)}")


def said(result: Result, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The result in the words of an ``expected.toml``; of facts and paths only what is expected of them."""
    found: dict[str, Any] = {
        "status": result.status,
        "remarks": sorted(remark.code for remark in result.remarks),
    }
    if result.ungraded is None:
        checks = [check for question in result.questions for check in question.checks]
        found["score"] = result.score
        found["checks"] = {
            check.id: check.outcome.value for check in checks if check.outcome.value != "passed"
        }
        found["errors"] = {
            question.id: f"{question.error.name} in cell {question.error.cell}, line {question.error.line}"
            for question in result.questions
            if question.error is not None
        }
    else:
        found["ungraded"] = result.ungraded.code
        found["facts"] = {
            name: value for name, value in result.ungraded.facts.items() if name in expected.get("facts", {})
        }
    if "path" in expected:
        found["path"] = result.submission.path
    return found


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_was_handed_in_is_graded_as_expected(results: Mapping[str, Result], situation: str) -> None:
    """Status, score, remarks, outcomes and the places of errors are those of the folder's ``expected.toml``."""
    expected = tomllib.loads((FOLDER / situation / "expected.toml").read_text(encoding="utf-8"))
    empty: dict[str, Any] = {"remarks": []}
    empty |= {"facts": {}} if expected["status"] == "ungraded" else {"checks": {}, "errors": {}}
    wanted = empty | expected
    assert said(results[situation], expected) == wanted | {"remarks": sorted(wanted["remarks"])}


def test_no_situation_is_a_fault_of_ours(results: Mapping[str, Result]) -> None:
    """Whatever was handed in, what is ungraded is the student's to mend, and every situation has a result."""
    assert sorted(results) == SITUATIONS
    assert {one.ungraded.fault for one in results.values() if one.ungraded} == {"submission"}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_whatever_is_remarked_has_words(results: Mapping[str, Result], language: str) -> None:
    """Reasons and remarks fill every blank of their texts."""
    words = catalogue(language)
    for result in results.values():
        sayings = [
            (remark.code, {"question": remark.question or "", **remark.facts}) for remark in result.remarks
        ]
        if result.ungraded is not None:
            sayings.append((result.ungraded.code, result.ungraded.facts))
        for code_, facts in sayings:
            for text in (words.text(code_, **facts), words.help(code_, **facts)):
                assert text, code_
                assert "…" not in text, code_


# What is too large to keep. Refusals are told by their code; that they are cheap, by what was not read.


def test_a_file_of_200_mib_is_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is asked for, and not a byte of it is read."""
    path = tmp_path / "tiny.ipynb"
    with path.open("wb") as file:
        file.truncate(200 << 20)  # a hole: it takes no room on the disk
    monkeypatch.setattr("os.fdopen", lambda *_, **__: pytest.fail("the file was opened for reading"))
    with pytest.raises(UnreadableNotebook) as refused:
        read_file(path, 50 << 20)
    assert (refused.value.code, refused.value.facts) == (
        "notebook_too_large",
        {"size_mib": 200, "limit_mib": 50},
    )


def test_a_file_that_grows_is_read_to_the_limit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was small when its size was asked for is read to one byte beyond the limit, and refused."""
    path = tmp_path / "tiny.ipynb"
    path.write_bytes(b"{}")
    asked: list[int] = []

    class Growing:
        def __enter__(self) -> Growing:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def read(self, size: int) -> bytes:
            asked.append(size)
            return bytes(size)

    monkeypatch.setattr("os.fdopen", lambda *_, **__: Growing())
    with pytest.raises(UnreadableNotebook, match="notebook_too_large"):
        read_file(path, 1 << 20)
    assert asked == [(1 << 20) + 1]


NESTED = 100_000
DEEP = {
    "lists": b"[" * NESTED + b"]" * NESTED,
    "objects": b'{"cells":' * NESTED + b"1" + b"}" * NESTED,
    "never closed": b"[" * NESTED,
    "in metadata": b'{"metadata": ' + b"[" * NESTED + b"]" * NESTED + b', "cells": [], "nbformat": 4}',
    "in an output": b'{"cells": [{"cell_type": "code", "source": "", "outputs": '
    + b"[" * NESTED
    + b"]" * NESTED
    + b'}], "nbformat": 4}',
}


@pytest.mark.parametrize("data", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 levels are refused by the reader's own limit: nbformat never sees them, and nothing overflows."""
    monkeypatch.setattr("nbformat.reads", lambda *_, **__: pytest.fail("nbformat was given the file"))
    with pytest.raises(UnreadableNotebook) as refused:
        parse(data)
    assert refused.value.code == "notebook_nested_too_deep"


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableNotebook) as refused:
        parse(data)
    return refused.value.code


def test_too_many_cells_are_refused_before_any_is_upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 are read; one more is refused, and a million before even their list is made."""
    most = notebook([code("")] * MAX_CELLS)
    assert len(parse(most).cells) == MAX_CELLS
    monkeypatch.setattr("nbformat.reads", lambda *_, **__: pytest.fail("nbformat was given the file"))
    assert refusal(notebook([code("")] * (MAX_CELLS + 1))) == "notebook_has_too_many_cells"
    monkeypatch.setattr("autograder.notebooks.notebook._document", None)
    many: Sequence[bytes] = [b'{"cell_type":"code"}'] * (20 * MAX_CELLS + 1)
    assert refusal(b'{"cells": [' + b",".join(many) + b"]}") == "notebook_has_too_many_cells"


def test_too_much_code_is_refused_before_any_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte in one code cell, or in many."""
    monkeypatch.setattr("nbformat.reads", lambda *_, **__: pytest.fail("nbformat was given the file"))
    assert refusal(notebook([code("x = 1\n" * 200_000)])) == "notebook_has_too_much_code"
    assert refusal(notebook([code("x = 1\n" * 1_000)] * 200)) == "notebook_has_too_much_code"
