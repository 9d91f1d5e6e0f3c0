"""Our own faults stay ours: what was finished is whole, what was not is ungraded, nothing becomes a zero."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.config import LAYERS, find_course
from autograder.engine import local
from autograder.engine.options import Options
from autograder.results import Result, decode
from autograder.submissions.found import find
from tests.attacks import campaign, target
from tests.attacks.pretended import submit
from tests.attacks.target import NAME, RIGHT

ROOT = Path(__file__).parents[2]
STUDENTS = 40  # pretended to be graded
GOOD = 5  # really graded
TOKEN = target.TOKEN + "o" * 24
FULL = sum(target.POINTS.values())
PR_SET_CHILD_SUBREAPER = 36


def pretended(
    course: Path, *arguments: str, seconds: float = 0.0, **environment: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.attacks.pretended", str(course), str(seconds), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def whole(out: Path) -> dict[str, Result]:
    """Every result, each complete and with its pages, and nothing half-written beside them."""
    found = {}
    for path in out.rglob("*"):
        assert not path.name.startswith(".writing-"), path
    for path in out.glob("results/*/*.json"):
        result = decode(path.read_bytes())
        pages = list((out / "feedback" / path.stem).rglob("*.html")) + list(
            (out / "feedback" / path.stem).rglob("*.md")
        )
        assert len(pages) == 2
        assert all(page.stat().st_size for page in pages)
        found[result.student] = result
    return found


@pytest.mark.parametrize("moment", range(24))
def test_ctrl_c_at_any_moment_keeps_what_is_finished(tmp_path: Path, moment: int) -> None:
    """From the first import to the last line: results are whole, none is zero, and a second run does the rest."""
    submit(tmp_path, STUDENTS)
    process = pretended(tmp_path, "grade", "dl1", seconds=0.02)
    time.sleep(random.Random(moment).uniform(0.05, 2.0))
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 130, -signal.SIGINT), said
    results = whole(tmp_path / "graded")
    assert {result.score for result in results.values()} <= {10}
    if process.returncode == 130:
        assert "Traceback" not in said
    if moment % 6 == 0:
        again = pretended(tmp_path, "grade", "dl1")
        assert again.communicate(timeout=60)
        assert again.returncode == 0
        assert len(whole(tmp_path / "graded")) == STUDENTS


@pytest.fixture
def course(sandbox: None, tmp_path: Path) -> Path:
    """The target's course, with good submissions beside it that take their time."""
    target.write(tmp_path / "course", TOKEN)
    answers = RIGHT | {"layer": f"import time\ntime.sleep(0.3)\n{RIGHT['layer']}"}
    for number in range(GOOD):
        folder = tmp_path / "handed-in" / f"student{number}"
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(target.handed_in(answers, TOKEN))
    return tmp_path / "course"


def grader(course: Path, *arguments: str) -> subprocess.Popen[str]:
    """``grader grade`` on the course's submissions, as a user runs it; orphans of it become children of ours."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", NAME]
    return subprocess.Popen(
        [*command, str(course.parent / "handed-in"), "--out", str(course.parent / "out"), *arguments],
        cwd=course,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def family(pid: int) -> set[int]:
    return set(campaign._below(pid, campaign._children()))


@pytest.mark.parametrize("moment", range(6))
def test_ctrl_c_ends_everything(course: Path, moment: int) -> None:
    """Of the real engine: workers, fork servers and runners end with the command, and results are whole."""
    process = grader(course, "--workers", "1")
    watched: set[int] = set()
    until = time.monotonic() + random.Random(moment).uniform(0.3, 6.0)
    while time.monotonic() < until:
        watched |= family(process.pid)
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 130, -signal.SIGINT), said
    for _ in range(100):
        if not (left := family(os.getpid()) & watched):
            break
        time.sleep(0.05)
    assert left == set()
    assert {result.score for result in whole(course.parent / "out").values()} <= {FULL}


def test_a_killed_fork_server_costs_nobody_a_point(course: Path) -> None:
    """SIGKILL to it in the middle of a submission: that one is ungraded by our fault, the others are graded in full."""
    submissions = find([course.parent / "handed-in"], NAME, ("en",))
    options = Options(workers=1, seed=1, language="en", require=frozenset(LAYERS))
    results: list[Result] = []
    for record in local.run(find_course(course), NAME, submissions, options):
        results.append(record.result)
        if len(results) == 1:
            time.sleep(0.1)  # the next one has begun
            for server in fork_servers(os.getpid()):
                os.kill(server, signal.SIGKILL)
    assert len(results) == len(submissions)
    scores = [result.score for result in results]
    assert set(scores) == {FULL, None}
    assert scores.count(None) == 1
    assert {result.ungraded.fault for result in results if result.ungraded} == {"grader"}


def fork_servers(pid: int) -> list[int]:
    """Our workers' bubblewraps' children."""
    children = campaign._children()
    level = [pid]
    for _ in range(3):
        level = [child for parent in level for child in children.get(parent, ())]
    return level


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 100 KB; skipped where this user may mount none."""
    out = tmp_path / "out"
    out.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(out).encode(), b"tmpfs", 0, b"size=100k"):
        pytest.skip(f"no mount here: {os.strerror(ctypes.get_errno())}")
    yield out
    libc.umount2(str(out).encode(), 2)


