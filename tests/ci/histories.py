"""Git repositories with the histories that pull requests have, made where a test needs them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Link:
    """A symbolic link to ``target``."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """A submodule at a commit that nobody has."""

    commit: str = "1" * 40


Content = str | bytes | Link | Submodule | None  # None: removed


@dataclass(frozen=True)
class History:
    """A repository without a work tree that matters: commits are made from what they change."""

    root: Path

    def git(self, *arguments: str, given: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            input=given,
            capture_output=True,
            check=True,
            env=os.environ | IDENTITY,
        )
        return os.fsdecode(done.stdout).strip()

    def commit(
        self, branch: str, files: Mapping[str, Content], parent: str | None = None, when: int = 0
    ) -> str:
        """A commit that ``branch`` then points to; its parent is the branch's last one unless told."""
        parent = parent or self.tip(branch)
        self.git("read-tree", "--empty")
        if parent:
            self.git("read-tree", parent)
        lines = b""
        for path, content in files.items():
            match content:
                case None:
                    about = f"0 {'0' * 40}"
                case Link(target):
                    about = f"120000 {self.blob(target.encode())}"
                case Submodule(commit):
                    about = f"160000 {commit}"
                case _:
                    data = content.encode() if isinstance(content, str) else content
                    about = f"100644 {self.blob(data)}"
            lines += about.encode() + b"\t" + os.fsencode(path) + b"\0"
        self.git("update-index", "-z", "--index-info", given=lines)
        return self.commit_tree(branch, self.git("write-tree"), parent, when)

    def commit_tree(self, branch: str, tree: str, parent: str | None, when: int = 0) -> str:
        parents = ["-p", parent] if parent else []
        dated = IDENTITY | {"GIT_COMMITTER_DATE": f"{1_790_000_000 + when} +0900"}
        done = subprocess.run(
            ["git", "-C", str(self.root), "commit-tree", "-m", "change", *parents, tree],
            capture_output=True,
            check=True,
            env=os.environ | dated,
        )
        commit = done.stdout.decode().strip()
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", given=data)

    def tip(self, branch: str) -> str | None:
        found = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found or None


def history(root: Path) -> History:
    """An empty repository at ``root``."""
    root.mkdir(parents=True, exist_ok=True)
    made = History(root)
    made.git("init", "-q", "-b", "main")
    return made
