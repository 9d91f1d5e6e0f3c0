"""Canvas: its downloaded gradebook filled in, and the feedback pages as a zip that it takes back.

From Canvas's own importer, exporter and zipper. The gradebook is ``Student, ID, …, Section, <Title> (<id>), …``;
a row "Points Possible" follows, perhaps one about manual posting. Students are matched by ID, SIS user id, SIS
login id, then name. A column that Canvas does not know would become a new assignment, so that columns are never
added. ``EX`` means excused, and is left.

A zip of files goes back to "Upload Submissions": from each name Canvas takes the first two numbers between
underscores as the user's id and the attachment's, which only the names of its own download have. It shows the
page under the name of the file that was handed in.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from autograder.exchange import table
from autograder.exchange.filling import Filled, cell, scale, unplaced
from autograder.exchange.matching import Index, name_key, names
from autograder.exchange.standing import Standing
from autograder.exchange.table import Cell, ExchangeError

_COLUMN = re.compile(r"(.*) \((\d+)\)", re.DOTALL)


def fill(path: Path, titles: Sequence[str], standings: Sequence[Standing]) -> Filled:
    """The gradebook in ``path`` with our points in the column whose title or id is one of ``titles``.

    Raises :class:`ExchangeError` if this is no Canvas gradebook, or no or several columns could be meant.
    """
    sheet = table.read(path)
    heading = [cell.value.strip() for cell in sheet.rows[0]]
    students = _student_columns(path, heading)
    column = _column(path, heading, titles)
    points_row = next((row for row in sheet.rows[1:4] if "Points Possible" in row[0].value), None)
    possible = points_row[column].value if points_row and len(points_row) > column else ""
    if "read only" in possible:
        raise ExchangeError(f"{path}: column {heading[column]!r} is read only in Canvas. Choose another one")
    factor = scale(possible, standings, f"{path}: column {heading[column]!r}")
    decimal = sheet.decimal([row[column].value for row in sheet.rows[1:] if len(row) > column])
    indices = _indices(standings)
    changes: dict[Cell, str] = {}
    placed, strangers, excused = set(), [], 0
    for row in sheet.rows[1:]:
        if row is points_row or not row[0].value.strip() or len(row) <= column:
            continue
        standing = _whose(row, students, indices)
        if standing is None:
            identity = row[students["ID"]].value if students["ID"] < len(row) else ""
            strangers.append(f"{row[0].value} ({identity})")
            continue
        placed.add(standing.student)
        if row[column].value.strip().upper() == "EX":
            excused += 1
        elif standing.points is not None:
            changes[row[column]] = cell(standing.points * factor, decimal)
    return Filled(
        data=sheet.filled(changes),
        placed=len(placed),
        filled=len(changes),
        excused=excused,
        rows=tuple(strangers),
        unplaced=unplaced(standings, placed),
        scaled=factor,
    )


def write_feedback(path: Path, pages: Iterable[tuple[Standing, Path]]) -> tuple[int, tuple[str, ...]]:
    """A zip of feedback pages for Canvas at ``path``: how many went in, and whose could not.

    Only work that was imported from Canvas has the name that leads back.
    """
    count, without = 0, []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for standing, page in pages:
            name = standing.receipt.lms.get("file", "")
            if standing.receipt.origin != "canvas" or not name:
                without.append(standing.student)
                continue
            archive.write(page, PurePath(name).stem + ".html")
            count += 1
    return count, tuple(without)


def _student_columns(path: Path, heading: Sequence[str]) -> dict[str, int]:
    wanted = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID")
    columns = {name: heading.index(name) for name in wanted if name in heading}
    if "ID" not in columns or not {"Student", "LastName"} & columns.keys():
        raise ExchangeError(
            f"{path}: is no Canvas gradebook: its first row has no columns Student and ID. "
            "Export it in Canvas from Grades, Export"
        )
    return columns


def _column(path: Path, heading: Sequence[str], titles: Sequence[str]) -> int:
    columns = {place: match for place, name in enumerate(heading) if (match := _COLUMN.fullmatch(name))}
    wanted = {title.strip().casefold() for title in titles}
    found = [
        place
        for place, match in columns.items()
        if {match[0].casefold(), match[1].strip().casefold(), match[2]} & wanted
    ]
    if len(found) == 1:
        return found[0]
    there = ", ".join(repr(match[0]) for match in columns.values()) or "none with an assignment's id"
    problem = "several columns are called" if found else "no column is called"
    names = " or ".join(repr(title) for title in dict.fromkeys(titles))
    raise ExchangeError(f"{path}: {problem} {names}. Name one with --column: {there}")


def _indices(standings: Sequence[Standing]) -> Mapping[str, Index]:
    def canvas_ids(standing: Standing) -> list[str]:
        kept = standing.receipt.lms.get("user_id", "") if standing.receipt.origin == "canvas" else ""
        return [standing.about.canvas_id or kept]

    return {
        "ID": Index.of(standings, canvas_ids),
        "SIS User ID": Index.of(standings, lambda one: [one.about.sis_id or one.student]),
        "SIS Login ID": Index.of(standings, lambda one: [one.about.login or one.student, one.about.email]),
        "name": Index.of(standings, lambda one: names(one.about)),
    }


def _whose(row: Sequence[Cell], columns: Mapping[str, int], indices: Mapping[str, Index]) -> Standing | None:
    for name in ("ID", "SIS User ID", "SIS Login ID"):
        place = columns.get(name)
        if place is not None and place < len(row) and (found := indices[name].get(row[place].value)):
            return found
    parts = [row[columns[name]].value for name in ("Student", "LastName", "FirstName") if name in columns]
    return indices["name"].get(name_key(" ".join(parts)))
