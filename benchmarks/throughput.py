"""A submission's time here, beside the bare floor, ``nbgrader autograde`` and ``otter run``, in one run.

    python benchmarks/throughput.py [--rounds N] [--copies N] [--only NAME ...]

The same notebooks for all: copies of a right answer to dl1, each with a comment of its own in every answer. Rounds
alternate between the four, so that what else the machine does falls on all of them. For each: the seconds by the clock
and the processor time of everything that took part, per notebook, medians over the rounds.

    ours      one worker, everything included: confinement, all checks, evidence, results and pages on disk
    ours, N   a worker on each of the N CPUs, as `grader grade` runs; the others run on one at a time
    floor     a fork of a warm interpreter that runs the same cells in a ready shell, and nothing else
    nbgrader  `nbgrader autograde` of a class, with one cell of asserts a question
    otter     `otter run`, with the same asserts, in an environment of its own that is made under build/
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from autograder.course.config import LAYERS, find_course
from autograder.engine.local import run
from autograder.engine.options import Options, Record
from autograder.records.store import Store
from autograder.submissions.found import Found

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
OTTER = "otter-grader==7.0.0"
ASSERTS = {  # one cell a question
    "linear": "assert tuple(output_tensor.shape) == (1, 5)\nassert linear_layer.bias is not None",
    "conv": "assert tuple(output_tensor.shape) == (1, 16, 30, 30)",
    "pool": "assert tuple(output_tensor.shape) == (1, 16, 31, 31)",
    "lstm": "assert tuple(output_tensor.shape) == (4, 7, 20)",
    "shapes": "assert tuple(predicted_shapes['linear']) == (4, 3, 7)",
    "activations": "assert torch.allclose(softmax_output, torch.softmax(x, dim=1))",
    "dropout": "assert torch.equal(eval_output, input_data)",
    "loss": "assert torch.allclose(mse_loss, ((predictions - targets) ** 2).mean())",
    "sequential": "assert tuple(model(torch.zeros(3, 784)).shape) == (3, 10)",
    "custom_model": "assert isinstance(model, CustomModel)",
    "optimizer": "assert sgd.param_groups[0]['momentum'] == 0.9",
}


@dataclass
class Measured:
    """Per notebook, one entry a round."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def copies(folder: Path) -> Iterator[Path]:
    """One notebook after the other, no two alike."""
    right = json.loads(next((ROOT / "submitted/perfect/dl1").glob("*.ipynb")).read_bytes())
    number = 0
    while True:
        for cell in right["cells"]:
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
                kept = "".join(cell["source"]).partition("\n# copy ")[0]
                cell["source"] = f"{kept}\n# copy {number}"
        path = folder / f"copy-{number:06}.ipynb"
        path.write_text(json.dumps(right), encoding="utf-8")
        yield path
        number += 1


def tested(notebook: Path, nbgrader: bool) -> dict[str, Any]:
    """The notebook with a cell of asserts behind each question, as nbgrader wants it."""
    content: dict[str, Any] = json.loads(notebook.read_bytes())
    cells = []
    for cell in content["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        cells.append(cell)
        if cell["cell_type"] == "code" and about.get("solution"):
            name = about["grade_id"]
            cell["metadata"]["nbgrader"] = about | {"grade": False}
            cell["metadata"]["nbgrader"].pop("points", None)
            test = {
                "grade": True,
                "solution": False,
                "locked": True,
                "task": False,
                "points": 1,
                "schema_version": 3,
            }
            cells.append(
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "outputs": [],
                    "source": ASSERTS[name],
                    "metadata": {"nbgrader": test | {"grade_id": f"test-{name}"}},
                }
            )
    return content | {"cells": cells} if nbgrader else content


class Ours:
    """Workers that are kept warm between the rounds; their first notebooks of a round are not counted."""

    def __init__(self, folder: Path, notebooks: Iterator[Path], workers: int, rounds: int, copies: int) -> None:
        self.waiting = 2 * workers + 1  # what was under way, or done, while others were measured
        total = rounds * (copies + self.waiting) + 4 * workers
        found = [Found(f"s{number:06}", next(notebooks)) for number in range(total)]
        self._store = Store(folder / f"graded-by-{workers}")
        options = Options(workers, 1, None, frozenset(LAYERS))
        self._records: Iterator[Record] = run(find_course(ROOT), "dl1", found, options)

    def __call__(self, count: int) -> None:
        for _ in range(count):
            record = next(self._records)
            assert record.result.score == record.result.max_score, record.result.student
            self._store.write(record)

    def close(self) -> None:
        self._records.close()  # type: ignore[attr-defined]  # a generator


class Floor:
    """The warm interpreter is this process."""

    def __init__(self, notebook: Path) -> None:
        import torch
        from IPython.core.interactiveshell import InteractiveShell

        torch.set_num_threads(1)
        cells = json.loads(notebook.read_bytes())["cells"]
        self._sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        self._shell = InteractiveShell()
        with contextlib.redirect_stdout(io.StringIO()):
            for source in self._sources:  # whatever is slow the first time is paid here
                self._shell.run_cell(source)
        gc.collect()
        gc.freeze()

    def __call__(self, count: int) -> None:
        for _ in range(count):
            pid = os.fork()
            if pid == 0:
                with open(os.devnull, "w") as null:  # noqa: PTH123
                    sys.stdout = sys.stderr = null
                    for source in self._sources:
                        self._shell.run_cell(source)
                    os._exit(0)
            os.waitpid(pid, 0)


