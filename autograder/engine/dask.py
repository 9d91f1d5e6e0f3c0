"""Grades on a Dask cluster: the same grading, on whatever workers there are.

This process, the head, reads submissions and hands on records; only it writes. A task is one submission for one worker,
chosen here: so it is known which submission a lost worker was at. Tasks and answers are bytes of our own schema
(:mod:`.orders`); Dask pickles nothing of ours but a function's name, and nothing of a student's.

Workers may come and go. One that refuses (no isolation, other packages) is told of and not asked again; if all refuse,
and none has graded anything, the run ends with their reasons.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.course.config import Course
from autograder.engine import orders, remote
from autograder.engine.backlog import Backlog
from autograder.engine.losses import Lost
from autograder.engine.options import Options, Record, Settled, nothing_is
from autograder.engine.orders import Order, Refused, Wanting
from autograder.engine.process import raised
from autograder.errors import GraderError, IsolationMissing
from autograder.escaping import terminal_line
from autograder.grading.job import Failed, Graded, Job
from autograder.submissions.found import Found

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 30.0
GATHER_SECONDS = 10.0  # for an answer that is there, from a worker to the head
LOOK_SECONDS = 1.0  # between two looks at which workers there are
WAIT_SECONDS = 600.0  # for a first worker, or another one when all are gone
MAX_IN_A_ROW = 20  # workers that may be lost with nothing graded in between before the run is given up
# Above 10 MB Dask advises to place data before the tasks that share it. A notebook is one task's, and sent once.
LARGE_IS_FINE = {"distributed.admin.large-graph-warning-threshold": "1TB"}


def run(
    course: Course,
    assignment: str,
    submissions: Sequence[Found],
    options: Options,
    settled: Settled = nothing_is,
) -> Iterator[Record]:
    """As :func:`.local.run`, on the cluster whose scheduler ``options`` name; at most ``options.workers`` at once.

    Raises :class:`GraderError` where the scheduler cannot be reached, and :class:`IsolationMissing` where every
    worker lacks a required layer.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise GraderError("--engine dask needs Dask. Install it: pip install 'autograder[dask]'") from None
    if not options.scheduler:
        raise GraderError(
            "--engine dask needs a scheduler's address. Give --scheduler, as in tcp://head:8786"
        )
    backlog = Backlog.of(course, assignment, submissions, options, settled, options.require, MAX_IN_A_ROW)
    return _Run(_connected(options.scheduler), backlog, options).records()


def _connected(scheduler: str) -> Client:
    """A client of the scheduler at this address.

    Whether it can be reached is tried before: a client that could not be started takes a minute to end.
    """
    from distributed import Client

    try:
        asyncio.run(_try(scheduler))
        return Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise GraderError(
            f"{scheduler}: no Dask scheduler can be reached there ({why}). Give --scheduler its address, as in "
            f"tcp://head:8786"
        ) from None


async def _try(scheduler: str) -> None:
    from distributed.comm.core import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await connect(scheduler, timeout=CONNECT_SECONDS, **arguments)  # type: ignore[no-untyped-call]
    await comm.close()


@dataclass
class _Worker:
    """What is known of a Dask worker. ``threads``: how many submissions it grades at once."""

    threads: int
    has_bundle: bool = False
    tasks: dict[str, Job] = field(default_factory=dict)  # task → submission


