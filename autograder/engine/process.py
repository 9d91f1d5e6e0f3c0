"""A worker process of this machine: how it is started, and what it is given of the surroundings."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.errors import AssignmentError, GraderError, SandboxError
from autograder.grading import job as messages
from autograder.grading.job import Failed, Setup


def spawn(setup: Setup, scratch: str) -> tuple[subprocess.Popen[bytes], Connection]:
    """A worker that has been told its setup; it says when it is ready. It ends when the connection closes."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-c", _start(theirs.fileno())],
            env=_environment(scratch),
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is ours to handle
        )
    connection = Connection(ours.detach())
    connection.send_bytes(messages.encode(setup))
    return process, connection


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Where workers put temporary files: they are ended by force, and clean up nothing themselves."""
    folder = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o711)  # a slot's other user must be able to pass through
    return folder


def raised(message: Failed) -> GraderError:
    """The exception that a worker ended with."""
    kinds: dict[str, type[GraderError]] = {"assignment": AssignmentError, "sandbox": SandboxError}
    return kinds.get(message.kind, GraderError)(message.text)


def _start(descriptor: int) -> str:
    package_parent = str(Path(__file__).parents[2])
    return (
        f"import sys; sys.path.insert(0, {package_parent!r}); "
        f"from autograder.grading.worker import main; main({descriptor})"
    )


def _environment(scratch: str) -> dict[str, str]:
    """What a worker needs of the environment, and nothing that could configure pytest or Python."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL")}
    return kept | {
        "TMPDIR": scratch,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
