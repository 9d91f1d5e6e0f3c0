"""The local engine, through the real boundary: the sample class of dl1, and what may happen to a worker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.course.config import LAYERS, Course, find_course
from autograder.engine import local
from autograder.engine.options import Options, Record
from autograder.engine.process import Process
from autograder.errors import IsolationMissing
from autograder.grading import job as messages
from autograder.grading.job import Graded, Ready
from autograder.grading.whereabouts import Whereabouts
from autograder.results import Result, decode
from autograder.sandbox.layers import LayerReport, probe
from autograder.submissions.found import Found, find
from tests.exchange.results import graded as result_of

ROOT = Path(__file__).parents[2]
SEED = 7


@pytest.fixture(scope="module")
def sandbox() -> None:
    """Skips, with the reason, where this machine cannot isolate."""
    missing = [f"{report.name}: {report.why}" for report in probe() if not report.works]
    if missing:
        pytest.skip(f"needs every layer of the sandbox; {'; '.join(missing)}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of this repository's course, in which a cell has two seconds."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "grader.toml").write_text("[limits]\ncell_seconds = 2\n", encoding="utf-8")
    return find_course(root)


def options(workers: int = 2, *require: str) -> Options:
    return Options(workers, SEED, None, frozenset(require or LAYERS))


def samples(*students: str) -> tuple[Found, ...]:
    """The sample class, or some of it."""
    found = find([ROOT / "submitted"], "dl1", ("ko", "en"))
    return tuple(one for one in found if not students or one.student in students)


def graded(course: Course, workers: int) -> dict[str, Result]:
    return {one.result.student: one.result for one in local.run(course, "dl1", samples(), options(workers))}


@pytest.fixture(scope="module")
def results(sandbox: None, course: Course) -> dict[str, Result]:
    """The whole class, two workers."""
    return graded(course, 2)


def checks(results: Mapping[str, Result], *questions: str) -> set[str]:
    """The ids of these questions' checks."""
    return {
        check.id for item in results["perfect"].questions if item.id in questions for check in item.checks
    }


def lost(result: Result) -> dict[str, str]:
    """What did not pass, and why: the finding's code, or else the outcome."""
    return {
        check.id: check.findings[0].code if check.outcome.value == "failed" else check.outcome.value
        for item in result.questions
        for check in item.checks
        if check.outcome.value != "passed"
    }


FULL = ("perfect", "functional-style", "lessons-own-code", "no-metadata")
LOSES = {
    "default-stride-pool": {
        "pool.pooled_shape": "wrong_shape",
        "pool.keeps_the_largest_of_every_window": "pool_default_stride",
    },
    "dropout-always-on": {"custom_model.drops_a_fifth_after_the_first_relu_as_a_class": "dropout_always_on"},
    "dropout-in-the-wrong-place": {"sequential.drops_a_fifth_after_the_first_relu": "dropout_elsewhere"},
    "dropout-keep-versus-drop": {"sequential.drops_a_fifth_after_the_first_relu": "dropout_keep_versus_drop"},
    "eval-mode-forgotten": {"dropout.evaluation_leaves_the_input_alone": "dropped_values"},
    "lstm-without-batch-first": {"lstm.reads_batches_of_sequences_in_two_layers": "batch_first_differs"},
    "lying-module-list": {
        "custom_model.computes_what_was_asked_as_a_class": "activation_missing",
        "custom_model.drops_a_fifth_after_the_first_relu_as_a_class": "dropout_never_on",
    },
    "no-bias": {"linear.maps_ten_to_five": "bias_missing"},
    "padding-to-keep-the-size": {
        "conv.convolved_shape": "wrong_shape",
        "conv.convolves_three_channels_into_sixteen": "layer_setting",
    },
    "size-formula-from-memory": {  # without padding and dilation, all that it lacks is the one
        f"shapes.predicted_shape[{case}]": code
        for code, cases in {
            "shape_plus_one_forgotten": ("conv", "conv_stride", "pool", "pool_default_stride"),
            "shape_simplified_formula": ("conv_padding", "conv_dilation"),
        }.items()
        for case in cases
    },
    "softmax-across-the-batch": {
        "activations.softmax": "softmax_wrong_dim",
        "activations.log_softmax": "softmax_wrong_dim",
    },
    "softmax-before-cross-entropy": {"loss.cross_entropy": "softmax_before_cross_entropy"},
    "stale-optimizer": {
        f"optimizer.{name}": "optimizer_other_parameters" for name in ("sgd", "adam", "rmsprop")
    },
}
LOSES_QUESTIONS = {
    "endless-loop": ("timeout", "custom_model"),
    "ends-the-process": ("crashed", "sequential", "custom_model", "optimizer"),
}


