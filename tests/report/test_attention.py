"""What needs a person, and in which order."""

from __future__ import annotations

from pathlib import Path

from autograder.report import attention, classroom
from autograder.results import Outcome
from tests.report.classes import PASSED, remarked, stored, student, ungraded


def test_ours_comes_first(tmp_path: Path) -> None:
    """Then scores of earlier notebooks, files nobody could read, what was stopped, then what another version graded."""
    store = stored(
        tmp_path,
        [
            student("old", PASSED, assignment_digest="old"),
            student("loop", PASSED, Outcome.TIMEOUT),
            student("exit", PASSED, Outcome.CRASHED),
            ungraded("empty", "notebook_empty"),
            ungraded("html", "notebook_is_html"),
            ungraded("ours", "grader_fault", "grader"),
            student("fine", PASSED, PASSED),
        ],
    )
    matters = attention.matters(classroom.read(store, "dl1", replaced=["fine", "gone"]))
    assert [
        (matter.code or matter.word, [entry.student for entry in matter.entries]) for matter in matters.urgent
    ] == [
        ("ungraded_by_our_fault", ["ours"]),
        ("graded_for_an_earlier_notebook", ["fine"]),
        ("notebook_empty", ["empty"]),
        ("notebook_is_html", ["html"]),
        ("stopped_timeout", ["loop"]),
        ("stopped_crashed", ["exit"]),
        ("graded_by_another_version", ["old"]),
    ]
    assert matters.remarks == []


def test_remarks_are_counted_once_a_student(tmp_path: Path) -> None:
    """The most common remark comes first, with the facts on which all agree."""
    store = stored(
        tmp_path,
        [remarked("kim", "input_called", "cuda_replaced", "cuda_replaced"), remarked("lee", "cuda_replaced")],
    )
    first, second = attention.matters(classroom.read(store, "dl1")).remarks
    assert (first.code, [entry.student for entry in first.entries]) == ("cuda_replaced", ["kim", "lee"])
    assert first.facts["cell"] == 3
    assert second.code == "input_called"


def test_a_class_without_trouble(tmp_path: Path) -> None:
    """Where all is well nothing is made up."""
    matters = attention.matters(classroom.read(stored(tmp_path, [student("kim", PASSED)]), "dl1"))
    assert (matters.urgent, matters.remarks) == ([], [])
