"""A run that is killed, and the one that completes it: real processes, the real sandbox."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.records.store import SCRATCH, Store
from autograder.results import Result, decode
from autograder.sandbox.layers import probe
from tests.grading.courses import FIRST, with_class

STUDENTS = 12


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two questions and a class of right answers, each of which takes a moment."""
    missing = [f"{report.name}: {report.why}" for report in probe() if not report.works]
    if missing:
        pytest.skip(f"needs every layer of the sandbox; {'; '.join(missing)}")
    root = tmp_path_factory.mktemp("course")
    (root / "tmp").mkdir(0o700)
    slow = "import time; time.sleep(0.1)"
    return with_class(root, {f"s{number:02}": f"{slow}  # {number}\n{FIRST}" for number in range(STUDENTS)})


def grading(course: Path, *more: str) -> subprocess.Popen[str]:
    program = "from autograder.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "grade", "two", "--workers", "1", *more],
        cwd=course,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(course / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def standing(course: Path) -> dict[str, Result]:
    """Every result on disk, each of which must be readable and have its own pages beside it."""
    store = Store(course / "graded")
    results = [decode(path.read_bytes()) for path in store.results("two").glob("*.json")]
    assert all(map(store.is_whole, results))
    return {result.student: result for result in results}


def killed_after(course: Path, count: int) -> None:
    """Grade until ``count`` results are there, then SIGKILL."""
    run = grading(course)
    folder = Store(course / "graded").results("two")
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*.json"))) < count:
        assert time.monotonic() < deadline
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.communicate()


@pytest.fixture(scope="module")
def killed_twice(course: Path) -> list[dict[str, Result]]:
    """What stood after the first and after the second of two runs that were killed."""
    after = []
    for count in (2, 5):
        killed_after(course, count)
        after.append(standing(course))
    return after


def test_what_was_finished_when_a_run_was_killed_stands(killed_twice: list[dict[str, Result]]) -> None:
    """Whole, every one; a second run adds to it and changes none of it."""
    first, second = killed_twice
    assert 2 <= len(first) < len(second) < STUDENTS
    assert {name: second[name] for name in first} == first


def test_the_next_run_completes_the_class(killed_twice: list[dict[str, Result]], course: Path) -> None:
    """It keeps what stands, grades the rest, and leaves nothing behind, nor what the killed ones did."""
    before = killed_twice[-1]
    assert list((course / "tmp").iterdir())
    run = grading(course)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert f"{len(before)} unchanged, their results kept; {STUDENTS - len(before)} graded now" in out
    after = standing(course)
    assert len(after) == STUDENTS
    assert {name: after[name] for name in before} == before
    assert {result.score for result in after.values()} == {10}
    assert not (course / "graded" / SCRATCH).exists()
    assert not list((course / "graded").rglob(".writing-*"))
    deadline = time.monotonic() + 60
    while list((course / "tmp").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not list((course / "tmp").iterdir())


def test_a_changed_check_says_who_moved(killed_twice: list[dict[str, Result]], course: Path) -> None:
    """A check that now asks for another shape: everybody loses it, and it is named."""
    checks = course / "assignments/two/test_public.py"
    checks.write_text(checks.read_text().replace('answer.tensor("y"), (1, 3)', 'answer.tensor("y"), (1, 4)'))
    out, err = grading(course).communicate(timeout=120)
    assert f"{STUDENTS} moved:" in out, err
    assert "s00: 10 → 8 (-2): first.shape passed 2/2 → failed 0/2" in out
    assert f"first.shape: {STUDENTS} down" in out
