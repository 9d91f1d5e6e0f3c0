"""The far end of a cluster: what runs inside a Dask worker, and grades there in processes as the local engine's.

Nothing of a student's runs in the Dask worker itself, nor in the process that grades: below that is its own sandbox.
One process is kept for every thread of the Dask worker, for as long as orders of one run arrive.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from autograder import environment
from autograder.config import LAYERS
from autograder.engine import orders
from autograder.engine.orders import Answer, Lost, Order, Refused, Wanting
from autograder.engine.process import scratch_folder, spawn
from autograder.errors import GraderError
from autograder.grading import job as messages
from autograder.grading.job import Failed, Ready
from autograder.sandbox.layers import probe


def grade(order: bytes) -> bytes:
    """The answer to an order. Called by Dask, in one of its threads."""
    return orders.encode(_answer(orders.decode_order(order)))


def release(run: str) -> None:
    """End what is kept for a run. Called by Dask, when the run is over."""
    with _lock:
        if _place is not None and _place.run == run:
            _leave()


def _answer(order: Order) -> Answer:
    try:
        if orders.digest(order.job) != order.job_digest:
            raise GraderError("a submission arrived that is not the one that was sent")
        with _lock:
            place = _place_of(order)
            if isinstance(place, Refused):
                return place
            if not place.has_assignment:
                if not order.bundle:
                    return Wanting()
                orders.unpack(order.bundle, place.course, order.setup)
                place.has_assignment = True
        return place.graded(order)
    except GraderError as error:
        return Failed("other", str(error))


@dataclass
class _Bench:
    """One grading process."""

    process: subprocess.Popen[bytes]
    connection: Connection
    cpu: ExitStack

    def close(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self.cpu.close()


@dataclass
class _Place:
    """What this Dask worker keeps for one run: the assignment's files and idle grading processes."""

    run: str
    layers: tuple[str, ...]
    scratch: tempfile.TemporaryDirectory[str] = field(default_factory=scratch_folder)
    has_assignment: bool = False
    closed: bool = False
    idle: list[_Bench] = field(default_factory=list)

    @property
    def course(self) -> Path:
        return Path(self.scratch.name) / "course"

    def graded(self, order: Order) -> Answer:
        """By an idle process, or a new one; a process that ends at it is not used again."""
        with _lock:
            bench = self.idle.pop() if self.idle else None
        try:
            if bench is None:
                bench = self._bench(order)
                if not isinstance(first := _decoded(bench), Ready):
                    bench.close()
                    return first
            bench.connection.send_bytes(order.job)
            answer = _decoded(bench)
        except (EOFError, OSError):
            if bench is not None:
                bench.close()
            return Lost()
        with _lock:
            if self.closed or isinstance(answer, Failed):
                bench.close()
            else:
                self.idle.append(bench)
        if isinstance(answer, Ready):
            raise GraderError("a worker said that it is ready instead of what it found")
        return answer

    def _bench(self, order: Order) -> _Bench:
        with ExitStack() as stack:
            cpu = stack.enter_context(_own_cpu())
            setup = msgspec.structs.replace(
                order.setup,
                course_root=str(self.course),
                layers=self.layers,
                slot=0 if cpu is None else cpu,
                cpus=() if cpu is None else (cpu,),
            )
            return _Bench(*spawn(setup, self.scratch.name), stack.pop_all())


def _decoded(bench: _Bench) -> messages.Message:
    message: messages.Message = messages.decode_message(bench.connection.recv_bytes())
    return message


def _place_of(order: Order) -> _Place | Refused:
    """This run's place; an earlier run's is left for it."""
    global _place
    if _place is None or _place.run != order.run:
        works = {report.name: report for report in probe()}
        if missing := [f"{name}: {works[name].why}" for name in order.require if not works[name].works]:
            return Refused(f"required isolation is missing ({'; '.join(missing)})")
        if environment.digest() != order.setup.environment_digest:
            return Refused("its Python, its packages or its grader are not those of the head")
        _leave()
        _place = _Place(order.run, tuple(name for name in LAYERS if works[name].works))
    return _place


def _leave() -> None:
    global _place
    if _place is not None:
        _place.closed = True
        for bench in _place.idle:
            bench.close()
        _place.scratch.cleanup()
        _place = None


@contextmanager
def _own_cpu() -> Iterator[int | None]:
    """A CPU that no other grading process of this machine holds, whichever Dask worker that belongs to."""
    folder = Path(tempfile.gettempdir())
    for cpu in sorted(os.sched_getaffinity(0)):
        try:
            lock = os.open(
                folder / f"autograder-cpu-{cpu}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600
            )
        except OSError:  # another user's
            continue
        try:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield cpu
                return
        finally:
            os.close(lock)
    yield None


_lock = threading.Lock()
_place: _Place | None = None
