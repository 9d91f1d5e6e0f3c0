"""Where a runner works when there is no namespace to give it a file system of its own.

A folder under the system's temporary one, at a path that stays the same, because Landlock and the
environment name it. What the last runner left there is moved out of reach in one step, whatever it is, and
removed afterwards.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

REMOVAL_SECONDS = 60.0


class Workplace:
    """``folder`` is a runner's own, ``scratch`` the fork server's; both belong to ``owner`` (uid, gid)."""

    def __init__(self, owner: tuple[int, int] | None) -> None:
        self._owner = owner
        self._root = Path(tempfile.mkdtemp(prefix="autograder-"))
        self._root.chmod(0o711)  # who works below need not see what else lies here
        self.folder = str(self._root / "submission")
        self.scratch = str(self._root / "scratch")
        self._left_over = 0
        for path in (self.folder, self.scratch):
            self._make(path)

    def renew(self) -> None:
        """Put an empty folder in the place of whatever the last runner left."""
        if not any(os.scandir(self.folder)):
            return
        self._left_over += 1
        discarded = self._root / f"discarded-{self._left_over}"
        Path(self.folder).rename(discarded)
        self._make(self.folder)
        _remove(discarded)

    def remove(self) -> None:
        """Remove everything."""
        _remove(self._root)

    def _make(self, path: str) -> None:
        Path(path).mkdir(0o700)
        if self._owner is not None:
            os.chown(path, *self._owner)


def _remove(path: Path) -> None:
    """``rm`` knows trees of any depth, which recursion in Python does not; it enters no symbolic link."""
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run(
            [*command, "--", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=REMOVAL_SECONDS,
            check=False,
        )
