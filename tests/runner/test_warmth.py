"""What is paid before the fork leaves nothing for a submission to find."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import random, torch, matplotlib.pyplot
from autograder.runner import cells, warmth
warmth.warm()
session = cells.session()
left = sorted(name for name in session.namespace if not name.startswith("_"))
print(left, matplotlib.pyplot.get_fignums(), torch.is_grad_enabled(), torch.get_num_threads())
"""


def test_nothing_of_the_warming_is_left() -> None:
    """No name but the shell's own, no figure, no mode that was changed."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit'] [] True 1", ran.stderr
