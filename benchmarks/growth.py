"""Does a class of ten thousand cost a thousand times what a class of ten costs? Time and memory, plotted.

    python benchmarks/growth.py [--sizes 10 100 1000 10000] [--workers N] [--plots docs]

Runs ``grader grade dl1`` on classes of these sizes, no two notebooks alike, and the same command again, which keeps
every result. Memory is the trusted side's: the command and its workers, not what runs in their sandboxes;
its largest sum.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from throughput import ROOT, copies

LOOKED_AT_SECONDS = 1.0  # adding up a process's memory takes it milliseconds, which the run then lacks
PROGRAM = "from autograder.cli import main; main()"


def course(folder: Path, size: int) -> Path:
    """A copy of this repository's course with a class of ``size``."""
    for name in ("assignments", "solutions"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "grader.toml").touch()
    (folder / "submitted").mkdir()
    for _ in itertools.islice(copies(folder / "submitted"), size):
        pass
    return folder


def trusted_mib(run: psutil.Popen) -> float:
    """Memory of the command and its workers; what they share with each other and with sandboxes counts in parts."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for process in (run, *run.children()):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total / 2**20


def graded(root: Path, workers: int) -> tuple[float, float]:
    """Seconds of one run, and the most memory its trusted side held, in MiB."""
    began, most = time.perf_counter(), 0.0
    command = [sys.executable, "-c", PROGRAM, "grade", "dl1", "--workers", str(workers)]
    run = psutil.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    code = None
    while code is None:
        most = max(most, trusted_mib(run))
        with suppress(psutil.TimeoutExpired):
            code = run.wait(LOOKED_AT_SECONDS)
    if code != 0:
        raise SystemExit(f"grader grade exited with {code}")
    return time.perf_counter() - began, most


def plot(
    path: Path, sizes: Sequence[int], values: Sequence[float], label: str, bound: float | None = None
) -> None:
    import matplotlib as mpl
    from matplotlib import pyplot

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "autograder"  # the same picture for the same numbers
    figure, axes = pyplot.subplots(figsize=(6, 3.5))
    axes.plot(sizes, values, "o-")
    axes.set(xlabel="submissions", ylabel=label, xscale="log", yscale="log" if bound is None else "linear")
    if bound is not None:
        axes.axhline(bound, linestyle="--")
        axes.set_ylim(0, bound * 1.1)
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plots", type=Path, help="folder for growth-seconds.svg and growth-memory.svg")
    arguments = parser.parse_args()
    seconds, memory = [], []
    print(f"{'submissions':>12}{'s':>10}{'ms each':>10}{'MiB':>8}{'again s':>10}")
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="autograder-growth-") as name:
            root = course(Path(name), size)
            took, most = graded(root, arguments.workers)
            again, _ = graded(root, arguments.workers)
        seconds.append(took)
        memory.append(most)
        print(f"{size:>12}{took:>10.1f}{took / size * 1000:>10.1f}{most:>8.0f}{again:>10.1f}", flush=True)
    if arguments.plots:
        plot(arguments.plots / "growth-seconds.svg", arguments.sizes, seconds, "seconds")
        plot(arguments.plots / "growth-memory.svg", arguments.sizes, memory, "MiB, trusted side", bound=600)


if __name__ == "__main__":
    main()
