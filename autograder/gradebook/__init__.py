"""nbgrader's gradebook: our scores go in, and what people have changed there comes back.

:func:`put` writes the grades of one assignment, :func:`write_trees` the folders that formgrader wants beside
them. nbgrader and SQLAlchemy are imported when a gradebook is opened, not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course.config import Course
from autograder.course.roster import Roster, Student
from autograder.gradebook import definition as definitions
from autograder.gradebook import trees
from autograder.gradebook.book import marks, opened, students, url_of
from autograder.gradebook.entries import Entry, write
from autograder.messages import catalogue
from autograder.messages.told import findings_markdown
from autograder.records.store import Store
from autograder.results import Marks, Result
from autograder.submissions.receipts import TIMESTAMP_NAME

__all__ = ["Put", "put", "read_marks", "read_students", "write_trees"]


@dataclass(frozen=True)
class Put:
    """``waiting`` cells ask for a person's look. ``left_out``: submissions without a grade, which stay as they were."""

    submissions: int
    waiting: int
    left_out: tuple[str, ...]


def put(course: Course, assignment: str, results: Iterable[Result], roster: Roster) -> Put:
    """Write the results into the course's gradebook, all or none.

    Raises :class:`~autograder.errors.GraderError` where there is no gradebook, no release, or no writing.
    """
    url = url_of(course)
    known = definitions.read(course.root, assignment)
    graded, left_out = [], []
    for result in results:
        if result.status == "graded":
            graded.append(_entry(course, result))
        else:
            left_out.append(result.student)
    with opened(url) as book:
        waiting = write(book, known, course.config.due.get(assignment), graded, roster)
    return Put(len(graded), waiting, tuple(left_out))


def write_trees(course: Course, assignment: str, results: Iterable[Result], store: Store) -> dict[str, str]:
    """Write ``autograded/`` and ``feedback/`` in the course's folder; student → why theirs could not be."""
    known = definitions.read(course.root, assignment)
    problems = {}
    for result in results:
        if result.status == "graded":
            problem = trees.write(course.root, known, result, store.files(result).html)
            if problem:
                problems[result.student] = problem
    return problems


def read_marks(course: Course, assignment: str) -> Mapping[str, Marks]:
    """What the course's gradebook says of each submission, by student."""
    with opened(url_of(course)) as book:
        return marks(book, assignment)


def read_students(course: Course) -> list[Student]:
    """Everybody in the course's gradebook."""
    with opened(url_of(course)) as book:
        return students(book)


def _entry(course: Course, result: Result) -> Entry:
    due = course.config.due.get(result.assignment)
    own = course.config.extensions.get(result.assignment, {}).get(result.student)
    return Entry(
        result=result,
        at=_stamp((course.root / result.submission.path).parent / TIMESTAMP_NAME),
        comments=_comments(result),
        extension=own - due if own and due else None,
    )


def _stamp(path: Path) -> datetime | None:
    """The time in ``path`` as nbgrader reads it: formgrader compares the two."""
    from nbgrader.utils import parse_utc  # type: ignore[import-untyped]

    try:
        if path.is_symlink() or path.stat().st_size > 200:
            return None
        at: datetime = parse_utc(path.read_text("utf-8").strip())
    except (OSError, ValueError, OverflowError, TypeError, AttributeError):
        return None  # nothing that nbgrader could read either
    return at


def _comments(result: Result) -> dict[str, str]:
    """What formgrader shows beside each question, as Markdown: the findings, each once."""
    words = catalogue(result.language)
    told = {}
    for question in result.questions:
        findings = {repr(finding): finding for check in question.checks for finding in check.findings}
        told[question.id] = "\n\n".join(findings_markdown(findings.values(), words))
    return told
