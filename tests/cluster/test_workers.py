"""Any number of workers, submissions in any order: the same results."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.course.config import LAYERS, find_course
from autograder.engine import local
from autograder.engine.options import Options
from autograder.sandbox.layers import probe
from autograder.submissions.found import find
from tests.grading import courses

ANSWERS = {
    **{f"right{number}": f"{courses.FIRST}  # {number}" for number in range(6)},
    "wrong": "layer = nn.Linear(4, 2)\ny = layer(x)",
    "random": "layer = nn.Linear(4, 3)\ny = torch.rand(1, 3)",
    "raises": "layer = nn.Linear(4, 3)\ny = layer(z)",
    "ends": "import os\nos._exit(0)",
    "empty": "pass",
}


def graded(root: Path, workers: int, order: int) -> dict[str, Any]:
    """Everything but the timings, by student."""
    found = list(find([root / "submitted"], "two", ("en",)))
    random.Random(order).shuffle(found)
    records = local.run(find_course(root), "two", found, Options(workers, 7, None, frozenset(LAYERS)))
    return {
        record.result.student: (
            msgspec.to_builtins(msgspec.structs.replace(record.result, timing={}, usage={}, durations={})),
            record.html,
            record.markdown,
        )
        for record in records
    }


def test_workers_and_order_make_no_difference(tmp_path: Path) -> None:
    """One, two or eight workers: results and pages are equal to the last byte, but for how long things took."""
    if missing := [report.name for report in probe() if not report.works]:
        pytest.skip(f"needs every layer of the sandbox; missing: {', '.join(missing)}")
    courses.with_class(tmp_path, ANSWERS)
    alone = graded(tmp_path, workers=1, order=0)
    assert set(alone) == set(ANSWERS)
    assert graded(tmp_path, workers=2, order=1) == alone
    assert graded(tmp_path, workers=8, order=2) == alone
