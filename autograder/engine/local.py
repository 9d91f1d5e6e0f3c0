"""Grades on this machine: one worker process a slot, jobs handed out as workers come free.

This process reads files and hands on records; it imports neither torch nor pytest, and no student's bytes are
looked into here.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

import msgspec

from autograder.course.config import Course
from autograder.engine.backlog import Backlog
from autograder.engine.losses import Lost
from autograder.engine.options import Options, Record, Settled, nothing_is
from autograder.engine.process import START_SECONDS, Process, never_ready, raised, scratch_folder, spawn
from autograder.errors import IsolationMissing
from autograder.grading import job as messages
from autograder.grading.job import Failed, Graded, Job, Ready
from autograder.sandbox.layers import probe
from autograder.submissions.found import Found

IN_ADVANCE_BYTES = 64 << 10  # what surely fits into a socket's buffer
MAX_IN_A_ROW = 5  # workers that may be lost with nothing graded in between before the run is given up


@dataclass
class _Worker:
    process: Process
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
    layers = [name for name, report in reports.items() if report.works]
    backlog = Backlog.of(course, assignment, submissions, options, settled, layers, MAX_IN_A_ROW)
    return _Run(backlog, options.workers).records()


class _Run:
    def __init__(self, backlog: Backlog, workers: int) -> None:
        self._setup = backlog.intake.setup
        self._seconds = backlog.intake.limits.worker_seconds
        self._backlog = backlog
        self._wanted = workers
        self._workers: list[_Worker] = []
        self._scratch = scratch_folder()
        self._warned = False

    def records(self) -> Iterator[Record]:
        try:
            for number in range(min(self._wanted, len(self._backlog))):
                self._workers.append(self._spawn(number))
            while any(worker.jobs for worker in self._workers) or self._backlog:
                yield from self._next()
        finally:
            for worker in self._workers:
                worker.process.end()
            self._scratch.remove()

    def _next(self) -> Iterator[Record]:
        by_connection = {worker.process.connection: worker for worker in self._workers}
        due = min(worker.process.due for worker in self._workers)
        seconds = None if math.isinf(due) else max(due - time.monotonic(), 0)
        for connection in wait(list(by_connection), seconds):
            assert isinstance(connection, Connection)
            worker = by_connection[connection]
            try:
                message = worker.process.hear()
            except (EOFError, OSError):
                yield from self._replace(worker, 0)
                continue
            match message:
                case Ready(slow=slow):
                    worker.ready = True
                    worker.process.allow(math.inf)
                    self._warn(slow)
                case Failed():
                    raise raised(message)
                case Graded():
                    worker.jobs.popleft()
                    worker.process.allow(self._seconds if worker.jobs else math.inf)
                    self._backlog.graded()
                    yield Record(message.result, message.html, message.markdown, tuple(message.faults))
            self._feed(worker)
        for worker in [worker for worker in self._workers if worker.process.is_late]:
            if not worker.ready:
                raise never_ready(worker.process.whereabouts.read())
            yield from self._replace(worker, self._seconds)

    def _warn(self, slow: str) -> None:
        """Once a run: a check came to no end with the course's own answers."""
        if slow and not self._warned:
            self._warned = True
            told = f"warning: the check {slow} did not come to an end with the course's own answers. Mend it, if"
            print(f"{told} it does not only need long: grading may hang at it", file=sys.stderr, flush=True)

    def _feed(self, worker: _Worker) -> None:
        """One job at work and, if it is small, one waiting behind it, so that a worker seldom idles.

        A large one goes to a worker that is reading, and to no other: a busy one may be about to send more than a
        socket holds, and then both ends would wait for ever. One that has cost a worker is graded with none behind.
        """
        while worker.ready and len(worker.jobs) < 2 and self._backlog:
            job = self._backlog.take()
            data = messages.encode(job)
            alone = len(data) > IN_ADVANCE_BYTES or self._backlog.must_be_alone((job, *worker.jobs))
            if worker.jobs and alone:
                self._backlog.put_back([job])
                return
            if not worker.jobs:
                worker.process.allow(self._seconds)
            worker.jobs.append(job)
            try:
                worker.process.connection.send_bytes(data)
            except OSError:
                return  # its end is seen, and its jobs taken back, when it is next listened to

    def _replace(self, worker: _Worker, seconds: float) -> Iterator[Record]:
        """A worker ended on its own, or was at one submission for ``seconds``: another takes its place and its jobs.

        But for the submission that has now cost two: that is given up.
        """
        place = self._workers.index(worker)
        del self._workers[place]
        lost = Lost(seconds, worker.process.end())
        at_work = worker.jobs.popleft() if worker.jobs else None
        self._backlog.put_back(worker.jobs)
        if given_up := self._backlog.lost(at_work, lost):
            yield given_up
        self._workers.insert(place, self._spawn(place))

    def _spawn(self, number: int) -> _Worker:
        setup = msgspec.structs.replace(self._setup, slot=number, cpus=_cpus_of(number))
        worker = _Worker(spawn(setup, self._scratch.path))
        worker.process.allow(START_SECONDS)
        return worker


def _cpus_of(number: int) -> tuple[int, ...]:
    """The CPU a slot is pinned to, so that a busy submission slows no other."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    available = sorted(os.sched_getaffinity(0))
    return (available[number % len(available)],)
