"""A log in which nothing that is shown becomes a command, read as GitHub's runner reads it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.ci.workflow_log import Command, commands

PROGRAM = """
import os, subprocess, sys
from autograder.ci.log import shielded
shout = "\\n::error::forged\\n  ::set-output name=x::y\\nx ##[error]forged\\n"
child = "import os, sys; os.write(1, sys.argv[1].encode()); os.write(2, (sys.argv[1] + 'left open').encode())"
print("::notice::before")
try:
    with shielded(GITHUB):
        print(f"{shout}::stop-commands::x\\n::x::")
        print(shout, file=sys.stderr)
        os.write(2, shout.encode())
        subprocess.run([sys.executable, "-c", child, shout])
        FAIL
finally:
    print("::notice::after")
"""


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_inside_is_a_command(fails: bool) -> None:
    """Neither stream, nor a program that is started, nor an exception lets a command through; later ones are."""
    program = PROGRAM.replace("GITHUB", "True").replace("FAIL", "raise SystemExit(3)" if fails else "pass")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == (3 if fails else 0)
    assert done.stderr == ""  # both are one stream: two would reach the runner in no certain order
    assert commands(done.stdout) == [Command("notice", {}, "before"), Command("notice", {}, "after")]
    assert done.stdout.count("forged") == 10


def test_the_token_is_another_each_time() -> None:
    """Nobody can write down beforehand what ends the shield."""
    program = PROGRAM.replace("GITHUB", "True").replace("FAIL", "pass")
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in range(2)
    ]
    tokens = {done.stdout.split(b"::stop-commands::", 1)[1].split(b"\n")[0] for done in runs}
    assert len(tokens) == 2
    assert all(len(token) == 64 for token in tokens)


def test_elsewhere_nothing_is_changed() -> None:
    """Outside of GitHub Actions the log is as it is, and the streams are two."""
    program = PROGRAM.replace("GITHUB", "False").replace("FAIL", "pass")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "stop-commands::x" in done.stdout
    assert done.stdout.count("stop-commands") == 1
    assert "forged" in done.stderr
