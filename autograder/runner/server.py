"""The fork server: process 1 of a slot's sandbox.

It imports and warms everything slow once, then forks a runner whenever it is told to. The trusted side
speaks to it over a sequenced-packet socket in fixed little messages:

    trusted → server   the setup (once) · FORK seed + the runner's end of a fresh socket pair
                       DRAW + recipes that runners will draw from · CELL + what they will run
    server → trusted   DONE or FAIL + why · FORK pid + a pidfd, or FAIL + why
                       EXIT pid, wait status, CPU seconds, peak memory

It never reads a job: a submission's bytes go straight to its runner; recipes and cells are the course's. It has one
thread, an empty environment and is not dumpable. When its channel closes it exits at once, and everything it
forked with it: as process 1 of its PID space, or by the death signal that every runner carries.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from autograder.runner import cells, code_pages, generators, memory, warmth
from autograder.runner.confinement import (
    Confinement,
    ConfinementFailed,
    Confiner,
    become,
    close_all_but,
    die_with_parent,
)
from autograder.runner.conversation import Conversation
from autograder.wire.control import CELL, DRAW, EXITED, FORK, FORKED, MAX_MESSAGE_BYTES, OUT_OF_MEMORY
from autograder.wire.messages import Draw
from autograder.wire.tensors import expect

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None)


class Setup(Struct, frozen=True):
    """How this slot behaves; sent once, before any student code exists."""

    confinement: Confinement
    unprivileged: tuple[int, int] | None  # uid and gid to become first, when started by root
    cpus: tuple[int, ...]
    preload: tuple[str, ...]


def main(descriptor: int) -> None:
    """Serve on the control socket with this descriptor until it closes."""
    page_map = code_pages.open_page_map()
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    try:
        setup = msgspec.msgpack.decode(control.recv(1 << 20), type=Setup)
        if setup.unprivileged:
            become(*setup.unprivileged)
            die_with_parent()  # a change of user cleared it
        if setup.cpus:
            os.sched_setaffinity(0, setup.cpus)
        try:
            confiner = _warm(setup, page_map)
        except _NotReady as problem:
            control.send(b"FAIL" + str(problem).encode()[:4_000])
        else:
            control.send(b"DONE")
            _serve(control, setup, confiner)
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        os._exit(0)  # Python's teardown would keep the runners alive for another 150 ms


class _NotReady(Exception):
    """Why no runner can be forked."""


def _warm(setup: Setup, page_map: int | None) -> Confiner:
    """Import and use what student code will touch first, and make ready what confines it."""
    try:
        for name in setup.preload:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - any import may fail in any way
        raise _NotReady(f"[environment] preload: {type(error).__name__}: {error}") from None
    try:
        warmth.warm()
        confiner = Confiner(setup.confinement)
        if page_map is not None:
            code_pages.move(page_map)
            os.close(page_map)
        memory.settle()
    except Exception as error:  # noqa: BLE001 - said here, or by nobody: there is no one to read a traceback
        raise _NotReady(f"warming up: {type(error).__name__}: {error}") from None
    return confiner


def _serve(control: socket.socket, setup: Setup, confiner: Confiner) -> None:
    runners: dict[int, int] = {}  # pid → pidfd
    while True:
        watched: list[socket.socket | int] = [control, *runners.values()]
        ready, _, _ = select.select(watched, [], [])
        if ready != [control]:
            _report_exits(control, runners)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE_BYTES, 1)
            if not message:
                return
            if message.startswith(DRAW):
                expect(msgspec.msgpack.decode(message[len(DRAW) :], type=tuple[Draw, ...]))
                gc.freeze()
            elif message.startswith(CELL):
                cells.session().expect(message[len(CELL) :].decode())
                gc.freeze()
            if descriptors:
                try:
                    pid = _fork(descriptors[0], FORK.unpack(message)[1], setup, confiner)
                except OSError as error:
                    control.send(b"FAIL" + str(error.strerror).encode())
                    continue
                finally:
                    os.close(descriptors[0])
                runners[pid] = os.pidfd_open(pid)
                socket.send_fds(control, [FORKED.pack(b"FORK", pid)], [runners[pid]])


def _fork(channel: int, seed: int, setup: Setup, confiner: Confiner) -> int:
    """The new runner's pid; raises OSError where there is no room for one.

    Its generators are seeded here: a class has one seed, and every runner finds it done.
    """
    if len(list(os.scandir("/proc/self/task"))) != 1:
        os._exit(70)  # a thread that exists already would stay unconfined
    generators.seed(seed)
    pid: int = os.fork() if setup.preload else _plain_fork()
    if pid < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if pid:
        return pid
    status = 1
    try:
        if setup.preload:
            generators.seed(seed)  # random has a new one
        status = _live(channel, setup, confiner)
    finally:
        os._exit(status)


# The C library's fork, by a call that keeps Python's lock. os.fork() then makes all locks anew, forgets all other
# threads and calls what modules registered: 0.7 ms in every runner, for threads that are not there. Of the modules that
# are imported here only two mean something by it: random is seeded anew, as every runner is at its beginning, and
# Matplotlib forgets the fonts that it opened, of which there are none. What is preloaded may mean more.
_plain_fork = ctypes.PyDLL(None, use_errno=True).fork


def _live(channel: int, setup: Setup, confiner: Confiner) -> int:
    """A runner's whole life, in the forked child; returns its exit status."""
    close_all_but([channel])
    conversation = Conversation(channel)
    try:
        confiner.apply()
    except (ConfinementFailed, OSError) as error:
        conversation.report(layers=(), problems=(str(error),))
        return 1
    conversation.report(layers=setup.confinement.layers, problems=())
    sys.path.insert(0, "")  # its own folder, as in Jupyter: %%writefile a.py, then import a
    try:
        conversation.serve()
    except MemoryError:  # where what student code holds leaves none for the next question
        return OUT_OF_MEMORY
    return 0


def _report_exits(control: socket.socket, runners: dict[int, int]) -> None:
    """Reap every child that ended; once no runner is left, end what runners may have left behind."""
    while (ended := _reap()) is not None:
        pid, status, seconds, peak_kib = ended
        if pid not in runners:
            continue
        os.close(runners.pop(pid))
        if not runners:
            _end_orphans()
        control.send(EXITED.pack(b"EXIT", pid, status & 0xFFFFFFFF, seconds, peak_kib))


def _reap() -> tuple[int, int, float, int] | None:
    """Pid, wait status, CPU seconds and peak KiB of a child that ended, if there is one."""
    try:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss) if pid else None


def _end_orphans() -> None:
    """End the processes that a runner started, where no seccomp filter kept it from starting any.

    Whoever loses its parent becomes a child of this process.
    """
    if os.getpid() == 1:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(-1, signal.SIGKILL)
            while True:
                os.wait4(-1, 0)
        return
    while children := Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split():
        for child in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(child), signal.SIGKILL)
        with suppress(ChildProcessError):
            os.wait4(-1, 0)
