"""From the paths of a command line to one notebook per student.

A path is one of these, told apart by what it holds:

==================================  ===================================================
a notebook                          the student is the file's stem; below an
                                    ``<assignment>`` folder, the folder above that one
a flat folder of notebooks          each stem is a student
``<student>/<assignment>/*.ipynb``  nbgrader's tree: each folder is a student
``<student>/*.ipynb``               each folder is a student
one student's folder of a tree      that student
==================================  ===================================================

Where a folder could be either, it is read so that more notebooks are graded: a student too many is
seen at once, one too few is not. Below a folder named ``submitted`` nbgrader's convention decides.
Hidden entries (``.ipynb_checkpoints``) and links are not looked at, whoever made them, nor what systems put
there (``lost+found``): nothing is read from outside the paths that were given. A copy's name
(``dl1.ipynb.txt``, ``dl1.ipynb (1)``) counts where the notebook itself is missing. Two submissions with
one student id are an error, not a choice: guessing would write one student's grade over another's.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SubmissionPathError

SUFFIX = ".ipynb"
CHECKPOINTS = ".ipynb_checkpoints"  # Jupyter's own copies
SUBMITTED = "submitted"  # a course's folder of students' folders, as nbgrader calls it
MAX_ENCODED_CHARACTERS = 180  # of the 255 bytes of a file name: the rest is for suffixes

# What systems and their tools put where students' folders lie.
_OF_SYSTEMS = frozenset({"lost+found", "System Volume Information", "$RECYCLE.BIN", "@eaDir", "__MACOSX"})
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)  # on Windows


@dataclass(frozen=True, slots=True)
class Found:
    """``student`` is the raw name, fit for JSON; ``others`` are notebooks of theirs that were not chosen."""

    student: str
    path: Path
    others: tuple[Path, ...] = ()


class _NotListed(SubmissionPathError):
    """``folder`` may not be read, or cannot."""

    def __init__(self, folder: Path, why: str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: cannot be read ({why}). Mend its permissions")


def find(paths: Sequence[Path], assignment: str, languages: Sequence[str]) -> tuple[Found, ...]:
    """One notebook per student below ``paths``, sorted by student.

    Of several notebooks of one student ``<assignment>.ipynb`` is chosen, else
    ``<assignment>.<language>.ipynb`` in the order of ``languages``, else the newest. A student's folder that
    may not be read stands for what is in it. Raises SubmissionPathError if there is nothing to grade, if a path
    is none, or if a student is found twice.
    """
    names = _official(assignment, languages)
    found: dict[str, Found] = {}
    for path in paths:
        place = Path(os.path.normpath(path.absolute()))
        try:
            here = list(_below(place, assignment, names))
        except _NotListed as error:
            if len(paths) == 1 or error.folder not in (place, place / assignment):
                raise
            here = [(place.name, [error.folder])]
        for name, notebooks in here:
            chosen = _chosen(raw_name(name), notebooks, names)
            earlier = found.setdefault(chosen.student, chosen)
            if earlier.path != chosen.path:
                raise SubmissionPathError(
                    f"two submissions of one student, {chosen.student}: {earlier.path} and {chosen.path}. "
                    "Remove or rename one, or give the folder that holds the students' folders"
                )
    if not found:
        raise SubmissionPathError(
            f"{paths[0]}: no notebook for {assignment} here. Give a notebook, a folder of notebooks, "
            f"or a folder with <student>/{assignment}/<notebook>{SUFFIX} in it"
        )
    return tuple(found[student] for student in sorted(found))


def choose(student: str, notebooks: Sequence[Path], assignment: str, languages: Sequence[str]) -> Found:
    """One of a student's ``notebooks``, chosen as :func:`find` does; ``student`` is the folder's name."""
    return _chosen(raw_name(student), notebooks, _official(assignment, languages))


def without_notebook(paths: Sequence[Path], found: Sequence[Found]) -> tuple[str, ...]:
    """The students' folders below ``paths`` in which nothing could be found to grade, by name.

    Of a folder of students' folders: one beside theirs that holds no notebook, or only a link or a folder of its
    name. Of several paths: one without any. Links are not looked at.
    """
    names: set[str] = set()
    chosen = {one.path for one in found}
    places = chosen | {parent for place in chosen for parent in place.parents}
    for path in paths:
        root = Path(os.path.normpath(path.absolute()))
        if root not in places:
            names.add(raw_name(root.name))
            continue
        if any(_lies_deeper(path, root) for path in chosen) and root.is_dir() and not root.is_symlink():
            names |= {raw_name(folder.name) for folder in _listing(root)[1] if folder not in places}
    return tuple(sorted(names))


def passed_over(paths: Sequence[Path], assignment: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What lies where students do below ``paths`` and is not looked at, by name: links, and hidden folders.

    Of links those that lead to a folder or are called as a notebook is, of folders those with a notebook in them.
    Raises nothing.
    """
    links: set[str] = set()
    hidden: set[str] = set()
    for path in paths:
        root = Path(os.path.normpath(path.absolute()))
        if root.parent.name == SUBMITTED:  # one student's, and what they keep there is their own affair
            continue
        with suppress(OSError), os.scandir(root) as entries:
            for entry in entries:
                dotted = entry.name.startswith(".")
                if entry.is_symlink() and not dotted and (entry.is_dir() or _is_notebook(entry)):
                    links.add(raw_name(entry.name))
                elif dotted and _holds_notebook(entry, root / entry.name, assignment):
                    hidden.add(raw_name(entry.name))
    return tuple(sorted(links)), tuple(sorted(hidden))


