"""How long one pull request with one notebook takes, from `grader ci` to its exit, imports included.

    python benchmarks/ci.py [--times N] [--submission NAME]

A repository with this course as its base and one notebook in its head is graded N times, each time by a new process,
as in CI. In turn with it, in the same run: importing torch alone in a new process, which is the floor (a worker and a
sandbox import it side by side). What the machine does besides is in the ratio as well as in the seconds; on two cores
with nothing else to do the seconds are what a student waits.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
GRADER = [
    sys.executable,
    "-c",
    "from autograder.cli import main; main()",
    "ci",
    "--base",
    "main",
    "--head",
    "pr",
]
TORCH = [sys.executable, "-c", "import torch"]


def repository(folder: Path, submission: str) -> None:
    """The course on main, and on pr one notebook more."""
    for name in ("grader.toml", "assignments", "solutions"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "course")
    git(folder, "switch", "-q", "-c", "pr")
    shutil.copytree(ROOT / "submitted" / submission, folder / "submitted" / submission)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "hand in")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def seconds(command: Sequence[str], folder: Path) -> float:
    """From the start of the process to its end."""
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    ended = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr.decode("utf-8", "replace"))
    return ended


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--submission", default="no-bias")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository(folder, arguments.submission)
        measured: dict[str, list[float]] = {"import torch": [], "grader ci": []}
        for _ in range(arguments.times):
            measured["import torch"].append(seconds(TORCH, folder))
            measured["grader ci"].append(seconds([*GRADER, "--out", str(folder / "graded")], folder))
    floor = statistics.median(measured["import torch"])
    print(f"{arguments.times} times in turn, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':<14}{'median s':>10}{'best s':>8}{'x import torch':>16}")
    for what, times in measured.items():
        median = statistics.median(times)
        print(f"{what:<14}{median:>10.2f}{min(times):>8.2f}{median / floor:>16.2f}")


if __name__ == "__main__":
    main()
