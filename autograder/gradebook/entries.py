"""Grades put into the gradebook: one transaction, and nothing a person has set there is touched.

Written are the checks' scores (``auto_score``), the findings (``auto_comment``), late penalties and time stamps.
Manual scores, extra credit and comments stay: nbgrader takes a manual score over an automatic one. Where other work
came in than a manual score was given for, that cell asks for a person's look again. Cells that only a person grades
ask for one until they are graded. Writing the same results again changes nothing.

The rows are written with SQLAlchemy's core: nbgrader's own methods commit after each row, which takes 37 ms a
submission of 20 cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from autograder.course.roster import Roster, Student
from autograder.errors import AssignmentError
from autograder.gradebook.definition import Definition, GradedCell
from autograder.results import Result

if TYPE_CHECKING:
    from autograder.gradebook.book import Book

Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One graded submission. ``at`` is when it came as nbgrader reads ``timestamp.txt``, which formgrader compares:
    by UTC, without saying so.
    """

    result: Result
    at: datetime | None
    comments: Mapping[str, str]  # question → what was found, as Markdown
    extension: timedelta | None = None


@dataclass
class _Changes:
    """Rows to insert and to update, by table."""

    inserted: dict[str, list[Row]] = field(default_factory=dict)
    updated: dict[str, list[Row]] = field(default_factory=dict)

    def insert(self, table: str, **values: Any) -> str:
        identity = values.setdefault("id", uuid4().hex)
        self.inserted.setdefault(table, []).append(values)
        return str(identity)

    def update(self, table: str, row: Row, **values: Any) -> None:
        """Only what differs from ``row``, as it is in the database."""
        if any(row[name] != value for name, value in values.items()):
            self.updated.setdefault(table, []).append({"row_id": row["id"], **values})


def write(
    book: Book, definition: Definition, due: datetime | None, entries: Sequence[Entry], roster: Roster
) -> int:
    """Put ``entries`` in, and everybody in ``roster``; returns how many cells ask for a person's look.

    Raises :class:`AssignmentError` if people have graded a cell that the assignment no longer has.
    """
    with book.db.no_autoflush:
        try:
            assignment, notebook = _assignment(book, definition, due)
            cells = _cells(book, notebook, definition, entries)
            changes = _Changes()
            _students(book, changes, entries, roster)
            submissions = _submissions(book, changes, assignment, notebook, entries)
            waiting = _grades(book, changes, notebook, definition, cells, submissions)
            _flush(book, changes)
            book.db.commit()
        except BaseException:
            book.db.rollback()
            raise
    return waiting


def _assignment(book: Book, definition: Definition, due: datetime | None) -> tuple[Any, Any]:
    from nbgrader import api  # type: ignore[import-untyped]

    session = book.db
    assignment = session.query(api.Assignment).filter_by(name=definition.assignment).one_or_none()
    if assignment is None:
        assignment = api.Assignment(name=definition.assignment, course_id=book.course_id)
        session.add(assignment)
    if due is not None:
        assignment.duedate = due.astimezone(UTC).replace(tzinfo=None)
    session.flush()
    notebook = (
        session.query(api.Notebook)
        .filter_by(name=definition.assignment, assignment_id=assignment.id)
        .one_or_none()
    )
    if notebook is None:
        notebook = api.Notebook(name=definition.assignment)
        notebook.assignment_id = assignment.id
        session.add(notebook)
    notebook.kernelspec = definition.kernelspec
    session.flush()
    return assignment, notebook


