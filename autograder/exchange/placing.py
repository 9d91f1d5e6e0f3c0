"""Work from a download, put where grading looks: ``submitted/<student>/<assignment>/<assignment>.ipynb``.

Of several attempts the course's policy chooses, what was imported before being one of them. With the notebook go a
receipt (see :mod:`autograder.submissions.receipts`) and, where the time is known, nbgrader's ``timestamp.txt``. What
has no place is reported with its reason; nothing that lies there already is deleted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Literal

from autograder.course.config import Course
from autograder.course.roster import Roster, Student
from autograder.exchange.archive import Entry
from autograder.exchange.downloads import Arrival, Download
from autograder.exchange.matching import name_key
from autograder.exchange.table import ExchangeError
from autograder.results import write_atomically
from autograder.submissions import receipts
from autograder.submissions.found import SUBMITTED
from autograder.submissions.lateness import due, is_late
from autograder.submissions.receipts import TIMESTAMP_NAME, Receipt

Outcome = Literal["new", "changed", "unchanged", "kept"]  # kept: an earlier attempt counts

_TYPED = re.compile(r".*_(?:text|link)\.html")  # Canvas's names for what was no file
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass
class Placed:
    """What came of an import: student → outcome, and what could not be placed, with why."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)  # marked so by an LMS that does not say by how much


def place(course: Course, assignment: str, download: Download, roster: Roster) -> Placed:
    """Put every student's notebook into ``submitted/``."""
    placed = Placed()
    for entry in download.strays:
        if entry.refused or _TYPED.fullmatch(entry.name) or ".ipynb" in entry.name.lower():
            typed = "was typed in or linked to, which is no notebook" if _TYPED.fullmatch(entry.name) else ""
            placed.problems.append((entry.path, entry.refused or typed or "is nobody's by its name"))
    people = _People(roster)
    attempts: dict[str, list[Arrival]] = {}
    for arrival in download.arrivals:
        if arrival.assignment and arrival.assignment != assignment:
            continue
        student = people.student(arrival)
        if student.startswith(".") or not student:
            placed.problems.append((_shown(arrival), "its student's name is no folder's"))
            continue
        attempts.setdefault(student, []).append(arrival)
    for student, arrivals in sorted(attempts.items()):
        _place(course, assignment, student, arrivals, placed)
    return placed


def _place(
    course: Course, assignment: str, student: str, arrivals: Sequence[Arrival], placed: Placed
) -> None:
    most = course.config.limits.notebook_mib << 20
    ordered = sorted(
        arrivals, key=lambda one: (one.at is not None, one.at or datetime.min.replace(tzinfo=UTC))
    )
    candidates: list[tuple[Receipt, bytes | None]] = []
    earlier = _earlier(course, assignment, student)
    if earlier is not None:
        candidates.append((earlier, None))
    for arrival in ordered:
        entry = _notebook(arrival, assignment, placed)
        if entry is None:
            continue
        try:
            data = entry.read(most)
        except ExchangeError as error:
            placed.problems.append((entry.path, str(error)))
            continue
        digest = hashlib.sha256(data).hexdigest()
        if arrival.marked_late and arrival.at is None:
            placed.late.append(student)
        lms = arrival.lms | {"file": entry.name}
        receipt = Receipt(digest, arrival.origin, arrival.at, marked_late=arrival.marked_late, lms=lms)
        if earlier is not None and digest == earlier.sha256:
            candidates[0] = (receipt, data)  # the same work again: perhaps more is known of it now
        else:
            candidates.append((receipt, data))
    if not any(data is not None for _, data in candidates):
        return
    before = earlier.attempts - 1 if earlier else 0  # attempts that earlier imports knew of
    chosen = _chosen(course, assignment, student, [receipt for receipt, _ in candidates])
    receipt, taken = candidates[chosen]
    if taken is None:
        placed.outcomes[student] = "kept"
        return
    numbered = Receipt(
        receipt.sha256,
        receipt.origin,
        receipt.at,
        attempt=before + chosen + 1,
        attempts=before + len(candidates),
        marked_late=receipt.marked_late,
        lms=receipt.lms,
    )
    placed.outcomes[student] = _write(course, assignment, student, numbered, taken)


def _earlier(course: Course, assignment: str, student: str) -> Receipt | None:
    """The receipt of what lies there, if an import put it there."""
    try:
        data = (course.root / SUBMITTED / student / assignment / f"{assignment}.ipynb").read_bytes()
    except OSError:
        return None
    receipt = receipts.read(course.root, assignment, student, hashlib.sha256(data).hexdigest())
    return receipt if receipt.sha256 else None


