"""What becomes of a command whose output nobody reads to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "from autograder.cli import main; main()"


def ended(*arguments: str, both: bool, folder: Path) -> subprocess.Popen[bytes]:
    """A command that has ended and whose stdout, or both of whose streams, were closed to it from the start."""
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=write,
        stderr=write if both else subprocess.PIPE,
    )
    os.close(write)
    process.wait()
    return process


@pytest.mark.parametrize("both", [False, True], ids=["stdout", "both"])
@pytest.mark.parametrize("arguments", [("doctor",), ("--help",), ("grade", "dl1")], ids=" ".join)
def test_output_that_nobody_reads_is_no_verdict(arguments: tuple[str, ...], both: bool, tmp_path: Path) -> None:
    """It ends as other programs do there, with 141, where 1 would say no to what was asked, and says nothing of it.

    A command that writes nothing to the closed pipe ends as it would have.
    """
    process = ended(*arguments, both=both, folder=tmp_path)
    assert process.returncode == (2 if arguments[0] == "grade" and not both else 141)
    if process.stderr:
        with process.stderr as stream:
            said = stream.read()
        assert b"Traceback" not in said
        assert b"BrokenPipe" not in said
