"""What a worker of a cluster keeps for a run, and until when. No process is started."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import pytest

from autograder.course.config import Config, Course
from autograder.engine import orders, remote
from autograder.engine.intake import Intake
from autograder.engine.options import Options
from autograder.engine.orders import Order, Refused, Wanting
from autograder.engine.process import Process
from autograder.grading import job as messages
from autograder.grading.job import Failed, Graded, Job, Ready, Setup
from autograder.grading.whereabouts import Whereabouts
from tests.builders import write_course
from tests.exchange.results import graded as result_of

SECONDS = 30.0  # within which something happens, on the slowest of machines


class Popen:
    def kill(self) -> None:
        """As of a process; it ends with its connection."""

    def wait(self) -> None:
        """As of a process."""


class Bench(threading.Thread):
    """A process that says ``first`` and grades, when it ``may``, until the other end hangs up."""

    def __init__(self, connection: Connection, first: messages.Message) -> None:
        super().__init__(daemon=True)
        self._connection, self._first = connection, first
        self.may, self.ended = threading.Event(), threading.Event()
        self.may.set()

    def run(self) -> None:
        try:
            self._connection.send_bytes(messages.encode(self._first))
            while True:
                job = messages.decode_job(self._connection.recv_bytes())
                self.may.wait()
                graded = Graded(result_of(student=job.student, key=job.key), "", "")
                self._connection.send_bytes(messages.encode(graded))
        except (EOFError, OSError):
            self.ended.set()


class Host:
    """A worker's machine: the benches that were started there, and the folders that they were given."""

    def __init__(self, course: Course) -> None:
        self.setup = Intake.of(course, "tiny", Options(1, 7, None, frozenset()), ()).setup
        self.bundle = orders.bundle(course.root, "tiny")
        self.benches: list[Bench] = []
        self.folders: list[Path] = []
        self.first: messages.Message = Ready()

    def spawn(self, _: Setup, scratch: Path) -> Process:
        ours, theirs = socket.socketpair()
        self.benches.append(Bench(Connection(theirs.detach()), self.first))
        self.benches[-1].start()
        self.folders.append(scratch)
        return Process(Popen(), Connection(ours.detach()), Whereabouts())  # type: ignore[arg-type]

    def grade(self, run: str, bundle: bytes) -> Any:
        job = messages.encode(Job("s0", "s0.ipynb", b"{}"))
        order = Order(run, self.setup, (), job, orders.digest(job), bundle)
        return orders.decode_answer(remote.grade(orders.encode(order)))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """It gives up waiting for orders soon."""
    made = Host(Course(write_course(tmp_path / "course"), Config()))
    monkeypatch.setattr(remote, "spawn", made.spawn)
    monkeypatch.setattr(remote, "IDLE_SECONDS", 0.05)
    yield made
    remote.release("run")


def is_gone(path: Path) -> bool:
    """Whether ``path`` goes."""
    deadline = time.monotonic() + SECONDS
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not path.exists()


def test_what_is_kept_for_a_head_that_says_no_more_is_given_up(host: Host) -> None:
    """The process that grades, and the assignment with its answers."""
    assert isinstance(host.grade("run", host.bundle), Graded)
    assert host.benches[0].ended.wait(SECONDS)
    assert is_gone(host.folders[0])


def test_a_head_that_was_only_slow_loses_nothing(host: Host) -> None:
    """Its next order asks for the assignment again, and is graded."""
    host.grade("run", host.bundle)
    assert is_gone(host.folders[0])
    assert isinstance(host.grade("run", b""), Wanting)
    assert isinstance(host.grade("run", host.bundle), Graded)
    assert len(host.benches) == 2


def test_work_is_no_silence(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a submission takes, and however soon after another it came, its process stays."""
    monkeypatch.setattr(remote, "IDLE_SECONDS", 1.0)
    host.grade("run", host.bundle)
    host.benches[0].may.clear()
    answers: list[Any] = []
    second = threading.Thread(target=lambda: answers.append(host.grade("run", b"")))
    second.start()
    assert not host.benches[0].ended.wait(2.0)
    host.benches[0].may.set()
    second.join()
    assert isinstance(answers[0], Graded)
    assert len(host.benches) == 1


@pytest.mark.parametrize(("kind", "answer"), [("sandbox", Refused), ("assignment", Failed)])
def test_what_a_machine_cannot_do_is_no_fault_of_the_run(
    kind: Literal["sandbox", "assignment"], answer: type, host: Host
) -> None:
    """One that lets no submission be confined refuses; checks that cannot be used are so everywhere."""
    host.first = Failed(kind, "a runner could not be confined")
    assert isinstance(host.grade("run", host.bundle), answer)