def _holds_notebook(entry: os.DirEntry[str], folder: Path, assignment: str) -> bool:
    if entry.name == CHECKPOINTS or not entry.is_dir(follow_symlinks=False):
        return False
    return any(map(_is_notebook, _submitted(folder, assignment)))


def _official(assignment: str, languages: Sequence[str]) -> dict[str, int]:
    """The names that an assignment's notebook is handed out with, and their rank."""
    stems = (assignment, *(f"{assignment}.{language}" for language in languages))
    return {stem + SUFFIX: rank for rank, stem in enumerate(stems)}


def _lies_deeper(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) and len(path.relative_to(root).parts) > 1


def raw_name(name: str) -> str:
    r"""A file's name as text that JSON can hold: bytes that are no UTF-8 are written ``\xff``."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def encoded(student: str) -> str:
    """A safe file name for any student: at most 180 characters of ``[a-zA-Z0-9._%~-]``.

    Names that differ, if only in case, get file names that differ, also where the file system ignores case:
    after a ``~`` stands, in hexadecimal, which letters are capitals. Bytes other than ``[A-Za-z0-9._-]``
    are percent-encoded, so that the name before the ``~`` can be read back. Over-long names end in ``~~`` and a hash.
    """
    data = student.encode(errors="surrogateescape")
    safe = "".join(chr(byte) if chr(byte) in _SAFE else f"%{byte:02X}" for byte in data)
    if _RESERVED.match(safe) or safe.startswith("."):
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if safe.endswith("."):  # Windows drops it
        safe = safe[:-1] + "%2E"
    capitals = sum(1 << place for place, letter in enumerate(_plain(safe)) if letter.isupper())
    name = f"{safe}~{capitals:x}" if capitals or not safe else safe
    if len(name) <= MAX_ENCODED_CHARACTERS:
        return name
    digest = hashlib.sha256(data).hexdigest()[:40]
    return re.sub(r"%.?\Z", "", safe[: MAX_ENCODED_CHARACTERS - len(digest) - 2]) + "~~" + digest


_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def _plain(safe: str) -> str:
    """``safe`` without the percent-encoded bytes, whose digits say nothing about case."""
    return re.sub("%..", "", safe)


def _below(path: Path, assignment: str, official: Mapping[str, int]) -> Iterator[tuple[str, list[Path]]]:
    """Each student's name and notebooks below ``path``."""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise SubmissionPathError(f"{path}: {error.strerror}. Check the path's spelling") from None
    if stat.S_ISLNK(mode):
        raise SubmissionPathError(f"{path}: is a symbolic link. Give what it points to")
    if stat.S_ISREG(mode):
        own = _is_students(path.parent, assignment, official)
        yield path.parent.parent.name if own else _stem(path), [path]
        return
    if not stat.S_ISDIR(mode):
        raise SubmissionPathError(f"{path}: is neither a notebook nor a folder")

    notebooks, folders = _listing(path)
    students = {folder.name: held for folder in folders if (held := _submitted(folder, assignment))}
    if notebooks and _is_students(path, assignment, official):
        yield path.parent.name, notebooks
    elif notebooks and not students and all(notebook.name in official for notebook in notebooks):
        yield path.name, notebooks
    elif not notebooks and assignment in students and not _has_others(students, assignment, official):
        yield from _below(path / assignment, assignment, official)
    else:
        yield from students.items()
        flat: dict[str, list[Path]] = {}
        for notebook in notebooks:
            flat.setdefault(_stem(notebook), []).append(notebook)
        yield from flat.items()