class _Run:
    def __init__(self, client: Client, backlog: Backlog, options: Options) -> None:
        self._client = client
        self._setup = backlog.intake.setup
        self._options = options
        self._name = secrets.token_hex(8)
        self._bundle = orders.bundle(backlog.intake.course.root, self._setup.assignment)
        self._backlog = backlog
        self._workers: dict[str, _Worker] = {}
        self._refused: dict[str, str] = {}
        self._some_can = False  # a worker has graded something: another one like it may come
        self._futures: dict[str, Future[Any]] = {}
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._looked = self._seen = time.monotonic()
        self._waits = False  # for a worker, and has said so

    def records(self) -> Iterator[Record]:
        try:
            yield from self._look()
            while self._futures or self._backlog:
                self._feed()
                yield from self._finished()
                if time.monotonic() - self._looked >= LOOK_SECONDS:
                    yield from self._look()
        finally:
            self._end()

    def _look(self) -> Iterator[Record]:
        """Which workers there are now: new ones are used, and what those were at that are gone is taken back."""
        self._looked = time.monotonic()
        there: dict[str, int] = self._asked(self._client.nthreads)
        for address in [address for address in self._workers if address not in there]:
            lost = self._workers.pop(address)
            for task, job in lost.tasks.items():
                self._forget(task)
                yield from self._lost(job, Lost())
        for address, threads in there.items():
            if address not in self._refused and len(self._workers) < self._options.workers:
                self._workers.setdefault(address, _Worker(threads))
        if self._workers:
            self._seen, self._waits = self._looked, False
        elif self._refused and not self._some_can and set(there) <= set(self._refused):
            raise _no_use(self._refused)
        elif self._looked - self._seen > WAIT_SECONDS:
            raise GraderError(f"{self._options.scheduler}: no worker for {WAIT_SECONDS:g} s")
        elif not self._waits and self._backlog:
            self._waits = True
            more = " that can be used" if there else ""
            _tell(f"the cluster has no worker{more}; waiting for one, at most {WAIT_SECONDS / 60:g} minutes")

    def _feed(self) -> None:
        for address, worker in self._workers.items():
            while len(worker.tasks) < worker.threads and self._backlog:
                job = self._backlog.take()
                if worker.tasks and self._backlog.must_be_alone((job, *worker.tasks.values())):
                    self._backlog.put_back([job])
                    break
                self._submit(address, worker, job)

    def _submit(self, address: str, worker: _Worker, job: Job) -> None:
        import dask

        data = orders.encode(job)
        order = Order(
            run=self._name,
            setup=self._setup,
            require=tuple(sorted(self._options.require)),
            job=data,
            job_digest=orders.digest(data),
            bundle=b"" if worker.has_bundle else self._bundle,
        )
        worker.has_bundle = True  # if it is not, it says so
        task = f"autograder-{self._name}-{secrets.token_hex(8)}"
        with dask.config.set(LARGE_IS_FINE):
            future: Future[Any] = self._asked(
                self._client.submit,
                remote.grade,
                orders.encode(order),
                key=task,
                workers=[address],
                allow_other_workers=False,
                pure=False,
            )
        worker.tasks[task] = job
        self._futures[task] = future
        future.add_done_callback(lambda _, task=task: self._done.put(task))  # type: ignore[no-untyped-call]

    def _asked(self, call: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """What the client does that needs the scheduler, which it looks for again for :data:`CONNECT_SECONDS`."""
        from distributed.client import ClosedClientError

        try:
            return call(*arguments, **more)
        except (OSError, ClosedClientError):
            raise GraderError(
                f"{self._options.scheduler}: the scheduler was lost. Start it and its workers again"
            ) from None

    def _finished(self) -> Iterator[Record]:
        """What became of the tasks that have ended since; waits a moment if there are none."""
        with suppress(queue.Empty):
            task = self._done.get(timeout=LOOK_SECONDS)
            while True:
                yield from self._taken(task)
                task = self._done.get_nowait()

    def _taken(self, task: str) -> Iterator[Record]:
        address = next((address for address, one in self._workers.items() if task in one.tasks), None)
        future = self._futures.get(task)
        if address is None or future is None:
            return  # its worker is gone, and the submission with another
        worker, status = self._workers[address], future.status
        job = worker.tasks.pop(task)
        data = b""
        if status == "finished":
            with suppress(OSError, CancelledError):  # its worker or the scheduler is gone since: nobody will ever tell
                data = future.result(timeout=GATHER_SECONDS)
        self._forget(task)
        if status == "cancelled":  # with the scheduler, through no fault of the submission
            self._backlog.put_back([job])
            return
        match orders.decode_answer(data) if data else Lost():
            case Graded(result=result, html=html, markdown=markdown, faults=faults):
                self._backlog.graded()
                self._some_can = True
                yield Record(result, html, markdown, tuple(faults))
            case Failed() as failed:
                raise raised(failed)
            case Refused(why=why):
                self._refused[address] = why
                _tell(f"warning: the worker at {address} is left out: {why}")
                self._backlog.put_back([job, *worker.tasks.values()])
                for other in worker.tasks:
                    self._forget(other)
                del self._workers[address]
            case Wanting():
                worker.has_bundle = False
                self._backlog.put_back([job])
            case Lost() as lost:
                yield from self._lost(job, lost)

    def _lost(self, job: Job, lost: Lost) -> Iterator[Record]:
        if given_up := self._backlog.lost(job, lost):
            yield given_up

    def _forget(self, task: str) -> None:
        future = self._futures.pop(task, None)
        if future is not None:
            future.release()  # type: ignore[no-untyped-call]

    def _end(self) -> None:
        for task in list(self._futures):
            self._forget(task)
        with suppress(Exception):  # a cluster that is going down has nothing to end
            self._client.run(remote.release, self._name, workers=list(self._workers), on_error="ignore")
        with suppress(Exception):
            self._client.close(timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]


def _tell(line: str) -> None:
    print(terminal_line(line, 1000), file=sys.stderr, flush=True)


def _no_use(refused: dict[str, str]) -> GraderError:
    reasons = dict.fromkeys(refused.values())
    if all(reason.startswith("required isolation") for reason in reasons):
        return IsolationMissing(dict(refused))
    return GraderError(f"no worker of the cluster can be used: {'; '.join(reasons)}")