@pytest.mark.parametrize("student", FULL)
def test_right_work_has_full_points(results: Mapping[str, Result], student: str) -> None:
    """However it is written, and whether or not the notebook kept its metadata."""
    result = results[student]
    assert (result.status, result.score, lost(result)) == ("graded", result.max_score, {})


@pytest.mark.parametrize("student", LOSES)
def test_a_mistake_costs_what_its_name_says(results: Mapping[str, Result], student: str) -> None:
    """Exactly these checks, each for its own reason, and their points."""
    result = results[student]
    assert lost(result) == LOSES[student]
    points = {check.id: check.max_points for item in result.questions for check in item.checks}
    assert result.score == result.max_score - sum(points[name] for name in LOSES[student])


@pytest.mark.parametrize("student", LOSES_QUESTIONS)
def test_a_cell_that_never_ends_or_ends_all(results: Mapping[str, Result], student: str) -> None:
    """A loop costs its own question; the end of the process costs what comes after, never what was before."""
    outcome, *questions = LOSES_QUESTIONS[student]
    assert lost(results[student]) == dict.fromkeys(checks(results, *questions), outcome)


def test_no_answer_has_no_points(results: Mapping[str, Result]) -> None:
    """Of the untouched notebook no check passes."""
    result = results["untouched"]
    every = [check.outcome.value for item in result.questions for check in item.checks]
    assert (result.score, set(every)) == (0, {"not_answered"})
    assert len(every) == len({check.id for item in results["perfect"].questions for check in item.checks})


def test_a_file_that_cannot_be_read_is_not_a_zero(results: Mapping[str, Result]) -> None:
    """Ungraded, and the student's to mend."""
    result = results["broken-json"]
    assert result.ungraded is not None
    assert (result.status, result.score, result.ungraded.fault) == ("ungraded", None, "submission")


def test_every_sample_is_in_the_tables(results: Mapping[str, Result]) -> None:
    """A new sample says here what it loses."""
    assert set(results) == {*FULL, *LOSES, *LOSES_QUESTIONS, "untouched", "broken-json"}


def test_every_layer_confined_every_submission(results: Mapping[str, Result]) -> None:
    """As its runner reported before it read a byte of the student's."""
    for student, result in results.items():
        ran = student not in ("untouched", "broken-json")
        assert result.environment.sandbox == dict.fromkeys(LAYERS, ran)


def without_timing(result: Result) -> Any:
    return msgspec.to_builtins(msgspec.structs.replace(result, timing={}, usage={}, durations={}))


def test_one_seed_one_result(results: Mapping[str, Result], course: Course) -> None:
    """A second run, by one worker instead of two, differs in nothing but its timing."""
    again = graded(course, 1)
    assert {name: without_timing(one) for name, one in again.items()} == {
        name: without_timing(one) for name, one in results.items()
    }


def children(pid: int) -> list[int]:
    """The processes below this one, however deep, itself not among them; the dead are not counted."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents.setdefault(int(parent), []).append(int(entry.parent.name))
    found, pending = [], [pid]
    while pending:
        below = parents.get(pending.pop(), [])
        found += below
        pending += below
    return found


@dataclass(frozen=True)
class Interrupted:
    """A run whose worker was killed after the first record, and which was closed after the third."""

    records: list[Record]
    workers: set[int]
    left_behind: list[int]
    left_files: list[str]


@pytest.fixture(scope="module")
def interrupted(
    sandbox: None, course: Course, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Interrupted]:
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setenv("TMPDIR", str(folder))
        yield _interrupted(course, folder)


def _interrupted(course: Course, folder: Path) -> Interrupted:
    before = set(children(os.getpid()))
    four = samples("perfect", "functional-style", "no-metadata", "lessons-own-code")
    run = local.run(course, "dl1", four, options(1))
    records = [next(run)]
    ours = set(children(os.getpid())) - before
    direct = {
        pid
        for pid in ours
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid())
    }
    for pid in direct:
        os.kill(pid, signal.SIGKILL)
    records += [next(run), next(run)]
    ours |= set(children(os.getpid())) - before
    run.close()  # type: ignore[attr-defined]  # a generator: closing it is how a run is given up
    deadline = time.monotonic() + 10
    while (left := [pid for pid in ours if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return Interrupted(records, direct, left, [path.name for path in folder.rglob("*")])


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_workers_submissions_are_graded_by_another(interrupted: Interrupted) -> None:
    """Each once, with full results."""
    assert len(interrupted.workers) == 1
    assert len({record.result.student for record in interrupted.records}) == 3
    assert [record.result.score for record in interrupted.records] == [100, 100, 100]


def test_closing_the_iterator_leaves_no_process_behind(interrupted: Interrupted) -> None:
    """Neither the workers nor anything in their sandboxes, the killed one's included."""
    assert interrupted.left_behind == []