def _stem(notebook: Path) -> str:
    """The name before the last ``.ipynb``, or all of it."""
    return notebook.name[: notebook.name.lower().rfind(SUFFIX)] if _is_notebook(notebook) else notebook.stem


def _is_notebook(path: Path | os.DirEntry[str]) -> bool:
    return SUFFIX in path.name.lower()


def _is_students(folder: Path, assignment: str, official: Mapping[str, int]) -> bool:
    """Whether ``folder`` is ``<student>/<assignment>``, not a flat folder of the assignment's name."""
    if folder.name != assignment or folder.parent.name == SUBMITTED:
        return False
    names = {notebook.name for notebook in _listing(folder)[0]}
    return folder.parent.parent.name == SUBMITTED or len(names) <= 1 or names <= official.keys()


def _has_others(students: Mapping[str, list[Path]], assignment: str, official: Mapping[str, int]) -> bool:
    """Whether the folder named as the assignment stands among students' folders, not among assignments'."""
    return any(
        notebook.parent.name == assignment or notebook.name in official
        for name, notebooks in students.items()
        for notebook in notebooks
        if name != assignment
    )


def _submitted(student: Path, assignment: str) -> list[Path]:
    """The notebooks in a student's folder: the assignment's own, else those that lie there loose.

    Or the folder that may not be read.
    """
    try:
        notebooks, folders = _listing(student)
        for folder in folders:
            if folder.name == assignment and (inner := _listing(folder)[0]):
                return inner
    except _NotListed as error:
        return [error.folder]
    return notebooks


def _listing(folder: Path) -> tuple[list[Path], list[Path]]:
    """The notebooks and the folders in ``folder``, sorted, without hidden ones, links and what systems put there."""
    notebooks, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _OF_SYSTEMS:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(folder / entry.name)
                elif _is_notebook(entry) and entry.is_file(follow_symlinks=False):
                    notebooks.append(folder / entry.name)
    except OSError as error:
        raise _NotListed(folder, error.strerror or str(error)) from None
    return sorted(notebooks), sorted(folders)


def _chosen(student: str, notebooks: Sequence[Path], official: Mapping[str, int]) -> Found:
    def order(notebook: Path) -> tuple[int, int, str]:
        if notebook.name in official:
            return official[notebook.name], 0, notebook.name
        copy = not notebook.name.lower().endswith(SUFFIX)
        return len(official) + copy, -_changed_ns(notebook), notebook.name

    first, *others = sorted(notebooks, key=order) if len(notebooks) > 1 else notebooks
    return Found(student, first, tuple(others))


def _changed_ns(notebook: Path) -> int:
    """When it was changed last; 0 where that may not be asked."""
    try:
        return notebook.lstat().st_mtime_ns
    except OSError:
        return 0
