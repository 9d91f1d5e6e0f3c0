"""A cluster that loses a worker at the worst of moments; real ones are in tests/cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.config import LAYERS, Config, Course
from autograder.engine import dask, orders
from autograder.engine.options import Options
from autograder.errors import GraderError
from autograder.grading import job as messages
from autograder.grading.job import Graded
from autograder.submissions import Found
from tests.builders import write_course
from tests.exchange.results import graded as result_of


class Future:
    """Of a task that has finished; whoever asks for what came of it waits for ever if ``gone``."""

    status = "finished"

    def __init__(self, order: bytes, gone: bool) -> None:
        self._job = messages.decode_job(orders.decode_order(order).job)
        self._gone = gone

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        call(self)

    def result(self, timeout: float | None = None) -> bytes:
        if self._gone:
            assert timeout is not None, "nobody would ever answer"
            raise TimeoutError
        return orders.encode(Graded(result_of(student=self._job.student, key=self._job.key), "", ""))

    def release(self) -> None:
        """As of a future."""


class Client:
    """A cluster of one worker, which is lost with its first answer."""

    submitted = 0

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        return {"worker": 1}

    def submit(self, _: object, order: bytes, **__: object) -> Future:
        self.submitted += 1
        return Future(order, gone=self.submitted == 1)

    def run(self, *_: object, **__: object) -> None:
        """As of a client."""

    def close(self, **_: object) -> None:
        """As of a client."""


def test_an_answer_that_is_lost_with_its_worker_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task had finished, and then its worker was gone: the submission is graded once more."""
    monkeypatch.setattr(dask, "_connected", Client)
    found = []
    for student in ("s0", "s1"):
        path = tmp_path / f"{student}.ipynb"
        path.write_text("{}")
        found.append(Found(student, path))
    course = Course(write_course(tmp_path / "course"), Config())
    options = Options(1, 7, None, frozenset(LAYERS), scheduler="tcp://nowhere:1")
    records = list(dask.run(course, "tiny", found, options))
    assert [(record.result.student, record.result.status) for record in records] == [
        ("s0", "graded"),
        ("s1", "graded"),
    ]


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
