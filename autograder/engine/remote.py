"""The far end of a cluster: what runs inside a Dask worker, and grades there in processes as the local engine's.

Nothing of a student's runs in the Dask worker itself, nor in the process that grades: below that is its own sandbox.
One process is kept for every thread of the Dask worker, for as long as orders of one run arrive. A head that is ended
by force cannot say that its run is over: what is kept also goes when no order has come for a while.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from autograder.course.assignment import limits_of
from autograder.course.config import LAYERS, Course
from autograder.engine import orders
from autograder.engine.cpus import own_cpu
from autograder.engine.losses import Lost
from autograder.engine.orders import Answer, Order, Refused, Wanting
from autograder.engine.process import START_SECONDS, Process, never_ready, scratch_folder, spawn
from autograder.errors import GraderError
from autograder.grading.job import Failed, Graded, Message, Ready
from autograder.process import environment
from autograder.process.scratch import ScratchFolder
from autograder.sandbox.layers import probe

IDLE_SECONDS = 60.0  # without an order; a head that lives pays for it with a start anew, and the assignment once more


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
        with ExitStack() as stack:
            with _lock:
                place = _place_of(order)
                if isinstance(place, Refused):
                    return place
                place.begin()
                stack.callback(place.finish)
                if not place.worker_seconds:
                    if not order.bundle:
                        return Wanting()
                    orders.unpack(order.bundle, place.course, order.setup)
                    course = Course(place.course, order.setup.config)
                    place.worker_seconds = limits_of(course, order.setup.assignment).worker_seconds
            return place.graded(order)
    except GraderError as error:
        return Failed("other", str(error))


@dataclass
class _Bench:
    """One grading process."""

    process: Process
    cpu: ExitStack

    def close(self) -> str:
        """Ends it; the check that it was at, or an empty text."""
        with self.cpu:
            return self.process.end()


@dataclass
class _Place:
    """What this Dask worker keeps for one run: the assignment's files and idle grading processes.

    ``worker_seconds`` is the time for one submission; 0: the assignment is not here yet.
    """

    run: str
    layers: tuple[str, ...]
    scratch: ScratchFolder = field(default_factory=scratch_folder)
    worker_seconds: float = 0.0
    closed: bool = False
    idle: list[_Bench] = field(default_factory=list)
    at_work: int = 0
    end: threading.Timer | None = None

    def begin(self) -> None:
        """An order is at work."""
        self.at_work += 1
        if self.end is not None:
            self.end.cancel()

    def finish(self) -> None:
        """It is not any more; if there is none now and none comes, this place is left."""
        with _lock:
            self.at_work -= 1
            if not self.at_work and not self.closed:
                self.end = threading.Timer(IDLE_SECONDS, self._leave)
                self.end.daemon = True
                self.end.start()

    def _leave(self) -> None:
        with _lock:
            if _place is self and not self.at_work:
                _leave()

    @property
    def course(self) -> Path:
        return self.scratch.path / "course"

    def graded(self, order: Order) -> Answer:
        """By an idle process, or a new one; a process that ends at it, or comes to no end, is not used again."""
        with _lock:
            bench = self.idle.pop() if self.idle else None
        if bench is None:
            bench = self._bench(order)
            match _heard(bench, START_SECONDS):
                case Lost(seconds=seconds, check=check) if seconds:
                    raise never_ready(check)
                case Lost() as lost:
                    return lost
                case Failed() as failed:
                    bench.close()
                    return Refused(failed.text) if failed.kind == "sandbox" else failed  # this machine's, not the run's
        with suppress(OSError):  # that it has ended is heard next
            bench.process.connection.send_bytes(order.job)
        answer = _heard(bench, self.worker_seconds)
        with _lock:
            if isinstance(answer, Graded) and not self.closed:
                self.idle.append(bench)
            elif not isinstance(answer, Lost):
                bench.close()
        if isinstance(answer, Ready):
            raise GraderError("a worker said that it is ready instead of what it found")
        return answer

    def _bench(self, order: Order) -> _Bench:
        with ExitStack() as stack:
            cpu = stack.enter_context(own_cpu())
            setup = msgspec.structs.replace(
                order.setup,
                course_root=str(self.course),
                layers=self.layers,
                slot=0 if cpu is None else cpu,
                cpus=() if cpu is None else (cpu,),
            )
            return _Bench(spawn(setup, self.scratch.path), stack.pop_all())


def _heard(bench: _Bench, seconds: float) -> Message | Lost:
    """What it says within ``seconds``; where that is nothing, it is ended."""
    try:
        if bench.process.connection.poll(seconds):
            return bench.process.hear()
    except (EOFError, OSError):
        return Lost(check=bench.close())
    return Lost(seconds, bench.close())


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
        if _place.end is not None:
            _place.end.cancel()
        for bench in _place.idle:
            bench.close()
        _place.scratch.remove()
        _place = None


_lock = threading.Lock()
_place: _Place | None = None
