"""Receipts and time stamps: what is known of an arrival, and what nobody can claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.submissions import receipts
from autograder.submissions.receipts import Receipt, parse_timestamp, read_timestamp

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-01 12:00:00.000000 UTC", NOON),
        ("2026-10-01 12:00:00 UTC\n", NOON),
        ("2026-10-01 12:00:00", NOON),
        ("2026-10-01T12:00:00Z", NOON),
        ("2026-10-01 21:00:00 Asia/Seoul", NOON),
        ("2026-10-01 21:00:00 +0900", NOON),
        ("2026-10-01 07:30:00 -04:30", NOON),
        ("2026-10-01 12:00:00.5 UTC", NOON + timedelta(seconds=0.5)),
        ("2026-13-01 12:00:00 UTC", None),
        ("2026-10-01 12:00:00 Nowhere/Land", None),
        ("2026-10-01 12:00:00 ../../etc/passwd", None),
        ("2026-10-01 12:00:00 +99:99", None),
        ("soon", None),
        ("", None),
    ],
)
def test_time_stamps_as_nbgrader_writes_them(text: str, at: datetime | None) -> None:
    """With a zone of any form, or none, which is UTC; anything else is no time."""
    assert parse_timestamp(text) == at


def test_a_time_stamp_is_no_link(tmp_path: Path) -> None:
    """A link in a student's folder is not followed; a file that is no text says nothing."""
    (tmp_path / "elsewhere").write_text("2026-10-01 12:00:00 UTC")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
    assert read_timestamp(tmp_path) is None
    (tmp_path / "timestamp.txt").unlink()
    (tmp_path / "timestamp.txt").write_bytes(b"\xff\xfe")
    assert read_timestamp(tmp_path) is None


def test_a_receipt_is_for_the_bytes_that_came_with_it(tmp_path: Path) -> None:
    """Whatever took their place has none; nor has another student's copy."""
    receipt = Receipt(
        "digest", "canvas", NOON.astimezone(timezone(timedelta(hours=9))), 2, 3, True, {"user_id": "7"}
    )
    receipts.write(tmp_path, "dl1", "Kim/..", receipt)
    assert receipts.read(tmp_path, "dl1", "Kim/..", "digest") == receipt
    assert receipts.read(tmp_path, "dl1", "Kim/..", "other") == Receipt()
    assert receipts.read(tmp_path, "dl1", "lee", "digest") == Receipt()
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "submitted/.receipts/dl1"]


def test_a_torn_receipt_is_none(tmp_path: Path) -> None:
    """Nothing is known then, and grading goes on."""
    receipts.write(tmp_path, "dl1", "kim", Receipt("digest"))
    receipts.path(tmp_path, "dl1", "kim").write_text('{"sha256": "digest", "at": 5')
    assert receipts.read(tmp_path, "dl1", "kim", "digest") == Receipt()
