"""Where a submission's milliseconds go, beside the floor: a fork of a warm interpreter that runs the same cells.

    python benchmarks/stages.py [ASSIGNMENT] [--submission NAME ...] [--copies N]

One worker grades N copies of one sample submission, or of several in turn; every stage's median comes from the results
themselves. The floor is measured in the same run: torch and IPython imported once, then a bare fork that runs the first
notebook's code cells in a ready shell and exits, with no confinement, no question asked, nothing judged. The stages
``fork`` and ``cells`` of the gradings themselves are a second, lower floor: cells take a shorter way than IPython's.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import itertools
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.course.config import find_course
from autograder.engine.local import run
from autograder.engine.options import Options, Record
from autograder.notebooks.notebook import parse
from autograder.submissions.found import Found


def floor_seconds(sources: Sequence[str], times: int) -> list[float]:
    """Seconds from fork to exit, for a child that runs the cells and does nothing else."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell

    torch.set_num_threads(1)
    shell = InteractiveShell()
    with contextlib.redirect_stdout(io.StringIO()):
        for source in sources:  # whatever is slow the first time is paid here
            shell.run_cell(source)
    gc.collect()
    gc.freeze()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            with open(os.devnull, "w") as null:  # noqa: PTH123
                sys.stdout = sys.stderr = null
                for source in sources:
                    shell.run_cell(source)
                os._exit(0)
        os.waitpid(pid, 0)
        seconds.append(time.perf_counter() - began)
    return seconds


def graded(
    course_folder: Path, assignment: str, notebooks: Sequence[Path], copies: int
) -> tuple[list[Record], list[float]]:
    """The records of ``copies`` gradings by one worker, and the seconds between one and the next."""
    turns = itertools.cycle(notebooks)
    found = [Found(f"copy-{number:05}", next(turns)) for number in range(copies)]
    options = Options(workers=1, seed=1, language=None, require=frozenset())
    records, moments = [], []
    for record in run(find_course(course_folder), assignment, found, options):
        records.append(record)
        moments.append(time.perf_counter())
    return records, [later - earlier for earlier, later in itertools.pairwise(moments)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("assignment", nargs="?", default="dl1")
    parser.add_argument("--submission", nargs="+", default=["perfect"], help="folders of submitted/, in turn")
    parser.add_argument("--copies", type=int, default=60)
    arguments = parser.parse_args()
    course = find_course(Path.cwd())
    folders = [course.root / "submitted" / name / arguments.assignment for name in arguments.submission]
    notebooks = [next(iter(sorted(folder.glob("*.ipynb")))) for folder in folders]
    sources = [cell.source for cell in parse(notebooks[0].read_bytes()).cells if cell.kind == "code"]

    records, intervals = graded(course.root, arguments.assignment, notebooks, arguments.copies)
    floor = statistics.median(floor_seconds(sources, arguments.copies))
    whole = statistics.median(intervals)
    stages = {
        name: statistics.median(record.result.timing.get(name, 0.0) for record in records)
        for name in records[0].result.timing
    }
    print(f"{arguments.copies} copies of {', '.join(arguments.submission)}, one worker, medians")
    print(f"{'stage':<28}{'ms':>8}{'x floor':>9}")
    for name, seconds in stages.items():
        print(f"{name:<28}{seconds * 1000:>8.2f}{seconds / floor:>9.2f}")
    print(f"{'from one record to the next':<28}{whole * 1000:>8.2f}{whole / floor:>9.2f}")
    print(f"{'floor: fork and cells':<28}{floor * 1000:>8.2f}{1:>9.2f}")
    own = stages["fork"] + stages["cells"]
    print(f"{'our own fork and cells':<28}{own * 1000:>8.2f}{own / floor:>9.2f}  (all: {whole / own:.2f} times that)")


if __name__ == "__main__":
    main()
