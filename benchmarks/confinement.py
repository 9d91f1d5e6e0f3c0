"""What confinement costs a submission: a confined runner beside an unconfined one and beside a bare fork.

    python benchmarks/confinement.py [--times N]

Three warm processes take turns, so that other work on the machine slows all of them alike: a slot with every layer, a
slot with none, and this very process, which has imported as much and forks a child that exits at once. A runner's
time is from asking for it to its word that it is confined; its end is from the kill to the report of it.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Iterable

from autograder.course.config import LAYERS
from autograder.sandbox.slot import Slot

BUDGET_MS = 5.0


def runner_ms(slot: Slot) -> tuple[float, float]:
    """Milliseconds until a runner is there, and until it is gone again."""
    began = time.perf_counter()
    runner = slot.fork()
    there = time.perf_counter()
    slot.retire(runner.channel)
    return 1_000 * (there - began), 1_000 * (time.perf_counter() - there)


def fork_ms() -> tuple[float, float]:
    """Milliseconds until a child of this process runs, and until it is gone."""
    reader, writer = os.pipe()
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.write(writer, b"x")
        os._exit(0)
    os.read(reader, 1)
    there = time.perf_counter()
    os.waitpid(pid, 0)
    os.close(reader)
    os.close(writer)
    return 1_000 * (there - began), 1_000 * (time.perf_counter() - there)


def started(number: int, layers: Iterable[str]) -> Slot:
    slot = Slot(number=number, layers=layers)
    slot.launch()
    slot.wait()
    return slot


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    times: int = parser.parse_args().times

    import torch  # noqa: F401 - what the bare fork has to copy
    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401

    confined, unconfined = started(0, LAYERS), started(1, ())
    gc.collect()
    gc.freeze()
    taken: dict[str, list[tuple[float, float]]] = {"confined": [], "unconfined": [], "bare fork": []}
    try:
        for turn in range(times + 10):
            measured = {"confined": runner_ms(confined), "unconfined": runner_ms(unconfined), "bare fork": fork_ms()}
            if turn >= 10:  # the first ones find caches cold
                for name, both in measured.items():
                    taken[name].append(both)
    finally:
        confined.close()
        unconfined.close()

    medians = {name: [statistics.median(column) for column in zip(*both, strict=True)] for name, both in taken.items()}
    floor = sum(medians["bare fork"])
    print(f"{times} runners of each kind in turn, medians in ms")
    print(f"{'':<14}{'start':>8}{'end':>8}{'both':>8}{'x bare fork':>13}")
    for name, (start, end) in medians.items():
        print(f"{name:<14}{start:>8.2f}{end:>8.2f}{start + end:>8.2f}{(start + end) / floor:>13.2f}")
    cost = sum(medians["confined"]) - sum(medians["unconfined"])
    print(f"confinement costs {cost:.2f} ms a submission (budget: {BUDGET_MS:g} ms), {cost / floor:.2f} x a bare fork")


if __name__ == "__main__":
    main()
