"""A worker's process, through its own connection: when it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import scaffold
from autograder.course.config import LAYERS, find_course
from autograder.engine.intake import Intake
from autograder.engine.options import Options
from autograder.engine.process import spawn
from autograder.grading import job as messages
from autograder.grading.job import Ready
from autograder.sandbox.layers import probe
from autograder.submissions.found import Found

SPINS = """

@layer.check(points=1, about={"en": "Nothing"})
def test_spins(answer):
    while answer.tensor("output").value.tolist() == [[4.0, 4.0]]:
        pass
"""


FEW_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from autograder.cli import main
main()
"""


@pytest.fixture(autouse=True)
def sandbox() -> None:
    if missing := [report.name for report in probe() if not report.works]:
        pytest.skip(f"needs every layer of the sandbox; missing: {', '.join(missing)}")


def test_a_machine_that_lets_no_runner_be_confined_ends_the_run_at_once(tmp_path: Path) -> None:
    """With the reason, the setting and exit code 2, before a whole class is ungraded one by one."""
    scaffold.write(tmp_path, "mini", ["en"])
    (tmp_path / "grader.toml").touch()
    for student in ("kim", "lee"):
        (tmp_path / "submitted").mkdir(exist_ok=True)
        shutil.copy(tmp_path / "solutions/mini/mini.ipynb", tmp_path / f"submitted/{student}.ipynb")
    command = [sys.executable, "-c", FEW_FILES, "grade", "mini"]
    environment = os.environ | {"PYTHONPATH": str(Path(scaffold.__file__).parents[2])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert "could not be confined: rlimits: open_files: 64 is all that this machine allows" in done.stderr
    assert "lower limits.open_files" in done.stderr
    assert not [*(tmp_path / "graded/results").rglob("*.json")]


def test_a_worker_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Though it is at a check that never does, and nobody is there any more to kill it."""
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
