"""Lateness: what was due when, and what it costs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course.config import Config, Course, Late
from autograder.submissions import receipts
from autograder.submissions.found import Found
from autograder.submissions.lateness import arrival, hand_in, unread
from autograder.submissions.receipts import Receipt

DUE = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = Late(grace_minutes=10, percent_per_day=10, max_percent=25)


def penalty(late: timedelta, student: str = "kim", policy: Late = POLICY) -> tuple[int, float]:
    config = Config(late=policy, due={"dl1": DUE}, extensions={"dl1": {"lee": DUE + 7 * DAY}})
    handed_in = hand_in(config, "dl1", student, Receipt(at=DUE + late))
    assert handed_in is not None
    return handed_in.late_seconds, handed_in.penalty_percent


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-DAY, (0, 0)),
        (timedelta(), (0, 0)),
        (timedelta(minutes=10), (0, 0)),
        (timedelta(minutes=10, seconds=1), (601, 10)),
        (DAY, (86_400, 10)),
        (DAY + timedelta(seconds=1), (86_401, 20)),
        (10 * DAY, (864_000, 25)),
    ],
)
def test_each_day_that_has_begun_costs(late: timedelta, expected: tuple[int, float]) -> None:
    """Nothing within the grace period; after it the days count from the due date, up to the maximum."""
    assert penalty(late) == expected


def test_an_extension_is_a_due_date_of_ones_own() -> None:
    """Who has one is late only after it."""
    assert penalty(7 * DAY, "lee") == (0, 0)
    assert penalty(8 * DAY, "lee") == (86_400, 10)


def test_late_costs_nothing_by_default() -> None:
    """A course without a policy says how late, and takes nothing."""
    assert penalty(DAY, policy=Late()) == (86_400, 0)


def test_what_is_not_known_costs_nothing() -> None:
    """Without a date there is nothing to say; without a time of arrival only the date."""
    assert hand_in(Config(), "dl1", "kim", Receipt()) is None
    known = hand_in(Config(due={"dl1": DUE}, late=POLICY), "dl1", "kim", Receipt())
    assert known is not None
    assert (known.at, known.due, known.penalty_percent) == ("", "2026-10-01T23:59:00+00:00", 0)


def test_a_folder_of_ones_own_speaks_for_its_notebook(tmp_path: Path) -> None:
    """A time stamp counts in a student's own folder; in a flat one it would be everybody's."""
    course = Course(tmp_path, Config(due={"dl1": DUE}))
    (tmp_path / "timestamp.txt").write_text("2026-10-03 12:00:00 UTC")
    own = tmp_path / "kim" / "dl1"
    own.mkdir(parents=True)
    (own / "timestamp.txt").write_text("2026-10-02 12:00:00 UTC")
    there = arrival(course, "dl1", Found("kim", own / "dl1.ipynb"), b"x")
    flat = arrival(course, "dl1", Found("kim", tmp_path / "kim.ipynb"), b"x")
    assert there is not None
    assert there.at == "2026-10-02T12:00:00+00:00"
    assert flat is not None
    assert flat.at == ""


def test_a_time_stamp_that_names_no_moment_is_noticed_where_it_counts(tmp_path: Path) -> None:
    """KST is no zone that a computer knows: the student would never be late, and nobody would hear of it."""
    own = tmp_path / "kim" / "dl1"
    own.mkdir(parents=True)
    found = Found("kim", own / "dl1.ipynb")
    course = Course(tmp_path, Config(due={"dl1": DUE}))
    assert not unread(course, "dl1", found)
    (own / "timestamp.txt").write_text("2026-10-02 12:00:00 KST")
    assert unread(course, "dl1", found)
    assert not unread(Course(tmp_path, Config()), "dl1", found)
    assert not unread(course, "dl1", Found("kim", own / "deeper" / "dl1.ipynb"))
    (own / "timestamp.txt").write_text("2026-10-02 12:00:00 Asia/Seoul")
    assert not unread(course, "dl1", found)


def test_a_receipt_counts_before_a_time_stamp(tmp_path: Path) -> None:
    """What the import knew is the LMS's word; the student's folder is the student's."""
    course = Course(tmp_path, Config())
    (tmp_path / "kim").mkdir()
    (tmp_path / "kim" / "timestamp.txt").write_text("2026-10-02 12:00:00 UTC")
    receipt = Receipt(hashlib.sha256(b"x").hexdigest(), "canvas", DUE, 2, 3)
    receipts.write(tmp_path, "dl1", "kim", receipt)
    known = arrival(course, "dl1", Found("kim", tmp_path / "kim" / "dl1.ipynb"), b"x")
    assert known is not None
    assert (known.at, known.attempt, known.attempts) == ("2026-10-01T23:59:00+00:00", 2, 3)
