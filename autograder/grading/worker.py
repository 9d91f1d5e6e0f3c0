"""A process that grades: one pytest session, one slot, one submission after the other.

It speaks over one connection: a setup comes in, then jobs; records go out. It never sees another worker, and any
engine that can start a process and pass bytes can run it. When the connection closes, it ends, whatever it is at.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autograder.course import assignment_files
from autograder.course.assignment import limits_of, load
from autograder.course.config import Course, Limits
from autograder.errors import AssignmentError, ConfigError, GraderError, SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Failed, Graded, Ready, Setup
from autograder.grading.whereabouts import Whereabouts
from autograder.process import environment
from autograder.process.scratch import ScratchFolder

if TYPE_CHECKING:
    from autograder.grading.grader import Grader
    from autograder.results import Result
    from autograder.sandbox.slot import Slot


def main(descriptor: int, whereabouts: int) -> None:
    """Serve the connection with this descriptor until it closes; both are descriptors that were passed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(descriptor)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            _serve(connection, Whereabouts(whereabouts), messages.decode_setup(connection.recv_bytes()))
        except GraderError as error:
            connection.send_bytes(messages.encode(Failed(_kind(error), str(error))))
    os._exit(0)  # torch's teardown costs 50 ms and holds nothing of ours


def _end_with(connection: Connection) -> None:
    """Wait for the other end to hang up, and end this process: a check may loop for ever and never look.

    The sandbox ends with it. Only a call into C that keeps Python's lock is waited for.
    """
    poll = select.poll()
    poll.register(connection, 0)  # a hang-up is told without being asked for
    poll.poll()
    os._exit(0)


def _serve(connection: Connection, whereabouts: Whereabouts, setup: Setup) -> None:
    from autograder.sandbox.slot import Slot

    limits = limits_of(Course(Path(setup.course_root), setup.config), setup.assignment)
    slot = Slot(
        number=setup.slot,
        limits=limits,
        layers=setup.layers,
        preload=setup.config.environment.preload,
        cpus=setup.cpus,
        files=assignment_files.data(Path(setup.course_root), setup.assignment),
    )
    try:
        slot.launch()  # it imports while we do
        _grade_in(slot, limits, connection, whereabouts, setup)
    finally:
        slot.close()


def _grade_in(
    slot: Slot, limits: Limits, connection: Connection, whereabouts: Whereabouts, setup: Setup
) -> None:
    import torch

    from autograder.pytest_plugin import Replay, session

    torch.set_num_threads(1)
    if environment.digest() != setup.environment_digest:
        raise GraderError(
            "this worker's Python, packages or grader are not those of the run. Install the same everywhere"
        )
    root = Path(setup.course_root)
    assignment = load(root, setup.assignment)

    def grade(replay: Replay) -> None:
        from autograder.grading.grader import Grader

        if assignment_files.digest(root, setup.assignment) != setup.assignment_digest:  # as the checks were read
            raise AssignmentError(f"assignment {setup.assignment!r} was changed during the run. Run it again")
        sys.pycache_prefix = None
        grader = Grader(
            assignment,
            slot,
            replay,
            limits,
            setup.seed,
            setup.config.course.language,
            note=whereabouts.note,
        )
        slot.wait()
        slot.retire(slot.fork().channel)  # a machine that allows no runner is told now, not submission by submission
        if setup.cpus:
            with contextlib.suppress(OSError):  # a container may refuse what only saves time
                os.sched_setaffinity(0, setup.cpus)  # worker and runner take turns: on one CPU a turn costs less
                os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # each reply would interrupt the next one
        slow = grader.rehearse()
        gc.freeze()
        connection.send_bytes(messages.encode(Ready(slow)))
        while True:
            job = messages.decode_job(connection.recv_bytes())
            result = grader.grade(job)
            connection.send_bytes(messages.encode(_record(result, grader)))

    _warm()
    with ScratchFolder() as folder:
        sys.pycache_prefix = str(folder)  # while checks are imported: compiled files in a course may lie
        session(assignment, root, grade)


def _warm() -> None:
    """Pay for slow first uses before the first submission: an optimizer's imports alone take a second."""
    import torch

    import autograder.feedback  # noqa: F401

    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.grad = torch.zeros(1)
    torch.optim.SGD([parameter], lr=0.1).step()


def _record(result: Result, grader: Grader) -> Graded:
    from autograder.feedback import render

    faults, grader.faults = grader.faults, []
    html, markdown = render(result, result.language)
    return Graded(result, html, markdown, faults)


def _kind(error: GraderError) -> Literal["assignment", "config", "sandbox", "other"]:
    match error:
        case AssignmentError():
            return "assignment"
        case ConfigError():
            return "config"
        case SandboxError():
            return "sandbox"
        case _:
            return "other"
