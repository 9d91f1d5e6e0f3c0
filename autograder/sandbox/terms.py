"""The terms a runner is confined on: what its fork server is told before any student code exists."""

from __future__ import annotations

import os
from collections.abc import Collection

from autograder.course.config import Limits
from autograder.sandbox import syscalls, view

UNPRIVILEGED_ID = 65_000  # a slot started by root becomes this uid plus its number
FOLDER_INODES = 2_000


def unprivileged(number: int, namespaces: bool) -> tuple[int, int] | None:
    """The uid and gid that slot ``number`` changes to first; None: it stays what it is.

    Root gives itself up, because RLIMIT_NPROC does not bind it; unless, outside of namespaces, no other user
    could read Python's libraries.
    """
    if os.geteuid() != 0 or not (namespaces or view.open_to_everyone()):
        return None
    return UNPRIVILEGED_ID + number, UNPRIVILEGED_ID + number


def confinement(
    layers: Collection[str],
    limits: Limits,
    owner: tuple[int, int] | None,
    folder: str,
    readable: Collection[str] | None = None,
    data: str = "",
) -> dict[str, object]:
    """What the runner's ``Confinement`` is decoded from; ``data`` is where it finds the assignment's.

    Raises :class:`~autograder.errors.SandboxError` if seccomp is wanted and libseccomp is missing.
    """
    uid, gid = owner or (os.geteuid(), os.getegid())
    return {
        "layers": tuple(layers),
        "uid": uid,
        "gid": gid,
        "folder": folder,
        "readable": (*(view.readable_folders() if readable is None else readable), *filter(None, [data])),
        "data": data,
        "writable": ("/dev/null",),
        "sealed": (view.SCRATCH,) if folder == view.FOLDER else (),
        "seccomp_filter": syscalls.compiled() if "seccomp" in layers else b"",
        "cpu_seconds": limits.cpu_seconds,
        "memory_mib": limits.memory_mib,
        "file_mib": limits.file_mib,
        "folder_mib": limits.folder_mib,
        "folder_inodes": FOLDER_INODES,
        "open_files": limits.open_files,
        "threads": limits.threads,
    }
