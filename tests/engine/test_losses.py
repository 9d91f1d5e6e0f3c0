"""A worker that ends without a word or comes to no end, and what becomes of its submission. No process is started."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import LAYERS, Config, Course, Limits
from autograder.engine import local
from autograder.engine.options import Options, Record
from autograder.engine.process import Process, never_ready
from autograder.errors import SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Graded, Ready
from autograder.grading.whereabouts import Whereabouts
from autograder.sandbox.layers import LayerReport
from autograder.submissions.found import Found
from tests.builders import write_course
from tests.exchange.results import graded as result_of

LIMITS = Limits(cell_seconds=0.5, submission_seconds=0.5, grading_seconds=0.5)


class Worker(threading.Thread):
    """Grades, hangs up on the students it is told to, or comes to no end with them; notes whom it was sent."""

    def __init__(
        self,
        connection: Connection,
        whereabouts: Whereabouts,
        deadly: set[str],
        endless: set[str],
        sent: list[list[str]],
    ) -> None:
        super().__init__(daemon=True)
        self._connection, self._whereabouts = connection, whereabouts
        self._deadly, self._endless, self._sent = deadly, endless, sent
        self._killed = threading.Event()

    def run(self) -> None:
        self._sent.append([])
        try:
            self._connection.send_bytes(messages.encode(Ready(slow="linear.spins" if self._endless else "")))
            while True:
                job = messages.decode_job(self._connection.recv_bytes())
                self._sent[-1].append(job.student)
                if job.student in self._deadly:
                    return
                if job.student in self._endless:
                    self._whereabouts.note("linear.spins")
                    self._killed.wait()
                    return
                graded = Graded(result_of(student=job.student, key=job.key), "", "")
                self._connection.send_bytes(messages.encode(graded))
        except (EOFError, OSError):
            return
        finally:
            self._connection.close()

    def kill(self) -> None:
        """As of a process."""
        self._killed.set()

    def wait(self) -> None:
        """As of a process."""


def running(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    deadly: Iterable[str] = (),
    endless: Iterable[str] = (),
    students: int = 6,
) -> tuple[Iterator[Record], list[list[str]]]:
    """A run over a class, by one worker at a time that has a second for each; and whom each worker was sent."""
    sent: list[list[str]] = []

    def spawn(run: Any, number: int) -> Any:
        ours, theirs = socket.socketpair()
        whereabouts = Whereabouts()
        worker = Worker(Connection(theirs.detach()), whereabouts, {*deadly}, {*endless}, sent)
        worker.start()
        popen: Any = worker  # killed and waited for alike
        return local._Worker(Process(popen, Connection(ours.detach()), whereabouts))

    monkeypatch.setattr(local, "probe", lambda: [LayerReport(name, True, "", "") for name in LAYERS])
    monkeypatch.setattr(local._Run, "_spawn", spawn)
    found = []
    for number in range(students):
        path = folder / f"s{number}.ipynb"
        path.write_text("{}")
        found.append(Found(f"s{number}", path))
    options = Options(1, 7, None, frozenset(LAYERS))
    course = Course(write_course(folder / "course"), Config(limits=LIMITS))
    return local.run(course, "tiny", found, options), sent


def graded(*arguments: Any, **more: Any) -> tuple[list[Record], list[list[str]]]:
    """The same once the run is over."""
    run, sent = running(*arguments, **more)
    return list(run), sent


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
    assert lost.message == "2 workers were lost at it. The last one ended without a word"
    assert by_student["s2"].key
    assert sum(students.count("s2") for students in sent) == 2


def test_a_submission_that_comes_to_no_end_costs_its_workers_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker is ended when its time is over, and it is said how long that was and at which check."""
    records, sent = graded(tmp_path, monkeypatch, endless={"s2"})
    by_student = {record.result.student: record.result for record in records}
    assert {name for name, one in by_student.items() if one.status == "graded"} == set(by_student) - {"s2"}
    lost = by_student["s2"].ungraded
    assert lost is not None
    assert (lost.code, lost.fault) == ("grader_fault", "grader")
    assert "had not finished after 1 s at the check linear.spins. Mend the check, or if it only" in lost.message
    assert [students[-1] for students in sent if students] == ["s2", "s2"]


def test_a_check_that_hangs_with_the_courses_own_answers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, however many workers find that out."""
    _, sent = graded(tmp_path, monkeypatch, endless={"s2"}, students=3)
    assert len(sent) > 1
    assert capsys.readouterr().err.count("warning: the check linear.spins did not come to an end") == 1


def test_time_begins_when_a_worker_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither waiting behind another one, nor an engine that is busy elsewhere, is held against a submission."""
    run, sent = running(tmp_path, monkeypatch, students=3)
    for record in run:
        assert record.result.status == "graded"
        time.sleep(LIMITS.worker_seconds * 1.2)
    assert sent == [["s0", "s1", "s2"]]


def test_nothing_waits_behind_a_suspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was behind it when it first cost a worker is not behind it a second time, and is never blamed."""
    records, sent = graded(tmp_path, monkeypatch, {"s0", "s1"}, students=3)
    assert {record.result.student: record.result.status for record in records} == {
        "s0": "ungraded",
        "s1": "ungraded",
        "s2": "graded",
    }
    assert [students for students in sent if students] == [["s0"], ["s1"], ["s2", "s0"], ["s1"]]


@pytest.mark.parametrize("deadly", [3, 8])
def test_those_that_cost_workers_keep_nobody_from_a_grade(
    deadly: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, the rest of the class is graded before they are tried again, and they end no run."""
    students = {f"s{number}" for number in range(0, 2 * deadly, 2)}
    records, _ = graded(tmp_path, monkeypatch, students, students=2 * deadly)
    in_order = [record.result.student for record in records]
    assert not students & set(in_order[:deadly])
    assert sorted(in_order[deadly:]) == sorted(students)
    assert {record.result.status for record in records[deadly:]} == {"ungraded"}


def test_workers_that_always_end_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is graded in between, it is the machine: a class of 10,000 is not tried 20,000 times."""
    with pytest.raises(SandboxError, match=r"workers keep being lost\. The last one, at s[0-9]+, ended without"):
        graded(tmp_path, monkeypatch, {f"s{number}" for number in range(50)}, students=50)


def test_a_worker_that_never_gets_ready_says_where_it_was() -> None:
    """At a check of the course's own answers, which are graded before anybody's, or at nothing of that kind."""
    assert "the check layer.shape of the course's own answers" in str(never_ready("layer.shape"))
    assert "imported" in str(never_ready(""))
