"""The folder that grading works in: the course as the base has it, the notebooks as the head has them.

Everything in it is written here as an ordinary file, so that there is no link in it to follow. A folder of the
course's own (``--course``, as another repository's checkout) goes before the base: what it has of grader.toml,
assignments/ and solutions/ is taken from there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.ci.changes import Handed, Layout, belongs
from autograder.ci.repository import REGULAR, Entry, Repository
from autograder.course.config import FILE_NAME, Course
from autograder.errors import AssignmentError, ConfigError
from autograder.submissions.found import SUBMITTED, Found, choose

PARTS = (FILE_NAME, "assignments", "solutions")


def lay_out_course(repository: Repository, base: str, trusted: Path | None, root: Path) -> None:
    """Write the course below ``root``; raises :class:`ConfigError` without one, :class:`AssignmentError` for a link."""
    theirs = [part for part in PARTS if trusted and (trusted / part).exists()]
    entries = repository.listing(base, [part for part in PARTS if part not in theirs])
    for entry in entries:
        if entry.mode not in REGULAR:
            raise AssignmentError(f"{entry.path}: is a link in {base[:12]}. Put the file itself there")
    blobs = repository.read([entry.blob for entry in entries])
    for entry, (_, data) in zip(entries, blobs, strict=True):
        assert data is not None
        _write(root / entry.path, data)
    for part in theirs:
        assert trusted is not None
        if (trusted / part).is_dir():
            shutil.copytree(trusted / part, root / part, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        else:
            shutil.copyfile(trusted / part, root / part)
    if not (root / FILE_NAME).is_file():
        raise ConfigError(
            FILE_NAME,
            base[:12],
            "this commit, which pull requests go to, has none",
            "Commit one there (an empty file accepts every default), or give the course's folder with --course",
        )


def lay_out_notebooks(
    repository: Repository,
    head: str,
    work: Sequence[Handed],
    changed: Iterable[Entry],
    layout: Layout,
    course: Course,
    max_bytes: int,
) -> list[Found]:
    """Write the notebooks of ``work`` into the course's folder and choose one each.

    A file above ``max_bytes`` is stood in for by a hole of its size, which the engine refuses by that before it
    reads. What the pull request changed counts as newer than what it did not.
    """
    fresh = {entry.path for entry in changed}
    students = sorted({f"{SUBMITTED}/{one.student}" for one in work}) if layout == "course" else []
    entries = repository.listing(head, students) if work else []
    found = []
    for one in work:
        own = list(
            {
                entry.path: entry for entry in entries if belongs(entry, one, layout, course.assignments())
            }.values()
        )  # once each: a tree that git did not write may name a file twice
        folder = course.root / SUBMITTED / one.student / one.assignment
        blobs = repository.read([entry.blob for entry in own], max_bytes)
        notebooks = []
        for entry, (size, data) in zip(own, blobs, strict=True):
            path = folder / Path(entry.path).name
            _write(path, b"" if data is None else data)
            if data is None:
                os.truncate(path, size)
            os.utime(path, (0, int(entry.path in fresh)))
            notebooks.append(path)
        if notebooks:
            found.append(choose(one.student, notebooks, one.assignment, course.languages))
    return found


def path_in_head(notebook: Path, root: Path, layout: Layout) -> str:
    """The path that the repository has this notebook at."""
    return notebook.name if layout == "single" else notebook.relative_to(root).as_posix()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
