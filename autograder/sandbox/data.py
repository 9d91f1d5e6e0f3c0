"""An assignment's data files, for student code to read: they are found as ``data/`` in a runner's own folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import SandboxError


def can_stay(folder: Path, everyone: bool) -> bool:
    """Whether a sandbox can show the folder as it lies: no link leads out of it, and who runs there may read it.

    ``everyone``: that is another user of the machine.
    """
    return not any(path.is_symlink() or (everyone and not _is_open(path)) for path in _all(folder))


def copied(folder: Path, into: Path) -> None:
    """Copy it for everyone to read, files in place of links; raises :class:`SandboxError`."""
    try:
        shutil.copytree(folder, into)
    except (OSError, shutil.Error) as error:
        said = error.args[0][0][2] if isinstance(error, shutil.Error) else error
        raise SandboxError(f"{folder}: the data cannot be read ({said}). Mend its files or their permissions") from None
    for path in _all(into):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _is_open(path: Path) -> bool:
    needed = 0o5 if path.is_dir() else 0o4
    return path.stat().st_mode & needed == needed


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    for where, folders, files in os.walk(folder):
        yield from (Path(where, name) for name in (*folders, *files))
