"""How fast a run goes, and how long it will take."""

from __future__ import annotations

import pytest

from autograder.cli.progress import Pace, reporting
from autograder.cli.summary import Row


def pace(*moments: float) -> Pace:
    """One that has seen a submission graded at each of these seconds."""
    made = Pace(iter(moments).__next__)
    for _ in moments:
        made.add()
    return made


@pytest.mark.parametrize(
    ("moments", "told"),
    [
        ((), ""),
        ((5.0,), ""),
        ((5.0, 5.0), ""),
        ((5.0, 7.0), "0.5 a second, 0:03:20 left"),
        ((5.0, 5.05, 5.1), "20 a second, 0:00:05 left"),
    ],
)
def test_rate_and_time_left(moments: tuple[float, ...], told: str) -> None:
    """From the first submission to the last, so that the start of the workers does not count."""
    assert pace(*moments).told(left=100) == told


def row(student: str) -> Row:
    return Row(student, 1.0, 1.0, "", False, {})


def test_a_large_class_is_not_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Of 500 the first is told, and the last; what was kept is told once."""
    with reporting(600) as report:
        for _ in range(100):
            report.kept()
        for number in range(500):
            report.graded(row(f"s{number}"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "100 of 600 are unchanged and keep their results"
    assert len(lines) < 10
    assert lines[-1].startswith("600/600, ")
    assert lines[-1].endswith(" a second, 0:00:00 left")
