"""What is known of a submission's arrival: when it came, which attempt it is, whose it is in the LMS.

``grader import`` writes ``submitted/.receipts/<assignment>/<student>.json``, outside of the students' folders:
what a student hands in must not be able to say whose it is. A receipt is for the bytes that came with it, and
for none that took their place. Where there is none, nbgrader's ``timestamp.txt`` beside the notebook says when.
Neither has to be there: then nothing is late.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from autograder.results import write_atomically
from autograder.submissions.found import SUBMITTED, encoded

FOLDER = Path(SUBMITTED, ".receipts")
TIMESTAMP_NAME = "timestamp.txt"
MAX_TIMESTAMP_BYTES = 200

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\d*\s*(Z|[+-]\d\d:?\d\d|[A-Za-z]+(?:/[A-Za-z_+-]+)*)?"
)

Origin = Literal["canvas", "moodle", "gradescope", "nbgrader"]


class Receipt(Struct, frozen=True, omit_defaults=True):
    """``at``: when it was handed in, with its distance from UTC. Of ``attempts``, this is number ``attempt``.

    ``lms`` holds what the LMS calls it: ``file`` is its name in the download, which a re-upload needs.
    """

    sha256: str = ""
    origin: Origin | None = None
    at: datetime | None = None
    attempt: int = 1
    attempts: int = 1
    marked_late: bool = False  # by the LMS, which does not say by how much
    lms: dict[str, str] = {}


def path(course_root: Path, assignment: str, student: str) -> Path:
    return course_root / FOLDER / assignment / f"{encoded(student)}.json"


def write(course_root: Path, assignment: str, student: str, receipt: Receipt) -> None:
    data = msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n"
    write_atomically(path(course_root, assignment, student), data)


def read(course_root: Path, assignment: str, student: str, sha256: str) -> Receipt:
    """The receipt of the submission with these bytes; an empty one where none is kept, or it does not read."""
    try:
        receipt = msgspec.json.decode(path(course_root, assignment, student).read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Receipt()
    return receipt if receipt.sha256 == sha256 else Receipt()


def read_timestamp(folder: Path) -> datetime | None:
    """What ``timestamp.txt`` in a student's folder says; None where there is none, or a link, or no time in it."""
    written = _written_timestamp(folder)
    return None if written is None else parse_timestamp(written)


def has_unread_timestamp(folder: Path) -> bool:
    """Whether there is a ``timestamp.txt`` that does not say when."""
    written = _written_timestamp(folder)
    return written is not None and parse_timestamp(written) is None


def _written_timestamp(folder: Path) -> str | None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(folder / TIMESTAMP_NAME, flags), "rb") as file:
            return file.read(MAX_TIMESTAMP_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return None


def parse_timestamp(text: str) -> datetime | None:
    """The moment that nbgrader's ``2026-10-01 23:59:00.000000 UTC`` names; no zone means UTC, as in nbgrader.

    None if it is none.
    """
    match = _TIMESTAMP.fullmatch(text.strip())
    if match is None:
        return None
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(
            microsecond=int((match[3] or "0").ljust(6, "0"))
        )
        return at.replace(tzinfo=_zone(match[4] or "UTC"))
    except (ValueError, KeyError, OSError, OverflowError):  # no such date, no such zone
        return None


def _zone(name: str) -> timezone | ZoneInfo:
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[-2:])
        return timezone((-1 if name[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    return ZoneInfo(name)
