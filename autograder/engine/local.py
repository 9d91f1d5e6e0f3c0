"""Grades on this machine: one worker process a slot, jobs handed out as workers come free.

This process reads files and hands on records; it imports neither torch nor pytest, and no student's bytes are
looked into here.
"""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

import msgspec

from autograder.config import LAYERS, Course
from autograder.engine.intake import Intake
from autograder.engine.losses import Losses
from autograder.engine.options import Options, Record, Settled, nothing_is
from autograder.engine.process import raised, scratch_folder, spawn
from autograder.errors import IsolationMissing, SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Failed, Graded, Job, Ready
from autograder.sandbox.layers import probe
from autograder.submissions import Found

IN_ADVANCE_BYTES = 64 << 10  # what surely fits into a socket's buffer
MAX_IN_A_ROW = 5  # workers that may be lost with nothing graded in between before the run is given up


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    jobs: deque[Job] = field(default_factory=deque)
    ready: bool = False


def run(
    course: Course,
    assignment: str,
    submissions: Sequence[Found],
    options: Options,
    settled: Settled = nothing_is,
) -> Iterator[Record]:
    """Grade every submission that is not ``settled``, yielding records as they are finished.

    Raises :class:`IsolationMissing` before anything runs if a required layer does not work here, and
    :class:`GraderError` for an assignment whose checks cannot be used. ``settled`` is asked for each submission
    before the first is graded. Closing the iterator ends all workers.
    """
    reports = {report.name: report for report in probe()}
    missing = {name: reports[name].why for name in sorted(options.require) if not reports[name].works}
    if missing:
        raise IsolationMissing(missing)
    layers = tuple(name for name in LAYERS if reports[name].works)
    intake = Intake.of(course, assignment, options, layers)
    return _Run(intake, intake.unsettled(submissions, settled), options.workers).records()


class _Run:
    def __init__(self, intake: Intake, submissions: Sequence[Found], workers: int) -> None:
        self._intake = intake
        self._pending = deque(submissions)
        self._held: deque[Job] = deque()  # read already, and with no worker
        self._wanted = workers
        self._workers: list[_Worker] = []
        self._losses = Losses(intake.setup)
        self._in_a_row = 0  # workers lost since something was graded
        self._scratch = scratch_folder()

    def records(self) -> Iterator[Record]:
        try:
            for number in range(min(self._wanted, len(self._pending))):
                self._workers.append(self._spawn(number))
            while any(worker.jobs for worker in self._workers) or self._held or self._pending:
                yield from self._next()
        finally:
            for worker in self._workers:
                worker.connection.close()
                worker.process.kill()
                worker.process.wait()
            self._scratch.cleanup()

    def _next(self) -> Iterator[Record]:
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection)):
            assert isinstance(connection, Connection)
            worker = by_connection[connection]
            try:
                message = messages.decode_message(connection.recv_bytes())
            except (EOFError, OSError):
                yield from self._replace(worker)
                continue
            match message:
                case Ready():
                    worker.ready = True
                case Failed():
                    raise raised(message)
                case Graded():
                    worker.jobs.popleft()
                    self._in_a_row = 0
                    yield Record(message.result, message.html, message.markdown, tuple(message.faults))
            self._feed(worker)

    def _feed(self, worker: _Worker) -> None:
        """One job at work and, if it is small, one waiting behind it, so that a worker seldom idles.

        A large one goes to a worker that is reading, and to no other: a busy one may be about to send more than a
        socket holds, and then both ends would wait for ever. One that has cost a worker is graded with none behind.
        """
        while worker.ready and len(worker.jobs) < 2 and (self._held or self._pending):
            job = self._held.popleft() if self._held else self._intake.job(self._pending.popleft())
            data = messages.encode(job)
            alone = len(data) > IN_ADVANCE_BYTES or any(map(self._losses.suspects, (job, *worker.jobs)))
            if worker.jobs and alone:
                self._held.appendleft(job)
                return
            worker.jobs.append(job)
            try:
                worker.connection.send_bytes(data)
            except OSError:
                return  # its end is seen, and its jobs taken back, when it is next listened to

    def _replace(self, worker: _Worker) -> Iterator[Record]:
        """A worker ended on its own: its jobs go to a new one, but for the one that has now cost two."""
        worker.process.kill()
        worker.process.wait()
        worker.connection.close()
        self._in_a_row += 1
        if self._in_a_row > MAX_IN_A_ROW:
            names = ", ".join(job.student for job in worker.jobs) or "its start"
            raise SandboxError(f"workers keep ending without a word, the last one at {names}")
        place = self._workers.index(worker)
        if worker.jobs and (given_up := self._losses.blame(worker.jobs[0])):
            worker.jobs.popleft()
            yield given_up
        self._held.extendleft(reversed(worker.jobs))
        self._workers[place] = self._spawn(place)

    def _spawn(self, number: int) -> _Worker:
        setup = msgspec.structs.replace(self._intake.setup, slot=number, cpus=_cpus_of(number))
        return _Worker(*spawn(setup, self._scratch.name))


def _cpus_of(number: int) -> tuple[int, ...]:
    """The CPU a slot is pinned to, so that a busy submission slows no other."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    available = sorted(os.sched_getaffinity(0))
    return (available[number % len(available)],)
