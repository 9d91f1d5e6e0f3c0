"""Grading on a Dask cluster: a real scheduler and real workers, some of which are lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.course.config import LAYERS, find_course
from autograder.engine import dask, local
from autograder.engine.options import Options, Record
from autograder.errors import GraderError, IsolationMissing
from autograder.results import Result
from autograder.sandbox.layers import probe
from autograder.submissions.found import find
from tests.grading import courses

ROOT = Path(__file__).parents[2]
FATAL = """
@first.check(points=1)
def test_survives(answer):
    import os, signal
    if answer.tensor("y").value.tolist() == [[4.0, 0.0, 4.0]]:
        os.kill(os.getppid(), signal.SIGKILL)
"""
ENDLESS = """
@first.check(points=1)
def test_ends(answer):
    while answer.tensor("y").value.tolist() == [[4.0, 0.0, 4.0]]:
        pass
"""
WITHOUT_LAYERS = """
from autograder.course.config import LAYERS
from autograder.engine import remote
from autograder.sandbox.layers import LayerReport
remote.probe = lambda: tuple(LayerReport(name, False, "not on this machine", "") for name in LAYERS)
"""

pytest.importorskip("distributed")


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> None:
    """Skips, with the reason, where this machine cannot isolate."""
    missing = [f"{report.name}: {report.why}" for report in probe() if not report.works]
    if missing:
        pytest.skip(f"needs every layer of the sandbox; {'; '.join(missing)}")


@contextmanager
def started(kind: str, *arguments: str, first: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or worker as a process of its own, which has run the lines ``first`` before."""
    program = (
        f"{first}\nimport sys; from distributed.cli.dask_{kind} import main; sys.argv[0] = 'dask'; main()"
    )
    command = [sys.executable, "-c", program, *arguments]
    process = subprocess.Popen(
        command, cwd="/", env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def cluster(
    folder: Path, workers: int, first: str = ""
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its workers' processes; each grades one submission at a time."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    common = ("--scheduler-file", str(file), "--no-dashboard")
    with ExitStack() as stack:
        stack.enter_context(started("scheduler", *common, "--host", "127.0.0.1", "--port", "0"))
        deadline = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        each = (*common, "--no-nanny", "--nthreads", "1", "--memory-limit", "0")
        there = [stack.enter_context(started("worker", *each, first=first)) for _ in range(workers)]
        yield json.loads(file.read_text())["address"], there


def graded(engine: Any, root: Path, scheduler: str = "") -> Iterator[Record]:
    found = find([root / "submitted"], "two", ("en",))
    records: Iterator[Record] = engine.run(
        find_course(root), "two", found, Options(8, 7, None, frozenset(LAYERS), scheduler)
    )
    return records


def comparable(records: Iterator[Record]) -> dict[str, Any]:
    """Everything but the timings, by student."""
    return {
        record.result.student: msgspec.to_builtins(
            msgspec.structs.replace(record.result, timing={}, usage={}, durations={})
        )
        for record in records
    }


RIGHT = {f"s{number}": f"{courses.FIRST}  # {number}" for number in range(5)}
WRONG = {"wrong": "layer = nn.Linear(4, 2)\ny = layer(x)", "empty": "pass"}


@pytest.fixture(scope="module")
def after_a_kill(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """A class as the local engine grades it, and as a cluster does whose second worker is killed in mid-run."""
    root = courses.with_class(tmp_path_factory.mktemp("course"), RIGHT | WRONG)
    with cluster(root, workers=2) as (address, workers):
        run = graded(dask, root, address)
        records = [next(run)]
        workers[1].send_signal(signal.SIGKILL)
        records += run
    return comparable(graded(local, root)), comparable(iter(records))


def test_a_cluster_grades_as_this_machine_does(after_a_kill: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Every submission once, with the same result, though a worker was killed at its work."""
    here, there = after_a_kill
    assert set(there) == {*RIGHT, *WRONG}
    assert there == here
    assert [there[student]["score"] for student in RIGHT] == [10.0] * len(RIGHT)


def test_a_large_notebook_travels_without_a_warning(tmp_path: Path) -> None:
    """Dask's own says nothing that an instructor could do anything about."""
    root = courses.with_class(tmp_path, {"s0": f"{courses.FIRST}\n# {'large ' * 2_000_000}"})
    with cluster(tmp_path, workers=1) as (address, _), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [record.result.student for record in graded(dask, root, address)] == ["s0"]


def test_a_submission_that_kills_two_workers_is_ungraded(tmp_path: Path) -> None:
    """And the rest goes on with the third; the reason is ours, and no score is lost by it."""
    fatal = {"fatal": f"{courses.FIRST}\ny = torch.tensor([[4.0, 0.0, 4.0]])"}
    root = courses.with_class(tmp_path, {"s0": courses.FIRST, "s1": courses.FIRST} | fatal, hidden=FATAL)
    with cluster(tmp_path, workers=3) as (address, workers):
        results: dict[str, Result] = {
            record.result.student: record.result for record in graded(dask, root, address)
        }
        deadline = time.monotonic() + 10
        while sum(worker.poll() is not None for worker in workers) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert sum(worker.poll() is not None for worker in workers) == 2
    reason = results["fatal"].ungraded
    assert reason is not None
    assert (reason.fault, results["fatal"].score) == ("grader", None)
    assert {name: result.score for name, result in results.items() if name != "fatal"} == {"s0": 11, "s1": 11}


def test_a_check_that_never_ends_costs_its_submission_alone(tmp_path: Path) -> None:
    """The process that grades is ended, twice; the cluster's worker lives on and grades the rest."""
    endless = {"endless": f"{courses.FIRST}\ny = torch.tensor([[4.0, 0.0, 4.0]])"}
    root = courses.with_class(tmp_path, {"s0": courses.FIRST, "s1": courses.FIRST} | endless, hidden=ENDLESS)
    limits = "[limits]\ncell_seconds = 2\nsubmission_seconds = 2\ngrading_seconds = 4\n"
    (root / "grader.toml").write_text(limits)
    with cluster(tmp_path, workers=1) as (address, workers):
        results = {record.result.student: record.result for record in graded(dask, root, address)}
        assert workers[0].poll() is None
    reason = results["endless"].ungraded
    assert reason is not None
    assert "had not finished after 6 s at the check first.ends" in reason.message
    assert {name: result.score for name, result in results.items() if name != "endless"} == {"s0": 11, "s1": 11}


def test_a_head_that_is_killed_leaves_no_process_on_a_worker(tmp_path: Path) -> None:
    """It cannot say that its run is over; its worker ends what grades, and serves the next one."""
    root = courses.with_class(tmp_path, {"s0": courses.FIRST, "s1": courses.FIRST})
    impatient = "from autograder.engine import remote\nremote.IDLE_SECONDS = 1.0"
    with cluster(tmp_path, workers=1, first=impatient) as (address, workers):
        command = ["grader", "grade", "two", "--engine", "dask", "--scheduler", address]
        program = f"import sys; from autograder.cli import main; sys.argv = {command!r}; main()"
        head = subprocess.Popen([sys.executable, "-c", program], cwd=root, env=os.environ | {"PYTHONPATH": str(ROOT)})
        assert within(60, lambda: len(children(workers[0].pid)) > 0)
        head.kill()
        head.wait()
        assert within(60, lambda: not children(workers[0].pid))
        assert {record.result.score for record in graded(dask, root, address)} == {10.0}


def children(pid: int) -> list[str]:
    """The processes that a process has started."""
    return [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text("ascii").split()
    ]


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether it happens before the time is over."""
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.1)
    return happened()


def test_a_worker_without_isolation_refuses(tmp_path: Path) -> None:
    """If all refuse, the run ends with their reasons, and nothing was graded."""
    root = courses.with_class(tmp_path, {"s0": courses.FIRST})
    with (
        cluster(tmp_path, workers=1, first=WITHOUT_LAYERS) as (address, _),
        pytest.raises(IsolationMissing, match="not on this machine"),
    ):
        list(graded(dask, root, address))


def test_no_scheduler_is_an_error_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both without an address and with one where nobody listens."""
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 0.5)
    root = courses.with_class(tmp_path, {"s0": courses.FIRST})
    with pytest.raises(GraderError, match="Give --scheduler"):
        graded(dask, root)
    with pytest.raises(GraderError, match="no Dask scheduler can be reached"):
        graded(dask, root, "tcp://127.0.0.1:9")
