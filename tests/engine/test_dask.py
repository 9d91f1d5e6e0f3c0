"""A cluster that loses something at the worst of moments; real ones are in tests/cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course.config import LAYERS, Config, Course
from autograder.engine import dask, orders
from autograder.engine.options import Options, Record
from autograder.engine.orders import Refused
from autograder.errors import GraderError
from autograder.grading import job as messages
from autograder.grading.job import Graded
from autograder.submissions.found import Found
from tests.builders import write_course
from tests.exchange.results import graded as result_of


class Future:
    """Of a task that has ended, or never does; whoever asks for what came of it waits for ever if ``gone``."""

    def __init__(self, order: bytes, status: str = "finished", gone: bool = False) -> None:
        self._job = messages.decode_job(orders.decode_order(order).job)
        self._gone = gone
        self.status = status

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        if self.status != "pending":
            call(self)

    def result(self, timeout: float | None = None) -> bytes:
        if self._gone:
            assert timeout is not None, "nobody would ever answer"
            raise TimeoutError
        return orders.encode(Graded(result_of(student=self._job.student, key=self._job.key), "", ""))

    def release(self) -> None:
        """As of a future."""


class Client:
    """A cluster of one worker, which grades."""

    def __init__(self, *_: object, **__: object) -> None:
        self.submitted = 0

    def nthreads(self) -> dict[str, int]:
        return {"worker": 1}

    def submit(self, _: object, order: bytes, **__: object) -> Future:
        self.submitted += 1
        return Future(order)

    def run(self, *_: object, **__: object) -> None:
        """As of a client."""

    def close(self, **_: object) -> None:
        """As of a client."""


def running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, client: type[Client], students: int = 2, workers: int = 1
) -> Iterator[Record]:
    """A run over so many students on so many workers of the cluster of such a client."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask, "_connected", client)
    monkeypatch.setattr(dask, "LOOK_SECONDS", 0.0)
    found = []
    for number in range(students):
        path = folder / f"s{number}.ipynb"
        path.write_text("{}")
        found.append(Found(f"s{number}", path))
    course = Course(write_course(folder / "course"), Config())
    options = Options(workers, 7, None, frozenset(LAYERS), scheduler="tcp://nowhere:1")
    return dask.run(course, "tiny", found, options)


def outcomes(records: Iterable[Record]) -> list[tuple[str, str]]:
    """Each student and what became of their submission."""
    return [(record.result.student, record.result.status) for record in records]


def test_an_answer_that_is_lost_with_its_worker_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task had finished, and then its worker was gone: the submission is graded once more, behind the others."""

    class Lossy(Client):
        def submit(self, _: object, order: bytes, **__: object) -> Future:
            self.submitted += 1
            return Future(order, gone=self.submitted == 1)

    records = running(tmp_path, monkeypatch, Lossy)
    assert outcomes(records) == [("s1", "graded"), ("s0", "graded")]


def test_a_scheduler_that_goes_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it held is nobody's fault, however often that happens: it is graded once it is back."""

    class Restarted(Client):
        def submit(self, _: object, order: bytes, **__: object) -> Future:
            self.submitted += 1
            return Future(order, "cancelled" if self.submitted <= 3 else "finished")

    records = running(tmp_path, monkeypatch, Restarted)
    assert outcomes(records) == [("s0", "graded"), ("s1", "graded")]


def test_it_is_said_once_that_there_is_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the start, and once more when the first one is gone."""
    there = iter("00011000")

    class Fleeting(Client):
        def nthreads(self) -> dict[str, int]:
            return {"worker": 1} if next(there, "1") == "1" else {}

        def submit(self, _: object, order: bytes, **__: object) -> Future:
            self.submitted += 1
            return Future(order, "pending" if self.submitted == 1 else "finished")

    records = running(tmp_path, monkeypatch, Fleeting)
    assert outcomes(records) == [("s1", "graded"), ("s0", "graded")]
    assert capsys.readouterr().err == "the cluster has no worker; waiting for one, at most 10 minutes\n" * 2


class Refusal(Future):
    def result(self, timeout: float | None = None) -> bytes:
        return orders.encode(Refused("no landlock"))


def test_a_worker_that_refuses_is_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As long as one has graded, also where that one is away for a while and only refusers are there."""
    looks = iter([["able"], ["able", "other"], ["other"], ["other"]])

    class Mixed(Client):
        def nthreads(self) -> dict[str, int]:
            return dict.fromkeys(next(looks, ["able", "other"]), 1)

        def submit(self, _: object, order: bytes, **how: object) -> Future:
            return Refusal(order) if how["workers"] == ["other"] else Future(order)

    records = running(tmp_path, monkeypatch, Mixed, students=6, workers=2)
    assert sorted(outcomes(records)) == [(f"s{number}", "graded") for number in range(6)]
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "warning: the worker at other is left out: no landlock"
    assert others == ["the cluster has no worker that can be used; waiting for one, at most 10 minutes"]


def test_workers_that_all_refuse_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their reasons, where none has graded anything."""

    class Unable(Client):
        def submit(self, _: object, order: bytes, **__: object) -> Future:
            return Refusal(order)

    with pytest.raises(GraderError, match="no worker of the cluster can be used: no landlock"):
        list(running(tmp_path, monkeypatch, Unable))


@pytest.mark.parametrize("call", ["nthreads", "submit"])
def test_a_scheduler_that_does_not_come_back_is_named(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the client then says of its pools; what is graded was handed on before."""
    client = pytest.importorskip("distributed.client")

    def closed(*_: object, **__: object) -> None:
        raise client.ClosedClientError("closed") if call == "submit" else OSError("ConnectionPool closing.")

    run = running(tmp_path, monkeypatch, Client, students=3)
    records = [next(run)]
    monkeypatch.setattr(Client, call, closed)
    with pytest.raises(GraderError, match="tcp://nowhere:1: the scheduler was lost"):
        records.extend(run)
    assert ("s0", "graded") in outcomes(records)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("head", "missing port"),
        ("tcp://head", "missing port"),
        ("head:port", "port"),
        ("carrier-pigeon://head:8786", "unknown address scheme"),
        ("tls://127.0.0.1:9", "TLS"),
    ],
)
def test_an_address_that_is_none_is_refused_before_there_is_a_client(
    address: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that could not be started holds up the end of the process for a minute."""
    distributed = pytest.importorskip("distributed")
    clients: list[str] = []
    monkeypatch.setattr(distributed, "Client", lambda address, **_: clients.append(address))
    course = Course(write_course(tmp_path / "course"), Config())
    options = Options(1, 7, None, frozenset(LAYERS), scheduler=address)
    with pytest.raises(GraderError, match=f"no Dask scheduler can be reached there .*{why}.*as in tcp://head"):
        dask.run(course, "tiny", [], options)
    assert not clients
