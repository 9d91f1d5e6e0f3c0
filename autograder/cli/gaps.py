"""What lies between a class and its results: who was graded by other checks, or is in one of them alone.

Nothing is graded for it: the digest of the assignment is looked at, and which notebooks there are, with their digests.
"""

from __future__ import annotations

import hashlib
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from autograder.cli.course import named
from autograder.course import assignment_files
from autograder.course.config import Course
from autograder.errors import SubmissionPathError
from autograder.escaping import terminal_line
from autograder.records.store import Brief, Store
from autograder.submissions.found import SUBMITTED, find


def tell_gaps(course: Course, assignment: str, store: Store) -> None:
    """A line of stderr for each kind of gap, with the students; none where results and class agree."""
    for what, students in _gaps(course, assignment, list(store.briefs(assignment))):
        if students:
            print(terminal_line(f"{what}: {named(sorted(students))}", 1000), file=sys.stderr)


def _gaps(course: Course, assignment: str, results: Sequence[Brief]) -> Iterator[tuple[str, list[str]]]:
    with suppress(OSError):
        digest = assignment_files.digest(course.root, assignment)
        old = [one.student for one in results if one.assignment_digest != digest]
        yield f"{len(old)} results are from other checks than the present ones (run grader grade {assignment})", old
    own = [one for one in results if "/" in one.submission.path]  # a name alone lies elsewhere than in the course
    gone = [one.student for one in own if _is_gone(course.root / one.submission.path)]
    yield f"{len(gone)} results have no submission any more", gone
    earlier = replaced_since(course, results)
    yield f"{len(earlier)} results are of an earlier notebook (run grader grade {assignment})", earlier
    if any(one.submission.path.startswith(f"{SUBMITTED}/") for one in own):
        with suppress(SubmissionPathError):
            handed_in = find([course.root / SUBMITTED], assignment, course.languages)
            graded = {one.student for one in results}
            waiting = [one.student for one in handed_in if one.student not in graded]
            yield f"{len(waiting)} submissions have no result (run grader grade {assignment})", waiting


def replaced_since(course: Course, results: Iterable[Brief]) -> list[str]:
    """The students whose notebook in the course is another now than the one that their result is of."""
    own = [one for one in results if "/" in one.submission.path and one.submission.has_bytes]
    return [
        one.student
        for one in own
        if (now := _digest(course.root / one.submission.path)) and now != one.submission.sha256
    ]


def _digest(path: Path) -> str:
    """Of the notebook there; empty where there is none, or none that we may read."""
    with suppress(OSError):
        if stat.S_ISREG(path.lstat().st_mode):
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def _is_gone(path: Path) -> bool:
    """Whether there is surely nothing there: where we may not look, there may be."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