def _chosen(course: Course, assignment: str, student: str, known: Sequence[Receipt]) -> int:
    """Which attempt counts, of those in order."""
    policy = course.config.late.attempt
    if policy == "first":
        return 0
    limit = due(course.config, assignment, student)
    if policy == "last_on_time":
        on_time = [
            number
            for number, receipt in enumerate(known)
            if not receipt.marked_late
            and not (receipt.at and limit and is_late(course.config, receipt.at, limit))
        ]
        if on_time:
            return on_time[-1]
    return len(known) - 1


def _notebook(arrival: Arrival, assignment: str, placed: Placed) -> Entry | None:
    """The one notebook of an attempt: named as the assignment is, else the last. What is not it is reported."""
    refused = [entry for entry in arrival.entries if entry.refused]
    placed.problems += [(entry.path, entry.refused) for entry in refused]
    notebooks = [entry for entry in arrival.entries if ".ipynb" in entry.name.lower() and not entry.refused]
    if not notebooks:
        if not refused:
            placed.problems.append((_shown(arrival), "no notebook is among its files"))
        return None
    official = [entry for entry in notebooks if _stem(entry.name).startswith(assignment)]
    chosen = (official or notebooks)[-1]
    taken = f"another notebook of this student was taken, {chosen.name}"
    placed.problems += [(entry.path, taken) for entry in notebooks if entry is not chosen]
    return chosen


def _stem(name: str) -> str:
    """``dl1`` for ``kimminsu_901_5501_dl1-2.ipynb`` and for ``dl1.ipynb``."""
    return PurePosixPath(name.rpartition("_")[2]).name


def _write(course: Course, assignment: str, student: str, receipt: Receipt, data: bytes) -> Outcome:
    folder = course.root / SUBMITTED / student / assignment
    notebook = folder / f"{assignment}.ipynb"
    before = notebook.read_bytes() if notebook.is_file() else None
    receipts.write(course.root, assignment, student, receipt)
    if before != data:
        write_atomically(notebook, data)
    if receipt.at is not None:  # for nbgrader
        stamp = receipt.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        write_atomically(folder / TIMESTAMP_NAME, stamp.encode() + b"\n")
    elif before != data:
        (folder / TIMESTAMP_NAME).unlink(missing_ok=True)  # it was another file's
    return "unchanged" if before == data else "new" if before is None else "changed"


class _People:
    """Who a download's students are in the course: by the roster's ids, then by a name that one alone has."""

    def __init__(self, roster: Roster) -> None:
        self._by_id: dict[object, str | None] = {}
        self._by_name: dict[object, str | None] = {}
        for about in roster.values():
            for column in ("canvas_id", "moodle_id", "gradescope_sid", "email"):
                self._note(self._by_id, (column, getattr(about, column).strip().casefold()), about.student)
            for key in _name_keys(about):
                self._note(self._by_name, key, about.student)

    def student(self, arrival: Arrival) -> str:
        """The course's id, or one made of what the LMS says, which is the same in every import."""
        if arrival.student:
            return _UNSAFE.sub("-", arrival.student)
        for column, value in arrival.ids.items():
            if value and (known := self._by_id.get((column, value.strip().casefold()))):
                return known
        if known := self._by_name.get(name_key(arrival.name)) or self._by_name.get(_squeezed(arrival.name)):
            return known
        identity = next((value for value in arrival.ids.values() if value), "") or arrival.lms.get(
            "user_id", ""
        )
        name = _UNSAFE.sub("-", "-".join(arrival.name.split()))
        return _UNSAFE.sub("-", "-".join(part for part in (name, identity) if part))[:150]

    @staticmethod
    def _note(table: dict[object, str | None], key: object, student: str) -> None:
        if key and not (isinstance(key, tuple) and not key[1]):
            table[key] = student if table.get(key, student) == student else None


def _name_keys(about: Student) -> Iterator[str]:
    if about.full_name:
        yield name_key(about.full_name)
        yield _squeezed(f"{about.surname} {about.given_name}")  # Canvas's sortable name, without its blanks


def _squeezed(name: str) -> str:
    return re.sub(r"\W", "", name).casefold()


def _shown(arrival: Arrival) -> str:
    return arrival.student or arrival.name or next(iter(arrival.ids.values()), "") or "somebody"
