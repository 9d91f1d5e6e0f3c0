"""A git repository as data: commits, what changed between two, and the bytes of files.

Only git's plumbing is called: no work tree, index, hook, filter, textconv or attribute takes part, and nothing is
fetched. Paths are as git has them: text with ``surrogateescape`` for bytes that are no UTF-8.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.errors import GraderError

REGULAR = ("100644", "100755")
LINK, SUBMODULE, GONE = "120000", "160000", "000000"
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git knows it without having it


@dataclass(frozen=True)
class Entry:
    """A path of a commit. ``mode`` is git's; :data:`GONE` for one that a change took away."""

    path: str
    mode: str
    blob: str


class Repository:
    """The repository that ``folder`` lies in; raises :class:`GraderError` if there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = Path(os.fsdecode(self._git("rev-parse", "--show-toplevel").rstrip(b"\n")))

    def commit(self, ref: str) -> str:
        """The full name of the commit that ``ref`` names; raises :class:`GraderError` if it is not here."""
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if done.returncode != 0:
            raise GraderError(
                f"{self._folder}: no commit {ref!r} is here. Fetch it first: in GitHub Actions with fetch-depth: 0 "
                "and `git fetch origin COMMIT`, in GitLab CI with GIT_DEPTH: 0"
            )
        return done.stdout.decode().strip()

    def fork_point(self, base: str, head: str) -> str | None:
        """The last commit that both share; None where their histories have nothing in common.

        Raises :class:`GraderError` where the history here is cut off before it.
        """
        done = self._run("merge-base", base, head)
        if done.returncode == 0:
            return done.stdout.split()[0].decode()
        if self._git("rev-parse", "--is-shallow-repository").strip() == b"true":
            raise GraderError(
                f"{self._folder}: the history here is cut off before {base[:12]} and {head[:12]} part. "
                "Fetch all of it: fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab CI"
            )
        return None

    def changed(self, start: str | None, head: str) -> list[Entry]:
        """Every path that differs between two commits, as ``head`` has it; ``start`` None: every path of it.

        A renamed file is two paths, one of them gone: nothing is guessed from likeness.
        """
        origin = start or _EMPTY_TREE
        fields = self._git("diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", origin, head).split(
            b"\0"
        )
        pairs = zip(fields[0::2], fields[1::2], strict=False)
        return [
            Entry(os.fsdecode(path), mode.decode(), blob.decode())
            for about, path in pairs
            for _, mode, _, blob, _ in [about.split(b" ")]
        ]

    def listing(self, commit: str, paths: Sequence[str]) -> list[Entry]:
        """Every file below ``paths`` in ``commit``."""
        done = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        entries = []
        for line in done.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, blob = about.decode().split(" ")
            entries.append(Entry(os.fsdecode(path), mode, blob))
        return entries

    def read(self, blobs: Sequence[str], max_bytes: int | None = None) -> Iterator[tuple[int, bytes | None]]:
        """Size and bytes of each blob, in order; None in place of the bytes of one over ``max_bytes``."""
        sizes = [int(line.split(b" ")[2]) for line in self._batch("--batch-check", blobs).splitlines()]
        small = [
            blob for blob, size in zip(blobs, sizes, strict=True) if max_bytes is None or size <= max_bytes
        ]
        data = self._batch("--batch", small)
        position = 0
        for size in sizes:
            if max_bytes is not None and size > max_bytes:
                yield size, None
                continue
            begin = data.index(b"\n", position) + 1
            yield size, data[begin : begin + size]
            position = begin + size + 1

    def committed_at(self, commit: str) -> datetime:
        """When ``commit`` was committed, as it says itself."""
        return datetime.fromisoformat(self._git("show", "-s", "--format=%cI", commit).decode().strip())

    def _batch(self, kind: str, blobs: Sequence[str]) -> bytes:
        return self._git("cat-file", kind, given="".join(f"{blob}\n" for blob in blobs).encode())

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self._run(*arguments, given=given)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GraderError(
                f"{self._folder}: git {arguments[0]} failed: {said[-1] if said else 'no reason given'}"
            )
        return done.stdout

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["git", "--no-replace-objects", "-C", str(self._folder), *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, env=_environment(), check=False)
        except FileNotFoundError:
            raise GraderError("git is missing. Install it: apt install git, dnf install git") from None


def _environment() -> dict[str, str]:
    """The environment without what would point git elsewhere; its configuration stays (``safe.directory``)."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return kept | {
        "LC_ALL": "C",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
