"""Given values: what the course's own cells make, beside the assignment's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.errors import AssignmentError
from autograder.grading.givens import givens
from tests.builders import course, given, question
from tests.grading import courses

READS = "x = [float(number) for number in open('data/x.csv').read().split(',')]"


def reading(root: Path) -> Assignment:
    cells = [given(READS, "read"), question(courses.FIRST, "first"), question(courses.SECOND, "second")]
    return course(root, courses.SETTINGS, cells, name="two")


def test_a_given_cell_reads_the_assignments_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does in a student's process, wherever the grader was started; which is where it still is."""
    assignment = reading(tmp_path)
    data = tmp_path / "assignments/two/data"
    data.mkdir()
    (data / "x.csv").write_text("1,2")
    monkeypatch.chdir("/")
    assert givens(assignment)["first"]["x"] == [1.0, 2.0]
    assert Path.cwd() == Path("/")


def test_without_data_a_cell_runs_where_the_grader_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a student's own notebook it may lie there; a file that is nowhere is told with its cell."""
    assignment = reading(tmp_path / "course")
    with pytest.raises(AssignmentError, match=r"given cell 'read' raises FileNotFoundError.*data/x\.csv"):
        givens(assignment)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_text("3")
    monkeypatch.chdir(tmp_path)
    assert givens(assignment)["first"]["x"] == [3.0]
