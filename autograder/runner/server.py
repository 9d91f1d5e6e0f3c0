"""The fork server: process 1 of a slot's sandbox.

It imports and warms everything slow once, then forks a runner whenever it is told to. The trusted side
speaks to it over a sequenced-packet socket in fixed little messages:

    trusted → server   SETUP (once) · FORK + the runner's end of a fresh socket pair
    server → trusted   READY · FORKED pid + a pidfd · EXITED pid, wait status, CPU seconds, peak memory

It never reads a job: a submission's bytes go straight to its runner. It has one thread, an empty
environment and is not dumpable. When its channel closes, it exits, and as process 1 takes all with it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import struct

import msgspec
from msgspec import Struct

from autograder.runner import warmth
from autograder.runner.confinement import Confinement, ConfinementFailed, close_all_but, confine
from autograder.runner.conversation import Conversation

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
_libc = ctypes.CDLL(None)
EXITED = struct.Struct("<4sIIdQ")  # "EXIT", pid, wait status, CPU seconds, peak KiB
FORKED = struct.Struct("<4sI")  # "FORK", pid


class Setup(Struct, frozen=True):
    """How this slot behaves; sent once, before any student code exists."""

    confinement: Confinement
    unprivileged: tuple[int, int] | None  # uid and gid to become first, when started by root
    cpus: tuple[int, ...]
    preload: tuple[str, ...]


def main(descriptor: int) -> None:
    """Serve on the control socket with this descriptor until it closes."""
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    setup = msgspec.msgpack.decode(control.recv(1 << 20), type=Setup)
    if setup.unprivileged:
        _become(*setup.unprivileged)
    if setup.cpus:
        os.sched_setaffinity(0, setup.cpus)
    problem = _warm(setup.preload)
    gc.collect()
    gc.freeze()
    control.send(b"FAIL" + problem.encode()[:4_000] if problem else b"DONE")
    if not problem:
        _serve(control, setup)


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a change of user clears what bubblewrap had set


def _warm(preload: tuple[str, ...]) -> str:
    """Import and use what student code will touch first; returns what went wrong, or nothing."""
    try:
        for name in preload:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - any import may fail in any way
        return f"[environment] preload: {type(error).__name__}: {error}"
    warmth.warm()
    return ""


def _serve(control: socket.socket, setup: Setup) -> None:
    runners: dict[int, int] = {}  # pid → pidfd
    while True:
        ready, _, _ = select.select([control, *runners.values()], [], [])
        if ready != [control]:
            _report_exits(control, runners)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                return
            if descriptors:
                pid = _fork(descriptors[0], setup)
                os.close(descriptors[0])
                runners[pid] = os.pidfd_open(pid)
                socket.send_fds(control, [FORKED.pack(b"FORK", pid)], [runners[pid]])


def _fork(channel: int, setup: Setup) -> int:
    if len(os.listdir("/proc/self/task")) != 1:
        os._exit(70)  # a thread that exists already would stay unconfined
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = _live(channel, setup)
    finally:
        os._exit(status)


def _live(channel: int, setup: Setup) -> int:
    """A runner's whole life, in the forked child; returns its exit status."""
    close_all_but([channel, 2])
    conversation = Conversation(channel)
    try:
        confine(setup.confinement)
    except ConfinementFailed as error:
        conversation.report(layers=(), problems=(str(error),))
        return 1
    conversation.report(layers=setup.confinement.layers, problems=())
    conversation.serve()
    return 0


def _report_exits(control: socket.socket, runners: dict[int, int]) -> None:
    """Reap every child that ended; as process 1 that may be one which no runner is parent of any more."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in runners:
            os.close(runners.pop(pid))
            seconds = usage.ru_utime + usage.ru_stime
            control.send(EXITED.pack(b"EXIT", pid, status & 0xFFFFFFFF, seconds, usage.ru_maxrss))
