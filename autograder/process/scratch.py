"""Folders under the system's temporary one that go with the process that made them, however it ends.

Its owner holds the kernel's lock on a folder (``flock``). SIGKILL leaves the folder, and takes the lock: whoever
makes a folder next removes those of the same user that nobody holds, in the background, because one may be large.
The lock of a new one is taken just after it was made; where somebody has taken it for left in between, another is made.

A folder is taken for ours by its name, which also says which kernel keeps its lock: machines may share their
temporary folder. So nothing is removed where others could have put it under such a name, and no link is followed.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

REMOVAL_SECONDS = 60.0
MOST_AT_ONCE = 50  # of those that were left: each takes a descriptor until all are removed
_RANDOM = "?" * 8  # tempfile's end of a name
_REMOVE = 'rm -rf -- "$@" || { chmod -R u+rwX -- "$@"; rm -rf -- "$@"; }'


class ScratchFolder:
    """A new folder at ``path``, until :meth:`remove`, the end of its block or the process's."""

    def __init__(self, mode: int = 0o700) -> None:
        parent = Path(tempfile.gettempdir())
        _clear(parent)
        self.path, lock = _made(parent)
        self.path.chmod(mode)
        self._end = weakref.finalize(self, _end, self.path, lock)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove it, with all that lies there. May be called again."""
        self._end()


def remove_tree(path: Path) -> None:
    """Remove a folder; raises nothing. What takes longer than a minute is no longer waited for.

    ``rm`` knows trees of any depth, which recursion in Python does not; it enters no symbolic link.
    """
    try:
        if sys.platform == "win32":
            shutil.rmtree(path, ignore_errors=True)
        else:
            _run(_REMOVE, [path])
    except subprocess.TimeoutExpired:
        pass
    except OSError:  # a system without these commands
        shutil.rmtree(path, ignore_errors=True)


def _run(script: str, paths: Iterable[Path], locks: Collection[int] = ()) -> None:
    """Run ``script`` with ``paths`` as its arguments. The ``locks`` stay until whatever it starts has ended."""
    subprocess.run(
        ["sh", "-c", script, "sh", *paths],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=locks,
        start_new_session=True,  # Ctrl-C is not for it
        timeout=REMOVAL_SECONDS,
        check=False,
    )


def _end(path: Path, lock: int | None) -> None:
    remove_tree(path)
    if lock is not None:
        os.close(lock)


def _made(parent: Path) -> tuple[Path, int | None]:
    """A new folder and the descriptor that holds its lock; None where there are no locks."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_prefix(), dir=parent))
        try:
            lock = _locked(path)
        except (BlockingIOError, FileNotFoundError):
            continue
        except (ImportError, OSError):  # Windows, or a file system that has none: by no name that is cleared away
            with suppress(OSError):
                path.rmdir()
            return Path(tempfile.mkdtemp(prefix="autograder-", dir=parent)), None
        if path.exists():
            return path, lock
        os.close(lock)


def _locked(path: Path) -> int:
    """A descriptor that holds the folder's lock; raises BlockingIOError if another one does."""
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _clear(parent: Path) -> None:
    """Begin to remove what this user's processes have left in ``parent``; raises nothing."""
    left = _left(parent) if hasattr(os, "geteuid") else {}  # Windows has no such locks either
    try:
        if left:
            _run(f"({_REMOVE}) &", left, left.values())
    except (OSError, subprocess.TimeoutExpired):
        pass  # they stay for the next one
    finally:
        for lock in left.values():
            os.close(lock)


def _left(parent: Path) -> dict[Path, int]:
    """The folders that nobody holds, each with a descriptor that holds its lock now."""
    left: dict[Path, int] = {}
    with suppress(OSError):
        mode = parent.stat().st_mode
        if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
            return {}  # others may give anything there a name of ours
        for path in parent.glob(f"{_prefix()}{_RANDOM}"):
            with suppress(OSError):
                if len(left) < MOST_AT_ONCE and path.lstat().st_uid == os.geteuid():
                    left[path] = _locked(path)
    return left


@functools.cache
def _prefix() -> str:
    try:
        kernel = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        kernel = platform.node()
    return f"autograder-{hashlib.sha256(kernel.encode()).hexdigest()[:8]}-"
