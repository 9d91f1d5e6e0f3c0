"""A process that confines itself by one layer, as a runner does, and tries what that layer must refuse.

The trusted side runs it to learn which layers work on this machine: a layer counts only if it was applied
and was seen to hold. It loads neither torch nor IPython.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from autograder.runner.confinement import Confinement, ConfinementFailed, Confiner, become

SYS_LANDLOCK_CREATE_RULESET = 444
LANDLOCK_CREATE_RULESET_VERSION = 1
SCOPED_SIGNALS_ABI = 6
_libc = ctypes.CDLL(None, use_errno=True)


class Trial(Struct, frozen=True):
    """``confinement`` names the one layer to try; ``unprivileged`` is who to become first."""

    confinement: Confinement
    unprivileged: tuple[int, int] | None


class Tried(Struct, frozen=True):
    """``problem``: why the layer does not hold, or nothing; ``note``: what is to be known if it does."""

    problem: str = ""
    note: str = ""


def main(descriptor: int) -> None:
    """Read a :class:`Trial` from this descriptor until its end, and answer with a :class:`Tried`.

    What is confined is a fork, as a runner is: a process that leads a session or a PID space is another thing.
    """
    with socket.socket(fileno=descriptor) as channel:
        trial = msgspec.msgpack.decode(b"".join(iter(lambda: channel.recv(1 << 16), b"")), type=Trial)
        if trial.unprivileged:
            become(*trial.unprivileged)
        if pid := os.fork():
            os.waitpid(pid, 0)
        else:
            channel.sendall(msgspec.msgpack.encode(_tried(trial.confinement)))
            os._exit(0)


def _tried(wanted: Confinement) -> Tried:
    (layer,) = wanted.layers
    try:
        note = _abi_note() if layer == "landlock" else ""
        Confiner(wanted).apply()
        return Tried(_PROOFS[layer](wanted), note)
    except (ConfinementFailed, OSError) as error:
        return Tried(str(error))


def _namespaces(wanted: Confinement) -> str:
    if os.getppid() != 1:
        return "the process shares its PID space"
    if others := [name for _, name in socket.if_nameindex() if name != "lo"]:
        return f"the network is reachable ({', '.join(others)})"
    if not _refused(lambda: Path("/written").touch()):
        return "the root folder can be written"
    for path in wanted.sealed:
        if not _refused(Path(path, "written").touch):
            return f"{path} can be written, which the next submission shares"
    Path(wanted.folder, "written").touch()
    return ""


def _landlock(wanted: Confinement) -> str:
    if not _refused(lambda: list(Path("/").iterdir())):
        return "a forbidden folder can still be read"
    Path(wanted.folder, "written").touch()
    if _abi() >= SCOPED_SIGNALS_ABI and not _refused(lambda: os.kill(os.getppid(), 0)):
        return "signals are not scoped, though this kernel says so"
    return ""


def _seccomp(_: Confinement) -> str:
    for name, call in (
        ("fork", os.fork),
        ("a socket", socket.socket),
        ("a signal to others", lambda: os.kill(1, 0)),
    ):
        if not _refused(call, errno.ENOSYS):
            return f"{name} is still allowed"
    os.kill(os.getpid(), 0)
    return ""


def _rlimits(wanted: Confinement) -> str:
    if not _refused(lambda: mmap.mmap(-1, (wanted.memory_mib + 1) << 20)):
        return "memory is not limited"
    if not _refused(lambda: [os.dup(1) for _ in range(wanted.open_files + 1)]):
        return "open files are not limited"
    if resource.getrlimit(resource.RLIMIT_CPU)[0] != wanted.cpu_seconds:
        return "CPU time is not limited"
    return ""


_PROOFS: dict[str, Callable[[Confinement], str]] = {
    "namespaces": _namespaces,
    "landlock": _landlock,
    "seccomp": _seccomp,
    "rlimits": _rlimits,
}


def _refused(action: Callable[[], object], number: int | None = None) -> bool:
    """Whether the kernel refuses this, with that error number if one is given."""
    try:
        result = action()
    except OSError as error:
        return number is None or error.errno == number
    if action is os.fork and result == 0:
        os._exit(0)
    return False


def _abi() -> int:
    return int(_libc.syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION))


def _abi_note() -> str:
    if (abi := _abi()) < 1:
        return ""  # the confiner says what is wrong
    if abi < SCOPED_SIGNALS_ABI:
        return f"ABI {abi}: without scoped signals, which need ABI {SCOPED_SIGNALS_ABI} (Linux 6.12)"
    return f"ABI {abi}"
