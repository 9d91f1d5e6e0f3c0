"""A worker that ends without a word, and what becomes of the submission it was at. No process is started."""

from __future__ import annotations

import socket
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from autograder.config import LAYERS, Config, Course
from autograder.engine import local
from autograder.engine.options import Options, Record
from autograder.errors import SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Graded, Job, Ready
from autograder.results import Environment, Result, Submission
from autograder.sandbox.layers import LayerReport
from autograder.submissions import Found
from tests.builders import write_course


class Worker(threading.Thread):
    """Grades, and hangs up on the students it is told to; notes whom it was sent."""

    def __init__(self, connection: Connection, deadly: set[str], sent: list[list[str]]) -> None:
        super().__init__(daemon=True)
        self._connection, self._deadly, self._sent = connection, deadly, sent

    def run(self) -> None:
        self._connection.send_bytes(messages.encode(Ready()))
        self._sent.append([])
        try:
            while True:
                job = messages.decode_job(self._connection.recv_bytes())
                self._sent[-1].append(job.student)
                if job.student in self._deadly:
                    return
                self._connection.send_bytes(messages.encode(Graded(result(job), "", "")))
        except (EOFError, OSError):
            return
        finally:
            self._connection.close()

    def kill(self) -> None:
        """As of a process."""

    def wait(self) -> None:
        """As of a process."""


def result(job: Job) -> Result:
    return Result(
        assignment="dl1",
        student=job.student,
        status="graded",
        score=1,
        max_score=1,
        seed=0,
        language="en",
        submission=Submission("", ""),
        assignment_digest="",
        environment=Environment("", {}),
        timing={},
        key=job.key,
    )


def graded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, deadly: set[str], students: int = 6
) -> tuple[list[Record], list[list[str]]]:
    """The records of a class of one worker at a time, and whom each worker was sent."""
    sent: list[list[str]] = []

    def spawn(run: Any, number: int) -> Any:
        ours, theirs = socket.socketpair()
        worker = Worker(Connection(theirs.detach()), deadly, sent)
        worker.start()
        return local._Worker(worker, Connection(ours.detach()))  # type: ignore[arg-type]  # killed and waited for alike

    monkeypatch.setattr(local, "probe", lambda: [LayerReport(name, True, "", "") for name in LAYERS])
    monkeypatch.setattr(local._Run, "_spawn", spawn)
    found = []
    for number in range(students):
        path = folder / f"s{number}.ipynb"
        path.write_text("{}")
        found.append(Found(f"s{number}", path))
    options = Options(1, 7, None, frozenset(LAYERS))
    root = write_course(folder / "course")
    return list(local.run(Course(root, Config()), "tiny", found, options)), sent


def test_a_submission_that_costs_two_workers_is_ungraded_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through our fault, with the reason; everybody else is graded once."""
    records, sent = graded(tmp_path, monkeypatch, {"s2"})
    by_student = {record.result.student: record.result for record in records}
    assert len(records) == len(by_student) == 6
    assert {name for name, one in by_student.items() if one.status == "graded"} == set(by_student) - {"s2"}
    lost = by_student["s2"].ungraded
    assert lost is not None
    assert (lost.code, lost.fault) == ("grader_fault", "grader")
    assert by_student["s2"].key
    assert len(sent) == 3


def test_nothing_waits_behind_a_suspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was behind it when it first cost a worker is not behind it a second time, and is never blamed."""
    records, sent = graded(tmp_path, monkeypatch, {"s0", "s1"}, students=3)
    assert {record.result.student: record.result.status for record in records} == {
        "s0": "ungraded",
        "s1": "ungraded",
        "s2": "graded",
    }
    assert sent[1] == ["s0"]


def test_workers_that_always_end_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is graded in between, it is the machine: a class of 10,000 is not tried 20,000 times."""
    with pytest.raises(SandboxError, match="workers keep ending without a word, the last one at s"):
        graded(tmp_path, monkeypatch, {f"s{number}" for number in range(50)}, students=50)
