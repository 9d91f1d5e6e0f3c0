"""A worker process of this machine: how it is started, what it is given of the surroundings, and its time."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.errors import AssignmentError, GraderError, SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Failed, Setup
from autograder.grading.whereabouts import Whereabouts
from autograder.process.scratch import ScratchFolder

START_SECONDS = 300.0  # for imports and the check files; on a machine at rest it is 3


@dataclass
class Process:
    """A worker's process, what it says, and until when it must have said something."""

    popen: subprocess.Popen[bytes]
    connection: Connection
    whereabouts: Whereabouts
    due: float = math.inf

    def allow(self, seconds: float) -> None:
        """From now on it has so long; for ever with infinity."""
        self.due = time.monotonic() + seconds

    @property
    def is_late(self) -> bool:
        """Whether its time is over and it has said nothing."""
        return self.due <= time.monotonic() and not self.connection.poll()

    def hear(self) -> messages.Message:
        """What it says next; raises EOFError or OSError once it has ended."""
        message: messages.Message = messages.decode_message(self.connection.recv_bytes())
        return message

    def end(self) -> str:
        """Ends it by force, with all that is in its sandbox; the check that it was at, or an empty text."""
        self.connection.close()
        self.popen.kill()
        self.popen.wait()
        check = self.whereabouts.read()
        self.whereabouts.close()
        return check


def never_ready(check: str) -> SandboxError:
    """A worker did not become ready in :data:`START_SECONDS`; ``check`` is the one it was at, if at any."""
    place = f"the check {check} of the course's own answers" if check else "what check files do when they are imported"
    return SandboxError(
        f"a worker was not ready after {START_SECONDS:g} s. Look for what takes so long: "
        f"{place}, or what environment.preload names"
    )


def spawn(setup: Setup, scratch: Path) -> Process:
    """A worker that has been told its setup; it says when it is ready. It ends when the connection closes."""
    ours, theirs = socket.socketpair()
    whereabouts = Whereabouts()
    passed = (theirs.fileno(), whereabouts.descriptor)
    with theirs:
        popen = subprocess.Popen(
            [sys.executable, "-P", "-s", "-c", _start(*passed)],
            env=_environment(scratch),
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is ours to handle
        )
    connection = Connection(ours.detach())
    with suppress(OSError):  # that it has ended already is heard next
        connection.send_bytes(messages.encode(setup))
    return Process(popen, connection, whereabouts)


def scratch_folder() -> ScratchFolder:
    """Where workers put temporary files: they are ended by force, and clean up nothing themselves."""
    return ScratchFolder(mode=0o711)  # a slot's other user must be able to pass through


def raised(message: Failed) -> GraderError:
    """The exception that a worker ended with."""
    kinds: dict[str, type[GraderError]] = {"assignment": AssignmentError, "sandbox": SandboxError}
    return kinds.get(message.kind, GraderError)(message.text)


def _start(connection: int, whereabouts: int) -> str:
    package_parent = str(Path(__file__).parents[2])
    return (
        f"import sys; sys.path.insert(0, {package_parent!r}); "
        f"from autograder.grading.worker import main; main({connection}, {whereabouts})"
    )


def _environment(scratch: Path) -> dict[str, str]:
    """What a worker needs of the environment, and nothing that could configure pytest or Python."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL")}
    return kept | {
        "TMPDIR": str(scratch),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
