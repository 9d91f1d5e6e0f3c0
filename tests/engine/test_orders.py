"""The assignment as it travels to a worker of a cluster, and as it lies there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import assignment_files
from autograder.course.config import Config, Course
from autograder.engine import orders
from autograder.engine.intake import Intake
from autograder.engine.options import Options
from tests.builders import write_course


@pytest.fixture
def _careless() -> Iterator[None]:
    """A machine whose users create files that anybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_careless")
def test_what_students_may_not_see_is_the_owners_alone(tmp_path: Path) -> None:
    """Wherever it is unpacked, others pass through the folder above: a slot's other user must."""
    course = Course(write_course(tmp_path / "course"), Config())
    setup = Intake.of(course, "tiny", Options(1, 7, None, frozenset()), ()).setup
    scratch = tmp_path / "scratch"
    scratch.mkdir(0o711)
    orders.unpack(orders.bundle(course.root, "tiny"), scratch / "course", setup)
    assert stat.S_IMODE((scratch / "course").stat().st_mode) == 0o700
    files = [path for path in (scratch / "course").rglob("*") if path.is_file()]
    assert len(files) == len(assignment_files.paths(course.root, "tiny")) > 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
