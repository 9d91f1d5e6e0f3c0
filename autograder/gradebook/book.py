"""nbgrader's gradebook, opened: through its own ``Gradebook``, whatever database its URL names.

Opening takes seconds: nbgrader and SQLAlchemy are imported, and for a new database nbgrader runs the program
``alembic``, which it looks for on the PATH. It is installed beside this Python, so that folder is put in front.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course.config import Course
from autograder.course.roster import Student
from autograder.errors import ConfigError, GraderError
from autograder.notebooks.old_formats import import_nbformat
from autograder.results import Marks

if TYPE_CHECKING:
    Book = Any  # nbgrader.api.Gradebook, which has no types

_SQLITE = "sqlite:///"


def url_of(course: Course) -> str:
    """The gradebook's URL, a SQLite file's path being absolute. Raises ConfigError where none is configured."""
    settings = course.config.gradebook
    if settings is None:
        remedy = "Write [gradebook] on a line of its own; without a url it is nbgrader's own gradebook.db"
        raise ConfigError(course.root / "grader.toml", "gradebook", "is not there", remedy)
    path = settings.url.removeprefix(_SQLITE)
    if settings.url.startswith(_SQLITE) and path:
        return _SQLITE + str(course.root / path)
    return settings.url


@contextmanager
def opened(url: str) -> Iterator[Book]:
    """The gradebook at ``url``, made if there is none; raises GraderError for what the database refuses."""
    from sqlalchemy.exc import SQLAlchemyError

    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    import_nbformat()
    try:
        from nbgrader.api import Gradebook  # type: ignore[import-untyped]

        book = Gradebook(url)
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise _refused(url, error) from None
    finally:
        os.environ["PATH"] = before
    try:
        yield book
    except SQLAlchemyError as error:
        book.db.rollback()
        raise _refused(url, error) from None
    finally:
        book.close()


def students(book: Book) -> list[Student]:
    """Everybody in the gradebook."""
    return [
        Student(
            student=one.id,
            first_name=one.first_name or "",
            last_name=one.last_name or "",
            email=one.email or "",
            canvas_id=one.lms_user_id or "",
        )
        for one in book.students
    ]


def marks(book: Book, assignment: str) -> dict[str, Marks]:
    """What the gradebook says of each submission of the assignment, people's changes included, by student."""
    from nbgrader import api  # type: ignore[import-untyped]
    from sqlalchemy import Integer, func, select

    submission, notebook, grade = api.SubmittedAssignment, api.SubmittedNotebook, api.Grade
    waiting = func.max(func.coalesce(grade.needs_manual_grade, False).cast(Integer))
    query = (
        select(submission.student_id, func.coalesce(func.sum(grade.score), 0.0), waiting)
        .join(api.Assignment, api.Assignment.id == submission.assignment_id)
        .join(notebook, notebook.assignment_id == submission.id)
        .join(grade, grade.notebook_id == notebook.id)
        .where(api.Assignment.name == assignment)
        .group_by(submission.student_id)
    )
    found = book.db.execute(query).all()
    most = float(book.find_assignment(assignment).max_score) if found else 0.0
    return {student: Marks(float(score), most, bool(wait)) for student, score, wait in found}


def _refused(url: str, error: Exception) -> GraderError:
    shown = url.rpartition("@")[2]  # no password
    brief = str(error).split("\n", 1)[0]
    if "no such column" in brief or "UndefinedColumn" in brief:
        return GraderError(
            f"gradebook {shown}: is an older nbgrader's. Bring it up to date: nbgrader db upgrade"
        )
    if "locked" in brief:
        return GraderError(f"gradebook {shown}: another program is writing to it. Try again when it is done")
    return GraderError(f"gradebook {shown}: {brief}. Mend gradebook.url in grader.toml, or the database")
