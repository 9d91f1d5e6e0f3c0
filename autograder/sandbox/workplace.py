"""Where a runner works when there is no namespace to give it a file system of its own.

A folder under the system's temporary one, at a path that stays the same, because Landlock and the
environment name it. What the last runner left there is moved out of reach in one step, whatever it is, and
removed afterwards.
"""

from __future__ import annotations

import os
from pathlib import Path

from autograder.process.scratch import ScratchFolder, remove_tree
from autograder.sandbox import data


class Workplace:
    """``folder`` is a runner's own, ``scratch`` the fork server's; both belong to ``owner`` (uid, gid)."""

    def __init__(self, owner: tuple[int, int] | None) -> None:
        self._owner = owner
        self._root = ScratchFolder(mode=0o711)  # who works below need not see what else lies here
        self.folder = str(self._root.path / "submission")
        self.scratch = str(self._root.path / "scratch")
        self._left_over = 0
        for path in (self.folder, self.scratch):
            self._make(path)

    def renew(self) -> None:
        """Put an empty folder in the place of whatever the last runner left."""
        if not any(os.scandir(self.folder)):
            return
        self._left_over += 1
        discarded = self._root.path / f"discarded-{self._left_over}"
        Path(self.folder).rename(discarded)
        self._make(self.folder)
        remove_tree(discarded)

    def with_data(self, folder: Path) -> str:
        """Where a copy of the folder can be read from now on."""
        place = self._root.path / "data"
        data.copied(folder, place)
        return str(place)

    def remove(self) -> None:
        """Remove everything."""
        self._root.remove()

    def _make(self, path: str) -> None:
        Path(path).mkdir(0o700)
        if self._owner is not None:
            os.chown(path, *self._owner)