def test_a_full_disk_is_said_and_leaves_whole_results(tmp_path: Path, full_disk: Path) -> None:
    """Exit code 2 and the reason; what was written is whole."""
    submit(tmp_path, STUDENTS)
    process = pretended(tmp_path, "grade", "dl1", "--out", str(full_disk))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert "No space left" in said
    assert 0 < len(whole(full_disk)) < STUDENTS


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Where no file can grow, there is no result at all rather than a torn one."""
    submit(tmp_path, 3)
    process = pretended(tmp_path, "grade", "dl1", LARGEST_FILE_BYTES="40")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert "File too large" in said
    assert whole(tmp_path / "graded") == {}


@pytest.mark.parametrize("out", ["/proc/grades", "grader.toml/out"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, out: str) -> None:
    """Before an hour's work, not after it."""
    submit(tmp_path, 3)
    process = pretended(tmp_path, "grade", "dl1", "--out", out)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert out.partition("/")[0] in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("added", "said_is", "graded"),
    [
        ("\n@layer.check(points=1)\ndef test_raises(answer): 1 / 0\n", "ZeroDivisionError", True),
        ("\ndef test_broken(:\n", "SyntaxError", False),
    ],
    ids=["raises", "does not parse"],
)
def test_a_broken_check_is_no_students_fault(course: Path, added: str, said_is: str, graded: bool) -> None:
    """Named with its file on the terminal, exit code 2; whom it concerns is ungraded, and nobody has a zero."""
    hidden = course / "solutions" / NAME / "test_hidden.py"
    hidden.write_text(hidden.read_text(encoding="utf-8") + added, encoding="utf-8")
    said, _ = (process := grader(course, "--workers", "1")).communicate(timeout=120)
    assert process.returncode == 2, said
    assert said_is in said
    assert "test_hidden.py" in said
    results = whole(course.parent / "out")
    assert len(results) == (GOOD if graded else 0)
    assert {result.score for result in results.values()} <= {None}
    for result in results.values():  # every other check kept its points
        assert sum(question.score for question in result.questions) == FULL


def test_a_worker_that_is_killed_again_and_again(course: Path) -> None:
    """Whoever is blamed for it is ungraded by our fault; the others are graded in full."""
    submissions = find([course.parent / "handed-in"], NAME, ("en",))[:3]
    options = Options(workers=1, seed=1, language="en", require=frozenset(LAYERS))
    results: list[Result] = []
    with contextlib.closing(local.run(find_course(course), NAME, submissions, options)) as run:  # type: ignore[type-var]
        for record in run:
            results.append(record.result)
            if len(results) == 1:
                for worker in campaign._children().get(os.getpid(), ()):
                    os.kill(worker, signal.SIGKILL)
    assert [result.score for result in results] == [FULL, FULL, FULL]
