"""A slot: one fork server in its sandbox, handing out one runner a submission.

The server is started once (about 2 s of imports) and forks in milliseconds. A slot belongs to the thread that
opened it: bubblewrap's ``--die-with-parent`` follows that thread.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.config import Limits
from autograder.errors import SandboxError
from autograder.sandbox import syscalls, view
from autograder.sandbox.channel import Channel, RunnerLost
from autograder.wire.messages import Ready

LAYERS = ("namespaces", "landlock", "seccomp", "rlimits")
UNPRIVILEGED_ID = 65_000  # a slot started by root becomes this uid plus its number
FOLDER_INODES = 2_000
START_SECONDS = 120.0
READY_SECONDS = 10.0
_EXITED = struct.Struct("<4sIIdQ")  # as the fork server packs it: "EXIT", pid, status, CPU seconds, peak KiB


@dataclass(frozen=True)
class Exit:
    """How a runner ended, from the kernel: its wait status, CPU seconds, peak resident MiB."""

    status: int
    cpu_seconds: float
    peak_mib: float

    @property
    def signal(self) -> int:
        """The signal that ended it, or 0."""
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


@dataclass(frozen=True)
class Runner:
    """A confined process, its channel, and the layers that confine it (its word, given before any student's)."""

    channel: Channel
    layers: frozenset[str]


class Slot:
    """Start with :meth:`launch` and :meth:`wait`, take runners from :meth:`fork`, end with :meth:`close`."""

    def __init__(
        self,
        number: int = 0,
        limits: Limits | None = None,
        layers: Iterable[str] = LAYERS,
        preload: Sequence[str] = (),
        cpus: Iterable[int] = (),
    ) -> None:
        self._number = number
        self._limits = limits or Limits()
        self._layers = tuple(layers)
        self._preload = tuple(preload)
        self._cpus = tuple(cpus)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: str | None = None  # only without the namespaces layer

    def launch(self) -> None:
        """Start the fork server and return at once, while it is still importing."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        with theirs:
            self._process = self._spawn(theirs.fileno())
        ours.send(msgspec.msgpack.encode(self._setup()))

    def wait(self) -> None:
        """Wait until the fork server is warm; raises :class:`SandboxError` with its reason if it fails."""
        control = self._open_control()
        control.settimeout(START_SECONDS)
        try:
            message = control.recv(1 << 16)
        except OSError as error:
            message = b"FAIL" + str(error).encode()
        if message != b"DONE":
            reason = message[4:].decode("utf-8", "replace") or self._last_words()
            self.close()
            raise SandboxError(f"the sandbox did not start: {reason}")

    def fork(self) -> Runner:
        """A fresh, confined runner; raises :class:`SandboxError` if the slot is broken."""
        control = self._open_control()
        self._empty_folder()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(control, [b"FORK"], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        except OSError as error:
            ours.close()
            raise SandboxError(f"the fork server is gone: {error}") from None
        if message[:4] != b"FORK" or not descriptors:
            ours.close()
            raise SandboxError(f"the fork server did not fork: {self._last_words()}")
        channel = Channel(ours, descriptors[0])
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

    def retire(self, channel: Channel) -> Exit:
        """End a runner, if it has not ended yet, and say how it ended."""
        channel.close()
        control = self._open_control()
        if not select.select([control], [], [], 5.0)[0]:
            raise SandboxError("the fork server did not report a runner's end")
        message = control.recv(64)
        if message[:4] != b"EXIT":
            raise SandboxError(f"the fork server is gone: {self._last_words()}")
        _, _, status, cpu_seconds, peak_kib = _EXITED.unpack(message)
        return Exit(status, cpu_seconds, peak_kib / 1024)

    def close(self) -> None:
        """End the fork server, and with it everything in its sandbox."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _spawn(self, control: int) -> subprocess.Popen[bytes]:
        if "namespaces" not in self._layers:
            self._folder = tempfile.mkdtemp(prefix="autograder-")
            environment = view.environment(self._folder, self._folder)
            return self._popen(view.python_command(view.PACKAGE.parent, control), environment, (control,))
        with tempfile.TemporaryFile() as empty, tempfile.TemporaryFile() as arguments:
            options = view.options(os.geteuid() == 0, empty.fileno())
            arguments.write("".join(f"{option}\0" for option in options).encode("utf-8", "surrogateescape"))
            arguments.seek(0)
            command = [view.bubblewrap(), "--args", str(arguments.fileno()), "--"]
            command += view.python_command(Path(view.CODE), control)
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

    def _setup(self) -> dict[str, object]:
        """What the fork server's ``Setup`` is decoded from."""
        uid, gid = os.geteuid(), os.getegid()
        unprivileged = uid == 0 and ("namespaces" in self._layers or view.open_to_everyone())
        if unprivileged:
            uid = gid = UNPRIVILEGED_ID + self._number
        if self._folder is not None:
            os.chown(self._folder, uid, gid)
        limits = self._limits
        return {
            "unprivileged": (uid, gid) if unprivileged else None,
            "cpus": self._cpus,
            "preload": self._preload,
            "confinement": {
                "layers": self._layers,
                "uid": uid,
                "gid": gid,
                "folder": self._folder or view.FOLDER,
                "readable": view.readable_folders(),
                "writable": ("/dev/null",),
                "seccomp_filter": syscalls.compiled() if "seccomp" in self._layers else b"",
                "cpu_seconds": limits.cpu_seconds,
                "memory_mib": limits.memory_mib,
                "file_mib": limits.file_mib,
                "folder_mib": limits.folder_mib,
                "folder_inodes": FOLDER_INODES,
                "open_files": limits.open_files,
                "threads": limits.threads,
            },
        }

    def _empty_folder(self) -> None:
        """Without a tmpfs of its own, a runner must not find what the one before it left."""
        if self._folder is not None:
            for entry in Path(self._folder).iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)

    def _open_control(self) -> socket.socket:
        if self._control is None:
            raise SandboxError("the slot is not running")
        return self._control

    def _last_words(self) -> str:
        """The end of what bubblewrap or the interpreter wrote before it failed."""
        if self._process is None or self._process.stderr is None:
            return "no reason given"
        self._process.kill()
        return self._process.stderr.read()[-2_000:].decode("utf-8", "replace").strip() or "no reason given"
