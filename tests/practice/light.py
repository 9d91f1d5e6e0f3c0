"""What students install, alone in an empty environment: their notebook checks itself, and grading says what it lacks.

Run by ``make test-wheel`` beside a released notebook, with the wheel and no extra installed.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import time
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

HEAVY = ("nbgrader", "jupyterlab", "matplotlib", "sandlock", "sqlalchemy")
CELLS = [
    "import torch\nimport torch.nn as nn",
    "input_tensor = torch.linspace(-1, 1, 10).reshape(1, 10)",
    "linear_layer = nn.Linear(10, 5)\noutput_tensor = linear_layer(input_tensor)",
    "from autograder import check",
]
GRADER = [sys.executable, "-c", "from autograder.cli import main; main()"]

assert not [name for name in HEAVY if find_spec(name)], "the light install is not light"
shell: Any = InteractiveShell.instance()
for cell in CELLS:
    shell.run_cell(cell, store_history=True).raise_error()
seconds = []
for _ in range(3):
    began = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        shell.run_cell('check("linear")', store_history=True).raise_error()
    seconds.append(time.monotonic() - began)
    assert "선형 층: 통과 (4 / 4점)" in said.getvalue(), said.getvalue()
done = subprocess.run([*GRADER, "check", Path("dl1.ko.ipynb")], capture_output=True, text=True, check=False)
assert (done.returncode, done.stderr) == (1, ""), done.stderr  # nothing is answered yet
done = subprocess.run([*GRADER, "grade", "dl1"], capture_output=True, text=True, check=False)
assert done.returncode == 2
assert "autograder[grading]" in done.stderr, done.stderr
packages = len([*distributions()])
times = ", ".join(f"{one:.2f}" for one in seconds)
print(f"the light install checks on its own: {packages} packages, {times} s a check")
