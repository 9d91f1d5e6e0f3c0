"""Moodle: its grading worksheet filled in, and the feedback pages as a zip of feedback files.

From the sources of mod_assign. The worksheet is ``Identifier, Full name, …, Grade, Maximum grade, …, Last modified
(grade), Feedback comments`` with headings in the site's language, so that columns are known by what is in them:
identifiers end in the participant's number, and the maximum is one number in every row, with the grade on its
left. Moodle takes a row in only if "Last modified (grade)" is what it was: nothing but grades is written.

In the zip a file belongs to the participant whose number stands in ``<name>_<number>_assignfeedback_file_<file>``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.exchange import table
from autograder.exchange.filling import Filled, cell, number, scale, unplaced
from autograder.exchange.matching import Index, name_key, names
from autograder.exchange.standing import Standing
from autograder.exchange.table import Cell, ExchangeError, Table

_IDENTIFIER = re.compile(r"\D*?(\d+)\s*")
_GRADE = {"grade", "성적"}  # in the product's two languages; elsewhere the numbers decide
_NAME_COLUMN = 1
_UNSAFE = re.compile(r'[\x00-\x1f_/\\:*?"<>|.~]+')


def fill(path: Path, column: str | None, standings: Sequence[Standing]) -> Filled:
    """The worksheet in ``path`` with our points in its grade column, or the one called ``column``.

    Raises :class:`ExchangeError` if this is no grading worksheet, or its grades are no points.
    """
    sheet = table.read(path)
    rows = [row for row in sheet.rows[1:] if _participant(row[0])]
    if not rows:
        raise ExchangeError(
            f"{path}: is no Moodle grading worksheet: no first cell ends in a participant's number. "
            "Download it in Moodle from View all submissions, Download grading worksheet"
        )
    place = _grade_column(sheet, rows, column)
    maximum = rows[0][place + 1].value if len(rows[0]) > place + 1 else ""
    factor = scale(maximum, standings, f"{path}: column {sheet.rows[0][place].value!r}")
    decimal = sheet.decimal([row[place + 1].value for row in rows if len(row) > place + 1])
    participants = Index.of(standings, _participants)
    others = Index.of(
        standings, lambda one: [one.student, one.about.email, one.about.login, one.about.sis_id]
    )
    by_name = Index.of(standings, lambda one: names(one.about))
    changes: dict[Cell, str] = {}
    placed, strangers = set(), []
    for row in rows:
        standing = participants.get(_participant(row[0]))
        for other in row[_NAME_COLUMN + 1 : place] if standing is None else ():
            standing = standing or others.get(other.value)
        standing = standing or by_name.get(name_key(row[_NAME_COLUMN].value))
        if standing is None or len(row) <= place:
            strangers.append(f"{row[0].value} {row[_NAME_COLUMN].value}".strip())
            continue
        placed.add(standing.student)
        if standing.points is not None:
            changes[row[place]] = cell(standing.points * factor, decimal)
    return Filled(
        data=sheet.filled(changes),
        placed=len(placed),
        filled=len(changes),
        excused=0,
        rows=tuple(strangers),
        unplaced=unplaced(standings, placed),
        scaled=factor,
    )


def write_feedback(path: Path, pages: Iterable[tuple[Standing, Path]]) -> tuple[int, tuple[str, ...]]:
    """A zip of feedback files for Moodle at ``path``: how many went in, and whose participant is not known."""
    count, without = 0, []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for standing, page in pages:
            participant = next(iter(_participants(standing)), "")
            if not participant:
                without.append(standing.student)
                continue
            name = _UNSAFE.sub(" ", standing.about.full_name or standing.student).strip() or "student"
            archive.write(page, f"{name}_{participant}_assignfeedback_file_{page.name}")
            count += 1
    return count, tuple(without)


def _participants(standing: Standing) -> list[str]:
    kept = standing.receipt.lms.get("participant_id", "") if standing.receipt.origin == "moodle" else ""
    return [known for known in (standing.about.moodle_id or kept,) if known]


def _participant(cell: Cell) -> str:
    match = _IDENTIFIER.fullmatch(cell.value)
    return match[1] if match else ""


def _grade_column(sheet: Table, rows: Sequence[Sequence[Cell]], asked: str | None) -> int:
    heading = [cell.value.strip().casefold() for cell in sheet.rows[0]]
    wanted = {asked.strip().casefold()} if asked else _GRADE
    if named := [place for place, name in enumerate(heading) if name in wanted]:
        return named[0]
    width = min(map(len, rows))
    constant = [place for place in range(3, width) if asked is None and _is_maximum(rows, place)]
    if constant:
        return constant[-1] - 1  # where every grade is the same, the grades themselves come first
    there = ", ".join(repr(cell.value) for cell in sheet.rows[0])
    raise ExchangeError(f"{sheet.path}: which column holds the grades? Name one with --column: {there}")


def _is_maximum(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    values = {row[place].value.strip() for row in rows}
    try:
        return len(values) == 1 and number(values.pop()) > 0
    except ValueError:
        return False
