"""When a submission was due and what its lateness costs: the course's late policy, applied.

The due date is the assignment's, or the student's own extension. A submission inside the grace period is not
late; past it, each day that has begun since the due date costs its percentage of all points there are, up to
the course's maximum. What is not known (no due date, no time of arrival) costs nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from autograder.course.config import Config, Course
from autograder.results import HandIn
from autograder.submissions import receipts
from autograder.submissions.found import Found, raw_name
from autograder.submissions.receipts import Receipt

_DAY = timedelta(days=1)


def arrival(course: Course, assignment: str, found: Found, data: bytes) -> HandIn | None:
    """How a submission on disk, ``data`` being its bytes, stands to its due date; None where nothing is known.

    Only a folder of the student's own has a ``timestamp.txt`` for its notebook: in a flat folder it would be
    everybody's.
    """
    digest = hashlib.sha256(data).hexdigest()
    receipt = receipts.read(course.root, assignment, found.student, digest)
    if receipt.at is None and _has_own_folder(found):
        receipt = msgspec.structs.replace(receipt, at=receipts.read_timestamp(found.path.parent))
    return hand_in(course.config, assignment, found.student, receipt)


def unread(course: Course, assignment: str, found: Found) -> bool:
    """Whether a submission that may be late has a ``timestamp.txt`` that does not say when it came."""
    limit = due(course.config, assignment, found.student)
    return limit is not None and _has_own_folder(found) and receipts.has_unread_timestamp(found.path.parent)


def _has_own_folder(found: Found) -> bool:
    folder = found.path.parent
    return found.student in (raw_name(folder.name), raw_name(folder.parent.name))


def due(config: Config, assignment: str, student: str) -> datetime | None:
    """When the student must have handed the assignment in; None if no date is set."""
    own = config.extensions.get(assignment, {}).get(student)
    return own or config.due.get(assignment)


def hand_in(config: Config, assignment: str, student: str, receipt: Receipt) -> HandIn | None:
    """How the submission that came with ``receipt`` stands to its due date; None where nothing is known."""
    limit = due(config, assignment, student)
    if receipt.at is None and limit is None:
        return None
    late, percent = timedelta(), 0.0
    if receipt.at is not None and limit is not None and is_late(config, receipt.at, limit):
        late = receipt.at - limit
        days = -(-late // _DAY)
        percent = min(days * config.late.percent_per_day, config.late.max_percent)
    at = receipt.at.astimezone(limit.tzinfo) if receipt.at and limit else receipt.at
    return HandIn(
        at=_written(at),  # by the clock of the due date, so that both can be compared at a glance
        due=_written(limit),
        late_seconds=int(late.total_seconds()),
        penalty_percent=percent,
        attempt=receipt.attempt,
        attempts=receipt.attempts,
    )


def is_late(config: Config, at: datetime, limit: datetime) -> bool:
    """Whether ``at`` is past the due date ``limit`` and its grace period."""
    return at > limit + timedelta(minutes=config.late.grace_minutes)


def _written(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")