class Nbgrader:
    """A course of its own, with the asserts as its tests."""

    def __init__(self, folder: Path, notebooks: Iterator[Path]) -> None:
        self._folder, self._notebooks = folder / "nbgrader", notebooks
        source = self._folder / "source/dl1/dl1.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(tested(next(notebooks), nbgrader=True)), encoding="utf-8")
        self._run("generate_assignment", "dl1")

    def prepare(self, count: int) -> None:
        for folder in ("submitted", "autograded"):
            shutil.rmtree(self._folder / folder, ignore_errors=True)
        for number in range(count):
            path = self._folder / f"submitted/s{number}/dl1/dl1.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(tested(next(self._notebooks), nbgrader=True)), encoding="utf-8")

    def __call__(self, count: int) -> None:
        self._run("autograde", "dl1", "--force")
        assert len(list(self._folder.glob("autograded/*/dl1/dl1.ipynb"))) == count

    def _run(self, *arguments: str) -> None:
        environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "JUPYTER_PLATFORM_DIRS": "1"}
        ran = subprocess.run(
            [BIN / "nbgrader", *arguments, f"--course={self._folder}"],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-2_000:]


class Otter:
    """An environment of its own, which finds torch in this one."""

    def __init__(self, folder: Path, notebooks: Iterator[Path]) -> None:
        self._folder, self._notebooks = folder / "otter", notebooks
        self._waiting: list[Path] = []
        home = ROOT / "build/otter"
        self._command = home / "bin/otter"
        if not self._command.exists():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", OTTER], check=True)
            (here,) = BIN.parent.glob("lib/python*/site-packages")
            (there,) = home.glob("lib/python*/site-packages")
            (there / "zz_torch.pth").write_text(f"{here}\n")
        tests = self._folder / "tests"
        tests.mkdir(parents=True)
        for name, source in ASSERTS.items():
            case = {
                "code": "\n".join(f">>> {line}" for line in source.split("\n")),
                "hidden": False,
                "locked": False,
            }
            suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            test = {"name": name, "points": 1, "suites": [suite]}
            (tests / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
        self._run("generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")

    def prepare(self, count: int) -> None:
        self._waiting = [next(self._notebooks) for _ in range(count)]

    def __call__(self, count: int) -> None:
        for notebook in self._waiting[:count]:
            self._run("run", "-a", "autograder.zip", str(notebook))

    def _run(self, *arguments: str) -> None:
        ran = subprocess.run(
            [self._command, *arguments], cwd=self._folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr[-2_000:]


def processor_seconds() -> float:
    """Of this process and every one below it, ended ones included."""
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def measure(subject: Callable[[int], None], count: int, into: Measured) -> None:
    getattr(subject, "prepare", lambda _: None)(count)
    if isinstance(subject, Ours):
        subject(subject.waiting)
    before, began = processor_seconds(), time.perf_counter()
    subject(count)
    into.clock.append((time.perf_counter() - began) / count)
    into.processor.append((processor_seconds() - before) / count)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=30, help="of ours and the floor, each round")
    parser.add_argument("--only", nargs="+", choices=("nbgrader", "otter"), default=("nbgrader", "otter"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-throughput-") as name:
        folder = Path(name)
        notebooks = copies(folder)
        cpus = len(os.sched_getaffinity(0))
        ours = {
            "ours" if workers == 1 else f"ours, {workers}": Ours(
                folder, notebooks, workers, arguments.rounds, arguments.copies
            )
            for workers in sorted({1, cpus})
        }
        subjects: dict[str, tuple[Any, int]] = {"floor": (Floor(next(notebooks)), arguments.copies)}
        subjects |= {name: (subject, arguments.copies) for name, subject in ours.items()}
        if "nbgrader" in arguments.only:
            subjects["nbgrader"] = (Nbgrader(folder, notebooks), 4)
        if "otter" in arguments.only:
            subjects["otter"] = (Otter(folder, notebooks), 1)
        found = {name: Measured() for name in subjects}
        try:
            for number in range(arguments.rounds):
                for name, (subject, count) in subjects.items():
                    measure(subject, count, found[name])
                    print(f"round {number + 1}: {name} {found[name].clock[-1]:.3f} s", file=sys.stderr)
        finally:
            for subject in ours.values():
                subject.close()
    _show(found)


def _show(found: dict[str, Measured]) -> None:
    print(
        f"{'':<10}{'clock ms':>10}{'x floor':>9}{'x ours':>9}{'processor ms':>14}{'x floor':>9}{'x ours':>9}"
    )
    for name, measured in found.items():
        line = f"{name:<10}"
        for kind, width in (("clock", 10), ("processor", 14)):
            value, floor, own = (
                statistics.median(getattr(one, kind)) for one in (measured, found["floor"], found["ours"])
            )
            line += f"{value * 1000:>{width}.1f}{value / floor:>9.2f}{value / own:>9.2f}"
        print(line)


if __name__ == "__main__":
    main()
