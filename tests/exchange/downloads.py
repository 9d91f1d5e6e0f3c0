"""Downloads as each system makes them, from the formats' own descriptions."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.course.config import Config, Course
from tests.builders import code, notebook


def work(text: str) -> bytes:
    """A student's notebook that says ``text``."""
    return notebook([code(text)])


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def course(root: Path, config: Config | None = None) -> Course:
    (root / "assignments/dl1").mkdir(parents=True, exist_ok=True)
    (root / "assignments/dl1/assignment.toml").touch()
    return Course(root, config or Config())


CANVAS = {
    "kimminsu_901_5501_dl1.ipynb": work("kim"),
    "leejo_LATE_902_5502_dl1-2.ipynb": work("lee"),
    "leejo_LATE_902_5503_notes.txt": b"x",
    "o_brien_903_5504_my_answers_2.ipynb": work("brien"),
    "anon_Ab3dE_5505_dl1.ipynb": work("anon"),
    "choi_904_text.html": b"<p>typed",
    "park_905_link.html": b"<p>linked",
}
MOODLE = {
    "Kim Minsu_123_assignsubmission_file/dl1.ipynb": work("kim"),
    "이 조_124_assignsubmission_file_/sub/dl1.ipynb": work("lee"),
    "Participant_125_assignsubmission_file_dl1.ipynb": work("blind"),
    "Ann_b_c_126_assignsubmission_file_my_dl1.ipynb": work("ann"),
    "Choi_127_assignsubmission_onlinetext/onlinetext.html": b"<p>typed",
}
GRADESCOPE_METADATA = """\
---
submission_11:
  :submitters:
  - :name: Kim Minsu
    :sid: '2026001'
    :email: kim@x.kr
  - :name: 이조
    :sid:
    :email: lee@x.kr
  :created_at: 2026-10-01 12:00:00.123456000 Z
  :score: !ruby/object:BigDecimal 27:0.1e1
  :results: &1
    :tests: []
submission_12:
  :submitters:
  - :name: Ann
    :sid: 3
    :email: ann@x.kr
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-10-02 12:00:00 Z
  :history:
  - *1
"""
GRADESCOPE = {
    "assignment_9_export/submission_metadata.yml": GRADESCOPE_METADATA.encode(),
    "assignment_9_export/submission_11/dl1.ipynb": work("kim and lee"),
    "assignment_9_export/submission_12/dl1.ipynb": work("ann"),
    "assignment_9_export/submission_13/dl1.ipynb": work("nobody"),
}
INBOUND = {
    "kim+dl1+2026-10-01 12:00:00.000000 UTC+a1/dl1.ipynb": work("kim 1"),
    "kim+dl1+2026-10-01 12:00:00.000000 UTC+a1/timestamp.txt": b"2020-01-01 00:00:00 UTC",
    "kim+dl1+2026-10-03 12:00:00.000000 UTC+b2/dl1.ipynb": work("kim 3"),
    "kim+dl1+2026-10-02 12:00:00.000000 UTC+c3/dl1.ipynb": work("kim 2"),
    "lee+dl1+2026-10-01 12:00:00.000000 UTC+d4/dl1.ipynb": work("lee"),
    "lee+dl2+2026-10-01 12:00:00.000000 UTC+e5/dl2.ipynb": work("other"),
}
TREE = {
    "submitted/kim/dl1/dl1.ipynb": work("kim"),
    "submitted/kim/dl1/timestamp.txt": b"2026-10-01 21:00:00 Asia/Seoul",
    "submitted/kim/dl2/dl2.ipynb": work("other"),
    "submitted/lee/dl1/dl1.ipynb": work("lee"),
}