def test_closing_the_iterator_leaves_no_file_behind(interrupted: Interrupted) -> None:
    """A killed worker removes nothing; what it put into the temporary folder is removed for it."""
    assert interrupted.left_files == []


def test_a_missing_layer_is_refused_before_anything_runs(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name and reason; no worker is started, even before the first record is asked for."""
    reports = [LayerReport(name, name != "landlock", "the kernel is old", "a newer one") for name in LAYERS]
    monkeypatch.setattr(local, "probe", lambda: reports)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(IsolationMissing) as caught:
        local.run(course, "dl1", samples("perfect"), options(1, "landlock", "seccomp"))
    assert caught.value.missing == {"landlock": "the kernel is old"}


def test_a_layer_that_is_not_required_may_be_missing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then what is there is used."""
    reports = [LayerReport(name, name != "landlock", "", "") for name in LAYERS]
    monkeypatch.setattr(local, "probe", lambda: reports)
    assert list(local.run(course, "dl1", (), options(1, "seccomp"))) == []


def test_the_command_line_grades(sandbox: None, tmp_path: Path) -> None:
    """``grader grade`` as a user runs it: results and feedback on disk, exit code 0, an unreadable file included."""
    paths = [str(ROOT / "submitted" / student) for student in ("perfect", "broken-json")]
    command = [sys.executable, "-c", "from autograder.cli import main; main()"]
    done = subprocess.run(
        [*command, "grade", "dl1", *paths, "--out", str(tmp_path), "--seed", "7", "--workers", "1"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    perfect = decode((tmp_path / "results/dl1/perfect.json").read_bytes())
    assert (perfect.score, perfect.seed) == (100, 7)
    assert decode((tmp_path / "results/dl1/broken-json.json").read_bytes()).score is None
    for student in ("perfect", "broken-json"):
        for suffix in ("html", "md"):
            assert (tmp_path / "feedback" / student / "dl1" / f"dl1.{suffix}").stat().st_size > 100


class Busy(threading.Thread):
    """A worker that takes and gives records larger than any socket's buffer."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(daemon=True)
        self._connection = connection

    def run(self) -> None:
        self._connection.send_bytes(messages.encode(Ready()))
        try:
            while True:
                one = messages.decode_job(self._connection.recv_bytes())
                self._connection.send_bytes(
                    messages.encode(Graded(result_of(student=one.student), "h" * 4_000_000, ""))
                )
        except (EOFError, OSError):
            return

    def kill(self) -> None:
        """As of a process."""

    def wait(self) -> None:
        """As of a process."""


def test_large_notebooks_and_large_pages_do_not_block_each_other(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that sends four megabytes while four more are on their way to it: both get through."""
    monkeypatch.setattr(local, "probe", lambda: [LayerReport(name, True, "", "") for name in LAYERS])
    monkeypatch.setattr(local._Run, "_spawn", lambda run, number: _busy())
    submissions = []
    for number in range(4):
        path = tmp_path / f"{number}.ipynb"
        path.write_bytes(b" " * 4_000_000)
        submissions.append(replace(samples("perfect")[0], student=str(number), path=path))
    found: list[str] = []
    run = local.run(course, "dl1", submissions, options(2))
    reader = threading.Thread(target=lambda: found.extend(_students(run)), daemon=True)
    reader.start()
    reader.join(30)
    assert not reader.is_alive()
    assert sorted(found) == ["0", "1", "2", "3"]


def _students(run: Iterator[Record]) -> Sequence[str]:
    return [record.result.student for record in run]


def _busy() -> Any:
    ours, theirs = socket.socketpair()
    worker = Busy(Connection(theirs.detach()))
    worker.start()
    popen: Any = worker  # it is killed and waited for alike
    return local._Worker(Process(popen, Connection(ours.detach()), Whereabouts()))