def _cells(
    book: Book, notebook: Any, definition: Definition, entries: Iterable[Entry]
) -> dict[tuple[str, str], str]:
    """(type, name) → id of each cell of the notebook, brought to what the assignment has now."""
    from nbgrader import api

    session = book.db
    worth = {
        question.id: question.max_score
        for entry in entries
        for question in entry.result.questions  # a check that was added since the release counts at once
    }
    kinds = {"checked": api.GradeCell, "written": api.GradeCell, "task": api.TaskCell}
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in definition.graded:
        points = worth.get(cell.name, cell.points) if cell.kind == "checked" else cell.points
        wanted[kinds[cell.kind].__name__, cell.name] = {"max_score": points, "cell_type": cell.cell_type}
    wanted |= {("SolutionCell", name): {} for name in definition.solutions}
    there = {
        (cell.type, cell.name): cell
        for cell in session.query(api.BaseCell).filter_by(notebook_id=notebook.id)
    }
    _remove(book, definition, [there[key] for key in there.keys() - wanted.keys()])
    for key, values in wanted.items():
        if key not in there:
            there[key] = getattr(api, key[0])(name=key[1], notebook_id=notebook.id)
            session.add(there[key])
        for name, value in values.items():
            setattr(there[key], name, value)
    _source_cells(book, notebook, definition)
    session.flush()
    return {key: there[key].id for key in wanted}


def _remove(book: Book, definition: Definition, cells: Iterable[Any]) -> None:
    """Cells that the assignment no longer has, with their grades, unless a person has set something there."""
    from nbgrader import api
    from sqlalchemy import delete, or_, select

    for cell in cells:
        touched = book.db.execute(
            select(api.Grade.id).where(
                api.Grade.cell_id == cell.id,
                or_(api.Grade.manual_score.is_not(None), api.Grade.extra_credit.is_not(None)),
            )
        ).first()
        if touched:
            raise AssignmentError(
                f"gradebook: {definition.assignment}: {cell.name!r} was graded by a person and is no cell of the "
                "assignment any more. Put it back, or take it out of the gradebook with nbgrader"
            )
        for table in (api.Grade, api.Comment):
            book.db.execute(delete(table).where(table.cell_id == cell.id))
        book.db.delete(cell)
    book.db.flush()


def _source_cells(book: Book, notebook: Any, definition: Definition) -> None:
    from nbgrader import api

    there = {cell.name: cell for cell in book.db.query(api.SourceCell).filter_by(notebook_id=notebook.id)}
    wanted = {cell.name: cell for cell in definition.sources}
    for name in there.keys() - wanted.keys():
        book.db.delete(there[name])
    for name, source in wanted.items():
        cell = there.get(name)
        if cell is None:
            cell = api.SourceCell(name=name, notebook_id=notebook.id)
            book.db.add(cell)
        cell.cell_type, cell.locked = source.cell_type, source.locked
        cell.source, cell.checksum = source.source, source.metadata.get("checksum")


def _students(book: Book, changes: _Changes, entries: Sequence[Entry], roster: Roster) -> None:
    """What the roster knows replaces what the gradebook has; what it does not know stays."""
    from nbgrader import api
    from sqlalchemy import select

    table = api.Student.__table__
    there = {row["id"]: dict(row) for row in book.db.execute(select(table)).mappings()}
    everybody = {entry.result.student: Student(entry.result.student) for entry in entries} | dict(roster)
    for student, about in everybody.items():
        facts = {
            "first_name": about.given_name,
            "last_name": about.surname,
            "email": about.email,
            "lms_user_id": about.canvas_id,
        }
        known = {name: value[:128] for name, value in facts.items() if value}
        if student not in there:
            changes.insert("student", id=student, **{name: known.get(name) for name in facts})
        elif known:
            row = there[student]
            changes.update("student", row, **{name: known.get(name, row[name]) for name in facts})


