"""What a pull request changes, sorted: the notebooks to grade, and everything that is not used, with the reason.

Whose notebooks these are follows from the account that opened the pull request, as grader.toml of the base says:
staff hand in for anybody, an account in ``students`` for that student, any other for the student of its own name.
Without an account (on somebody's own machine) every changed notebook counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from autograder.ci.report import Unused, Why
from autograder.ci.repository import GONE, LINK, REGULAR, SUBMODULE, Entry
from autograder.course.config import PullRequests
from autograder.languages import LANGUAGES
from autograder.submissions.found import SUBMITTED, SUFFIX, raw_name

Layout = Literal["course", "single"]

_WORKFLOW = (".github", ".gitlab", ".gitlab-ci.yml", "action.yml", "action.yaml")
_LOADED = (".py", ".pth", ".so", ".pyd", ".pyc", ".pyi")  # what Python would run from a folder on its path
MAX_NAME_BYTES = 255  # of one part of a path: what Linux can hold


@dataclass(frozen=True, order=True)
class Handed:
    """A student's work on one assignment that a pull request changes; ``student`` is the folder's name."""

    assignment: str
    student: str


@dataclass(frozen=True)
class Changes:
    handed: tuple[Handed, ...]
    unused: tuple[Unused, ...]


@dataclass(frozen=True)
class Author:
    """Whoever opened the pull request, as the host names the account."""

    account: str
    rules: PullRequests

    def hands_in_for(self, student: str) -> bool:
        """Whether a change to the student's work is this account's to make."""
        account = self.account.casefold()
        if any(account == one.casefold() for one in self.rules.staff):
            return True
        pairs = (pair.partition("=") for pair in self.rules.students)
        named = [name for one, _, name in pairs if one.casefold() == account]
        return student in named if named else student.casefold() == account


def sort(
    changed: Sequence[Entry], assignments: Sequence[str], author: Author | None, layout: Layout, student: str
) -> Changes:
    """The work to grade and what is not used. ``student`` is whose repository it is in the ``single`` layout."""
    handed: set[Handed] = set()
    unused: list[Unused] = []
    for entry in changed:
        found: Handed | Why
        if not _is_named(entry.path):
            found = "unusable_name"
        elif layout == "single":
            found = _in_single(entry, assignments, student)
        else:
            found = _in_course(entry, assignments, author)
        if isinstance(found, Handed):
            handed.add(found)
        else:
            unused.append(Unused(raw_name(entry.path), found))
    return Changes(tuple(sorted(handed)), tuple(unused))


def belongs(entry: Entry, work: Handed, layout: Layout, assignments: Sequence[str]) -> bool:
    """Whether a file of the head is a notebook of this work."""
    if entry.mode not in REGULAR or not _is_named(entry.path):
        return False
    path = PurePosixPath(entry.path)
    if not path.name.lower().endswith(SUFFIX) or path.name.startswith("."):
        return False
    if layout == "single":
        return len(path.parts) == 1 and assignment_of(path.name, assignments) == work.assignment
    return path.parts[:-1] == (SUBMITTED, work.student, work.assignment)


def assignment_of(notebook: str, assignments: Sequence[str]) -> str | None:
    """The assignment that a notebook at a repository's root answers, by its name; a lone assignment owns them all."""
    for name in assignments:
        if notebook in {f"{name}{SUFFIX}", *(f"{name}.{language}{SUFFIX}" for language in LANGUAGES)}:
            return name
    return assignments[0] if len(assignments) == 1 else None


def _in_single(entry: Entry, assignments: Sequence[str], student: str) -> Handed | Why:
    path = PurePosixPath(entry.path)
    if why := _never(entry, path):
        return why
    if len(path.parts) > 1:
        return "misplaced" if path.suffix.lower() == SUFFIX else _other(path)
    if path.suffix.lower() != SUFFIX:
        return _other(path)
    assignment = assignment_of(path.name, assignments)
    return Handed(assignment, student) if assignment else "unknown_assignment"


def _in_course(entry: Entry, assignments: Sequence[str], author: Author | None) -> Handed | Why:
    path = PurePosixPath(entry.path)
    parts = path.parts
    if parts[0] == SUBMITTED and len(parts) > 2 and author and not author.hands_in_for(parts[1]):
        return "somebody_else"
    if why := _never(entry, path):
        return why
    if path.suffix.lower() != SUFFIX:
        return _other(path)
    if parts[0] != SUBMITTED or len(parts) != 4 or any(part.startswith(".") for part in parts):
        return "misplaced"
    return Handed(parts[2], parts[1]) if parts[2] in assignments else "unknown_assignment"


def _never(entry: Entry, path: PurePosixPath) -> Why | None:
    """Why a change is never used, wherever in a repository it stands."""
    if path.parts[0] in _WORKFLOW:
        return "workflow"
    if path.parts[0] in ("assignments", "solutions"):
        return "checks"
    if entry.path == "grader.toml":
        return "configuration"
    if entry.mode == SUBMODULE or path.name == ".gitmodules":
        return "submodule"
    if entry.mode == LINK:
        return "link"
    return "deleted" if entry.mode == GONE else None


def _other(path: PurePosixPath) -> Why:
    return "code" if path.suffix in _LOADED else "other"


def _is_named(path: str) -> bool:
    """Whether every part of a path can be a file's name here. A tree may say more than git itself would write."""
    return all(
        part.casefold() not in ("", ".", "..", ".git")
        and len(part.encode(errors="surrogateescape")) <= MAX_NAME_BYTES
        for part in path.split("/")
    )
