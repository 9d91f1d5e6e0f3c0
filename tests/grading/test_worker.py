"""A worker's process, through its own connection: when it ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from autograder import scaffold
from autograder.config import LAYERS, find_course
from autograder.engine.intake import Intake
from autograder.engine.options import Options
from autograder.engine.process import spawn
from autograder.grading import job as messages
from autograder.grading.job import Ready
from autograder.sandbox.layers import probe
from autograder.submissions import Found

SPINS = """

@layer.check(points=1, about={"en": "Nothing"})
def test_spins(answer):
    while answer.tensor("output").value.tolist() == [[4.0, 4.0]]:
        pass
"""


def test_a_worker_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Though it is at a check that never does, and nobody is there any more to kill it."""
    if missing := [report.name for report in probe() if not report.works]:
        pytest.skip(f"needs every layer of the sandbox; missing: {', '.join(missing)}")
    scaffold.write(tmp_path, "mini", ["en"])
    (tmp_path / "grader.toml").touch()
    hidden = tmp_path / "solutions/mini/test_hidden.py"
    hidden.write_text(hidden.read_text() + SPINS)
    notebook = tmp_path / "kim.ipynb"
    source = (tmp_path / "solutions/mini/mini.ipynb").read_text()
    notebook.write_text(source.replace("output = layer(x)", "output = torch.full((1, 2), 4.0)"))
    intake = Intake.of(find_course(tmp_path), "mini", Options(1, 7, None, frozenset()), LAYERS)
    worker = spawn(intake.setup, tmp_path)
    try:
        assert isinstance(worker.hear(), Ready)
        worker.connection.send_bytes(messages.encode(intake.job(Found("kim", notebook))))
        deadline = time.monotonic() + 60
        while worker.whereabouts.read() != "layer.spins" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert worker.whereabouts.read() == "layer.spins"
        worker.connection.close()
        assert worker.popen.wait(30) == 0
    finally:
        if worker.popen.poll() is None:
            os.kill(worker.popen.pid, signal.SIGKILL)
            worker.popen.wait()
        worker.whereabouts.close()
