"""Who takes a course: a CSV file with a heading, one student a row.

=========================  ====================================================================
``student``                required: the id, as in ``submitted/<student>/``
``name``                   the whole name; or ``first_name`` and ``last_name``
``email``, ``group``       as they are
``canvas_id``, ``sis_id``  Canvas's user id and SIS user id
``login``                  Canvas's SIS login id
``moodle_id``              the number in Moodle's "Participant 1234"
``gradescope_sid``         Gradescope's student id
=========================  ====================================================================

Columns that are not known are an error: a misspelt ``emial`` would be missed only at the end of a term.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.errors import ConfigError

MAX_FILE_BYTES = 16 << 20


@dataclass(frozen=True)
class Student:
    """One student. What is not known is empty."""

    student: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    group: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    moodle_id: str = ""
    gradescope_sid: str = ""

    @property
    def full_name(self) -> str:
        return self.name or f"{self.first_name} {self.last_name}".strip()

    @property
    def surname(self) -> str:
        """The family name; of a name that was given whole, its last word."""
        return self.last_name or self.name.rpartition(" ")[2]

    @property
    def given_name(self) -> str:
        return self.first_name or self.name.rpartition(" ")[0]


Roster = Mapping[str, Student]  # by id
COLUMNS = tuple(field.name for field in fields(Student))


def read(path: Path) -> dict[str, Student]:
    """The students in the CSV file ``path``, in its order: UTF-8, with or without BOM, ``,`` or ``;``.

    Raises :class:`ConfigError`, naming the line, for anything that is not understood.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(path, "file", "is larger than 16 MiB", "Give a CSV file, one student a row")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        remedy = "roster.file in grader.toml names it, from the course's folder"
        raise ConfigError(path, "file", f"cannot be read ({error.strerror})", remedy) from None
    except UnicodeDecodeError as error:
        remedy = "Save it as CSV UTF-8"
        raise ConfigError(path, f"byte {error.start + 1}", "is not UTF-8", remedy) from None
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _students(path, rows)
    except csv.Error as error:
        raise ConfigError(path, "file", f"is no CSV ({error})", "Close every quotation mark") from None


def _students(path: Path, rows: Iterable[list[str]]) -> dict[str, Student]:
    found: dict[str, Student] = {}
    columns: list[str] | None = None
    for number, cells in enumerate(rows, start=1):
        row = [cell.strip() for cell in cells]
        if not any(row):
            continue
        if columns is None:
            columns = _columns(path, row)
            continue
        where = f"row {number}"
        if len(row) > len(columns) and any(row[len(columns) :]):
            raise ConfigError(
                path, where, "has more cells than the heading", "Quote cells with a comma in them"
            )
        student = Student(**dict(zip(columns, row, strict=False)))
        if not student.student:
            raise ConfigError(path, where, "names no student", "Fill in its `student` cell, or drop the row")
        if student.student in found:
            raise ConfigError(path, where, f"{student.student!r} is there already", "Remove one of the two")
        found[student.student] = student
    if columns is None:
        raise ConfigError(path, "file", "is empty", f"Its first row names the columns: {', '.join(COLUMNS)}")
    return found


def _columns(path: Path, row: list[str]) -> list[str]:
    columns = [name.lower().replace(" ", "_") for name in row]
    while columns and not columns[-1]:  # spreadsheets leave empty columns behind
        columns.pop()
    for name in columns:
        if name not in COLUMNS:
            raise ConfigError(path, f"column {name!r}", "is not known", f"Known here: {', '.join(COLUMNS)}")
    if len(set(columns)) < len(columns):
        raise ConfigError(path, "heading", "names a column twice", "Remove one of the two")
    if "student" not in columns:
        raise ConfigError(path, "heading", "has no column `student`", "It holds the students' ids")
    return columns
