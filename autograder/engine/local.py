"""Grades on this machine: one worker process a slot, jobs handed out as workers come free.

This process reads files and writes results; it imports neither torch nor pytest, and no student's bytes are
looked into here.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from autograder.assignment import limits_of
from autograder.config import LAYERS, Course
from autograder.errors import AssignmentError, GraderError, IsolationMissing, SandboxError, UnreadableNotebook
from autograder.grading import job as messages
from autograder.grading.job import Failed, Graded, Job, Ready, Setup
from autograder.lateness import arrival
from autograder.notebook import read_file
from autograder.results import Remark, Result, Ungraded
from autograder.sandbox.layers import probe
from autograder.submissions import Found, raw_name

IN_ADVANCE_BYTES = 64 << 10  # what surely fits into a socket's buffer
MAX_LOSSES = 3  # workers that may be lost in one run before it is given up


@dataclass(frozen=True)
class Options:
    """How to run. ``language`` None: each notebook's own. ``require``: layers without which nothing is graded."""

    workers: int
    seed: int
    language: str | None
    require: frozenset[str]


@dataclass(frozen=True)
class Record:
    """A result and its feedback pages; ``faults`` are tracebacks of ours, for the instructor's log."""

    result: Result
    html: str
    markdown: str
    faults: tuple[str, ...] = ()


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    jobs: deque[Job] = field(default_factory=deque)
    ready: bool = False


def run(course: Course, assignment: str, submissions: Sequence[Found], options: Options) -> Iterator[Record]:
    """Grade every submission, yielding records as they are finished.

    Raises :class:`IsolationMissing` before anything runs if a required layer does not work here, and
    :class:`GraderError` for an assignment whose checks cannot be used. Closing the iterator ends all workers.
    """
    reports = {report.name: report for report in probe()}
    missing = {name: reports[name].why for name in sorted(options.require) if not reports[name].works}
    if missing:
        raise IsolationMissing(missing)
    layers = tuple(name for name in LAYERS if reports[name].works)
    return _Run(course, assignment, submissions, options, layers).records()


class _Run:
    def __init__(
        self,
        course: Course,
        assignment: str,
        submissions: Sequence[Found],
        options: Options,
        layers: tuple[str, ...],
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._limits = limits_of(course, assignment)
        self._pending = deque(submissions)
        self._held: deque[Job] = deque()  # read already, and with no worker
        self._options = options
        self._layers = layers
        self._workers: list[_Worker] = []
        self._losses = 0

    def records(self) -> Iterator[Record]:
        try:
            for number in range(min(self._options.workers, len(self._pending))):
                self._workers.append(self._spawn(number))
            while any(worker.jobs for worker in self._workers) or self._held or self._pending:
                yield from self._next()
        finally:
            for worker in self._workers:
                worker.connection.close()
                worker.process.kill()
                worker.process.wait()

    def _next(self) -> Iterator[Record]:
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection)):
            assert isinstance(connection, Connection)
            worker = by_connection[connection]
            try:
                message = messages.decode_message(connection.recv_bytes())
            except (EOFError, OSError):
                self._replace(worker)
                continue
            match message:
                case Ready():
                    worker.ready = True
                case Failed():
                    raise _raised(message)
                case Graded():
                    worker.jobs.popleft()
                    yield Record(message.result, message.html, message.markdown, tuple(message.faults))
            self._feed(worker)

    def _feed(self, worker: _Worker) -> None:
        """One job at work and, if it is small, one waiting behind it, so that a worker seldom idles.

        A large one goes to a worker that is reading, and to no other: a busy one may be about to send more than a
        socket holds, and then both ends would wait for ever.
        """
        while worker.ready and len(worker.jobs) < 2 and (self._held or self._pending):
            job = self._held.popleft() if self._held else self._job(self._pending.popleft())
            data = messages.encode(job)
            if worker.jobs and len(data) > IN_ADVANCE_BYTES:
                self._held.appendleft(job)
                return
            worker.jobs.append(job)
            try:
                worker.connection.send_bytes(data)
            except OSError:
                return  # its end is seen, and its jobs taken back, when it is next listened to

    def _job(self, found: Found) -> Job:
        remarks = []
        if found.others:
            names = ", ".join(sorted(raw_name(other.name) for other in found.others))
            facts: dict[str, str | int | float] = {"chosen": raw_name(found.path.name), "others": names}
            remarks.append(Remark(code="several_notebooks", facts=facts))
        data, unreadable = b"", None
        try:
            data = read_file(found.path, self._limits.notebook_mib << 20)
        except UnreadableNotebook as error:
            unreadable = Ungraded(error.code, "submission", str(error), dict(error.facts))
        return Job(
            student=found.student,
            path=self._shown(found.path),
            data=data,
            language=self._options.language,
            unreadable=unreadable,
            remarks=remarks,
            handed_in=arrival(self._course, self._assignment, found, data),
        )

    def _shown(self, path: Path) -> str:
        """The path in results and pages: from the course's folder, or the name alone where it lies elsewhere."""
        inside = path.is_relative_to(self._course.root)
        return raw_name(str(path.relative_to(self._course.root)) if inside else path.name)

    def _replace(self, worker: _Worker) -> None:
        """A worker ended on its own: its jobs go to a new one."""
        worker.process.kill()
        worker.process.wait()
        worker.connection.close()
        self._losses += 1
        if self._losses > MAX_LOSSES:
            names = ", ".join(job.student for job in worker.jobs) or "its start"
            raise SandboxError(f"workers keep ending without a word, the last one at {names}")
        place = self._workers.index(worker)
        self._held.extendleft(reversed(worker.jobs))
        self._workers[place] = self._spawn(place)

    def _spawn(self, number: int) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-c", _start(theirs.fileno())],
                env=_environment(),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        connection = Connection(ours.detach())
        setup = Setup(
            course_root=str(self._course.root),
            config=self._course.config,
            assignment=self._assignment,
            seed=self._options.seed,
            layers=self._layers,
            slot=number,
            cpus=_cpus_of(number),
        )
        connection.send_bytes(messages.encode(setup))
        return _Worker(process, connection)


def _start(descriptor: int) -> str:
    package_parent = str(Path(__file__).parents[2])
    return (
        f"import sys; sys.path.insert(0, {package_parent!r}); "
        f"from autograder.grading.worker import main; main({descriptor})"
    )


def _environment() -> dict[str, str]:
    """What a worker needs of the environment, and nothing that could configure pytest or Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    }
    return kept | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _cpus_of(number: int) -> tuple[int, ...]:
    """The CPU a slot is pinned to, so that a busy submission slows no other."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    available = sorted(os.sched_getaffinity(0))
    return (available[number % len(available)],)


def _raised(message: Failed) -> GraderError:
    kinds: dict[str, type[GraderError]] = {"assignment": AssignmentError, "sandbox": SandboxError}
    return kinds.get(message.kind, GraderError)(message.text)