def _submissions(
    book: Book, changes: _Changes, assignment: Any, notebook: Any, entries: Sequence[Entry]
) -> list[tuple[Entry, str, bool]]:
    """Each entry, the id of its submitted notebook, and whether other work came in than was there before."""
    from nbgrader import api
    from sqlalchemy import select

    submitted, notebooks = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
    query = select(submitted).where(submitted.c.assignment_id == assignment.id)
    there = {row["student_id"]: dict(row) for row in book.db.execute(query).mappings()}
    query = select(notebooks).where(notebooks.c.notebook_id == notebook.id)
    copies = {row["assignment_id"]: dict(row) for row in book.db.execute(query).mappings()}
    found = []
    for entry in entries:
        row, at = there.get(entry.result.student), entry.at
        if row is None:
            identity = changes.insert(
                "submitted_assignment",
                assignment_id=assignment.id,
                student_id=entry.result.student,
                timestamp=at,
                extension=entry.extension,
            )
        else:
            identity = row["id"]
            extension = entry.extension if entry.extension is not None else row["extension"]
            changes.update("submitted_assignment", row, timestamp=at, extension=extension)
        copy = copies.get(identity)
        if copy is None:
            copy_id = changes.insert(
                "submitted_notebook",
                assignment_id=identity,
                notebook_id=notebook.id,
                flagged=False,
                late_submission_penalty=entry.result.penalty,
            )
        else:
            copy_id = copy["id"]
            changes.update("submitted_notebook", copy, late_submission_penalty=entry.result.penalty)
        found.append((entry, copy_id, row is not None and row["timestamp"] != at))
    return found


def _grades(
    book: Book,
    changes: _Changes,
    notebook: Any,
    definition: Definition,
    cells: Mapping[tuple[str, str], str],
    submissions: Iterable[tuple[Entry, str, bool]],
) -> int:
    from nbgrader import api
    from sqlalchemy import select

    def rows(table: Any) -> dict[tuple[str, str], Row]:
        copies = api.SubmittedNotebook.__table__
        query = select(table).join(copies, copies.c.id == table.c.notebook_id)
        query = query.where(copies.c.notebook_id == notebook.id)
        return {(row["notebook_id"], row["cell_id"]): dict(row) for row in book.db.execute(query).mappings()}

    grades, comments = rows(api.Grade.__table__), rows(api.Comment.__table__)
    waiting = 0
    for entry, copy, renewed in submissions:
        scores = {question.id: question.score for question in entry.result.questions}
        for cell in definition.graded:
            cell_id = cells["TaskCell" if cell.kind == "task" else "GradeCell", cell.name]
            waiting += _grade(changes, grades.get((copy, cell_id)), copy, cell_id, cell, scores, renewed)
        answered = [cells["SolutionCell", name] for name in definition.solutions]
        tasks = [cells["TaskCell", cell.name] for cell in definition.graded if cell.kind == "task"]
        names = [*definition.solutions, *(cell.name for cell in definition.graded if cell.kind == "task")]
        for name, cell_id in zip(names, [*answered, *tasks], strict=True):
            row, comment = comments.get((copy, cell_id)), entry.comments.get(name) or None
            if row is None:
                changes.insert(
                    "comment", notebook_id=copy, cell_id=cell_id, auto_comment=comment, manual_comment=None
                )
            else:
                changes.update("comment", row, auto_comment=comment)
    return waiting


def _grade(
    changes: _Changes,
    row: Row | None,
    copy: str,
    cell_id: str,
    cell: GradedCell,
    scores: Mapping[str, float],
    renewed: bool,
) -> bool:
    """Write one cell's grade; whether it asks for a person's look."""
    score = scores.get(cell.name, 0.0) if cell.kind == "checked" else None
    waits = cell.kind != "checked"
    if row is not None and row["manual_score"] is not None:
        waits = bool(renewed or row["needs_manual_grade"])
    if row is None:
        changes.insert(
            "grade",
            notebook_id=copy,
            cell_id=cell_id,
            auto_score=score,
            manual_score=None,
            extra_credit=None,
            needs_manual_grade=waits,
        )
    else:
        changes.update("grade", row, auto_score=score, needs_manual_grade=waits)
    return waits


def _flush(book: Book, changes: _Changes) -> None:
    """The rows, table after table, those that others point to first."""
    from nbgrader import api
    from sqlalchemy import bindparam, insert, update

    tables = api.Base.metadata.tables
    for name in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
        table = tables[name]
        if inserted := changes.inserted.get(name):
            book.db.execute(insert(table), inserted)
        if updated := changes.updated.get(name):
            book.db.connection().execute(update(table).where(table.c.id == bindparam("row_id")), updated)
