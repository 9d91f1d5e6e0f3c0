"""A slot: one fork server in its sandbox, handing out one runner a submission.

The server is started once (about 2 s of imports) and forks in milliseconds. A slot belongs to the thread that
opened it: bubblewrap's ``--die-with-parent`` follows that thread.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from autograder.course.config import LAYERS, Limits
from autograder.errors import SandboxError
from autograder.process.scratch import ScratchFolder
from autograder.sandbox import contract, data, terms, view
from autograder.sandbox.channel import TOGETHER_BYTES, Channel
from autograder.sandbox.contract import Exit, RunnerLost
from autograder.sandbox.workplace import Workplace
from autograder.wire import messages
from autograder.wire.control import CELL, DRAW, EXITED, FORK, FORKED, MAX_MESSAGE_BYTES, RECIPES_A_MESSAGE
from autograder.wire.messages import Draw, Ready

__all__ = ["LAYERS", "Exit", "Runner", "Slot"]

START_SECONDS = 120.0
READY_SECONDS = 10.0


def oom_kills() -> int:
    """How many processes the kernel has ended since it started because there was no memory left; 0 if it does not say.

    Runners are the first that it takes.
    """
    with suppress(OSError):
        found = re.search(rb"^oom_kill (\d+)$", Path("/proc/vmstat").read_bytes(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


@dataclass(frozen=True)
class Runner:
    """A confined process, its channel, and the layers that confine it (its word, given before any student's)."""

    channel: Channel
    layers: frozenset[str]


class Slot:
    """Start with :meth:`launch` and :meth:`wait`, take runners from :meth:`fork`, end with :meth:`close`.

    After :meth:`close` it can be launched again.
    """

    def __init__(
        self,
        number: int = 0,
        limits: Limits | None = None,
        layers: Iterable[str] = LAYERS,
        preload: Sequence[str] = (),
        cpus: Iterable[int] = (),
        files: Path | None = None,
    ) -> None:
        self._number = number
        self._limits = limits or Limits()
        self._layers = tuple(layers)
        self._preload = tuple(preload)
        self._cpus = tuple(cpus)
        self._data = files if files is not None and files.is_dir() else None
        self._copy: ScratchFolder | None = None  # of the data, where it cannot be shown as it lies
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._words: list[bytes] = []  # what the server wrote to stderr before it failed
        self._out: dict[contract.Channel, tuple[int, int]] = {}  # runners: pid, and oom_kills() as it was forked
        self._exits: dict[int, Exit] = {}
        self._expected: tuple[bytes, ...] = ()  # what the fork server is told as soon as it is warm
        self._workplace: Workplace | None = None  # only without the namespaces layer

    def launch(self) -> None:
        """Start the fork server and return at once, while it is still importing."""
        owner = terms.unprivileged(self._number, "namespaces" in self._layers)
        if "namespaces" not in self._layers:
            self._workplace = Workplace(owner)
        shown, found_at = self._readable_data(owner)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        setup = {
            "unprivileged": owner,
            "cpus": self._cpus,
            "preload": self._preload,
            "confinement": terms.confinement(
                self._layers,
                self._limits,
                owner,
                self._workplace.folder if self._workplace else view.FOLDER,
                data=found_at,
            ),
        }
        with theirs:
            self._process = self._spawn(theirs.fileno(), shown)
        with suppress(OSError):  # it is gone already: wait() says why
            ours.send(msgspec.msgpack.encode(setup))

    def wait(self) -> None:
        """Wait until the fork server is warm; raises :class:`SandboxError` with its reason if it fails."""
        try:
            message, _ = self._receive(START_SECONDS)
        except SandboxError:
            self.close()
            raise
        if message != b"DONE":
            self.close()
            raise SandboxError(f"the sandbox did not start: {message[4:].decode('utf-8', 'replace')}")
        self._announce()

    def expect(self, recipes: Sequence[Draw], cells: Sequence[str]) -> None:
        """Have the fork server draw from recipes and compile cells, so that every runner finds it done.

        In a fork server that follows, too. Cells are to be what every student has been given: whoever runs code in a
        runner may read them. In place of what was expected before, though what was done for that is not forgotten.
        """
        firsts = range(0, len(recipes), RECIPES_A_MESSAGE)
        drawn = [DRAW + messages.encode(recipes[first : first + RECIPES_A_MESSAGE]) for first in firsts]
        compiled = [CELL + source.encode() for source in cells]
        self._expected = tuple(message for message in (*drawn, *compiled) if len(message) <= MAX_MESSAGE_BYTES)
        self._announce()

    def fork(self, seed: int = 0) -> Runner:
        """A fresh, confined runner whose generators have this seed; raises :class:`SandboxError` if the slot is broken.

        Runners that are out at the same time share one folder where there are no namespaces.
        """
        if self._workplace is not None and not self._out:
            self._workplace.renew()
        control = self._open_control()
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * TOGETHER_BYTES)
        before = oom_kills()
        try:
            with theirs:
                socket.send_fds(control, [FORK.pack(b"FORK", seed)], [theirs.fileno()])
            pid, pidfd = self._forked()
        except OSError:
            ours.close()
            raise SandboxError(f"the fork server is gone: {self._last_words()}") from None
        except SandboxError:
            ours.close()
            raise
        channel = Channel(ours, pidfd)
        self._out[channel] = pid, before
        try:
            ready = channel.listen(time.monotonic() + READY_SECONDS).reply
        except RunnerLost as error:
            self.retire(channel)
            raise SandboxError(f"a runner was lost before it was confined ({type(error).__name__})") from None
        if not isinstance(ready, Ready) or ready.problems:
            self.retire(channel)
            problems = ready.problems if isinstance(ready, Ready) else ()
            raise SandboxError(f"a runner could not be confined: {'; '.join(problems)}")
        return Runner(channel, frozenset(ready.layers))

    def retire(self, channel: contract.Channel) -> Exit:
        """End a runner, if it has not ended yet, and say how it ended.

        Raises :class:`SandboxError` if the slot is broken, or the channel none of its runners'.
        """
        channel.close()
        if (out := self._out.pop(channel, None)) is None:
            raise SandboxError("no runner of this slot, or one that was retired before")
        pid, before = out
        while pid not in self._exits:
            message, _ = self._receive(READY_SECONDS)
            if message[:4] != b"EXIT":
                raise SandboxError("the fork server did not report a runner's end")
            self._note_exit(message)
        exit_ = self._exits.pop(pid)
        return replace(exit_, starved=exit_.signal == signal.SIGKILL and oom_kills() > before)

    def close(self) -> None:
        """End the runners, the fork server, and with it everything in its sandbox. May be called again."""
        for channel in self._out:
            channel.close()
        self._out, self._exits = {}, {}
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._kill_children(self._process.pid)
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None
        if self._workplace is not None:
            self._workplace.remove()
            self._workplace = None
        if self._copy is not None:
            self._copy.remove()
            self._copy = None

    @staticmethod
    def _kill_children(pid: int) -> None:
        """End the fork server itself: bubblewrap, run by root, may not when that has given up root."""
        with suppress(OSError, ValueError):
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
                os.kill(int(child), signal.SIGKILL)

    def _readable_data(self, owner: tuple[int, int] | None) -> tuple[Path | None, str]:
        """The folder that the sandbox is to show, and where runners find it; raises :class:`SandboxError`."""
        if self._data is None:
            return None, ""
        if self._workplace is not None:
            return None, self._workplace.with_data(self._data)
        if data.can_stay(self._data, everyone=owner is not None):
            return self._data, view.DATA
        self._copy = ScratchFolder(mode=0o755)
        data.copied(self._data, self._copy.path / "data")
        return self._copy.path / "data", view.DATA

    def _spawn(self, control: int, shown: Path | None) -> subprocess.Popen[bytes]:
        if self._workplace is not None:
            environment = view.environment(self._workplace.folder, self._workplace.scratch)
            return self._popen(
                view.python_command(view.PACKAGE.parent, "server", control), environment, (control,)
            )
        with tempfile.TemporaryFile() as empty, tempfile.TemporaryFile() as arguments:
            command = view.bubblewrap_command(empty.fileno(), arguments, shown)
            command += view.python_command(Path(view.CODE), "server", control)
            return self._popen(command, {}, (control, empty.fileno(), arguments.fileno()))

    def _popen(
        self, command: list[str], environment: dict[str, str], keep: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=keep,
            cwd="/",
        )

    def _forked(self) -> tuple[int, int]:
        """The pid and pidfd that the fork server answers with."""
        while True:
            message, descriptors = self._receive(READY_SECONDS)
            if message[:4] == b"FORK" and len(descriptors) == 1:
                return FORKED.unpack(message)[1], descriptors[0]
            for descriptor in descriptors:
                os.close(descriptor)
            if message[:4] != b"EXIT":
                why = message[4:].decode("utf-8", "replace")
                remedy = "Allow more processes or memory, or use fewer workers"
                raise SandboxError(f"no runner can be forked ({why}). {remedy}")
            self._note_exit(message)

    def _receive(self, seconds: float) -> tuple[bytes, list[int]]:
        """The server's next message and the descriptors with it; raises :class:`SandboxError`.

        Its stderr is drained meanwhile, so that a library with much to say cannot block it.
        """
        control = self._open_control()
        stderr = self._process.stderr if self._process is not None else None
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(control, select.POLLIN)
        if stderr is not None:
            poll.register(stderr, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(max(deadline - time.monotonic(), 0) * 1_000)}
            if control.fileno() in ready:
                break
            if stderr is None or stderr.fileno() not in ready:
                raise SandboxError(f"the fork server said nothing for {seconds:g} s")
            if words := os.read(stderr.fileno(), 1 << 16):
                self._words = [*self._words[-4:], words]
            else:
                poll.unregister(stderr)
        try:
            message, descriptors, _, _ = socket.recv_fds(control, 1 << 13, 1, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            message, descriptors = b"", []
        if not message:
            raise SandboxError(f"the fork server is gone: {self._last_words()}")
        return message, descriptors

    def _note_exit(self, message: bytes) -> None:
        _, pid, status, cpu_seconds, peak_kib = EXITED.unpack(message)
        self._exits[pid] = Exit(status, cpu_seconds, peak_kib / 1024)

    def _announce(self) -> None:
        control = self._open_control()
        try:
            for message in self._expected:
                control.send(message)
        except OSError:
            raise SandboxError(f"the fork server is gone: {self._last_words()}") from None

    def _open_control(self) -> socket.socket:
        if self._control is None:
            raise SandboxError("the slot is not running")
        return self._control

    def _last_words(self) -> str:
        """The end of what bubblewrap or the interpreter wrote before it failed."""
        if self._process is not None and self._process.stderr is not None:
            self._process.kill()
            self._words.append(self._process.stderr.read())
        return b"".join(self._words)[-2_000:].decode("utf-8", "replace").strip() or "no reason given"
