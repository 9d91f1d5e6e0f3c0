"""Which isolation this machine can give, found out by trying.

Every layer is tried in a process of its own by the code that confines a runner (``runner.trial``), all of
them at once and without torch: a fifth of a second.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.course.config import LAYERS, Layer, Limits
from autograder.errors import SandboxError
from autograder.process.scratch import ScratchFolder
from autograder.sandbox import remedies, terms, view

TRIAL_SECONDS = 20.0
LOADED_MIB = 512  # less than the 801 that a runner with torch was seen to have mapped, and far more than a trial has
_TRIAL_LIMITS = Limits(memory_mib=64, open_files=32)


@dataclass(frozen=True)
class LayerReport:
    """Whether a layer works here; if not, why, and what to do about it.

    ``why`` of one that works is what is to be known about it ("ABI 7"), if anything.
    """

    name: str
    works: bool
    why: str
    remedy: str


class _Tried(msgspec.Struct, frozen=True):
    problem: str = ""
    note: str = ""


def probe(limits: Limits = _TRIAL_LIMITS) -> tuple[LayerReport, ...]:
    """A report for each of ``LAYERS``, in their order; raises nothing.

    ``limits`` are tried, too, of memory with :data:`LOADED_MIB` on top. A machine that allows a little more than that
    may still be found to allow too little when the first runner is confined.
    """
    if sys.platform != "linux":
        why = f"needs Linux, this is {sys.platform}"
        return tuple(LayerReport(name, False, why, remedies.elsewhere(sys.platform)) for name in LAYERS)
    with ExitStack() as stack:
        tried = msgspec.structs.replace(limits, memory_mib=limits.memory_mib + LOADED_MIB)
        trials = [(name, stack.enter_context(_started(name, tried))) for name in LAYERS]
        return tuple(
            _report(name, trial if isinstance(trial, str) else _answer(*trial)) for name, trial in trials
        )


def _report(name: Layer, tried: str | _Tried) -> LayerReport:
    if isinstance(tried, str):
        tried = _Tried(tried)
    if tried.problem:
        return LayerReport(name, False, tried.problem, remedies.remedy(name, tried.problem))
    return LayerReport(name, True, tried.note, "")


@contextmanager
def _started(name: Layer, limits: Limits) -> Iterator[str | tuple[subprocess.Popen[bytes], socket.socket]]:
    """The trial of a layer while it runs, and our end of its socket; or why it could not be started."""
    with ExitStack() as stack:
        try:
            yield _start(name, limits, stack)
        except (SandboxError, OSError) as error:
            yield str(error)


def _start(name: Layer, limits: Limits, stack: ExitStack) -> tuple[subprocess.Popen[bytes], socket.socket]:
    inside = name == "namespaces"
    folder = view.FOLDER if inside else str(stack.enter_context(ScratchFolder()))
    owner = terms.unprivileged(0, namespaces=True) if inside else None
    ours, theirs = socket.socketpair()
    stack.enter_context(ours)
    with theirs:
        trial = {
            "unprivileged": owner,
            "confinement": terms.confinement((name,), limits, owner, folder, readable=()),
        }
        ours.sendall(msgspec.msgpack.encode(trial))
        ours.shutdown(socket.SHUT_WR)
        process = _popen(inside, folder, theirs.fileno(), stack)
    stack.callback(_end, process)
    return process, ours


def _popen(inside: bool, folder: str, descriptor: int, stack: ExitStack) -> subprocess.Popen[bytes]:
    command: list[str] = []
    environment, keep = view.environment(folder, folder), [descriptor]
    if inside:
        empty, arguments = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - until the trial ends
        stack.callback(empty.close)
        stack.callback(arguments.close)
        command, environment = view.bubblewrap_command(empty.fileno(), arguments), {}
        keep += [empty.fileno(), arguments.fileno()]
    code = Path(view.CODE) if inside else view.PACKAGE.parent
    return subprocess.Popen(
        [*command, *view.python_command(code, "trial", descriptor)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=keep,
        cwd="/",
    )


def _answer(process: subprocess.Popen[bytes], channel: socket.socket) -> str | _Tried:
    """What a trial found, or how it failed to say anything."""
    channel.settimeout(TRIAL_SECONDS)
    with suppress(OSError):
        if message := b"".join(iter(lambda: channel.recv(1 << 16), b"")):
            return msgspec.msgpack.decode(message, type=_Tried)
    process.kill()
    assert process.stderr is not None
    words = process.stderr.read().decode("utf-8", "replace").strip()
    return words.splitlines()[-1][:500] if words else "the trial gave no answer"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
