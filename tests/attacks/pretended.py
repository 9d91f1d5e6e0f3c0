"""``grader grade`` with an engine that only pretends: as a process of its own, so that it can be interrupted.

python -m tests.attacks.pretended COURSE SECONDS_EACH ARGUMENTS…
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.engine.options import Record
from tests.cli.stub import Engine, LayerReport


def main() -> None:
    course, seconds, *arguments = sys.argv[1:]
    if limit := int(os.environ.get("LARGEST_FILE_BYTES", 0)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    os.chdir(course)
    engine: Any = ModuleType("autograder.engine.local")
    layers: Any = ModuleType("autograder.sandbox.layers")
    engine.run = lambda *given, **named: _slowly(Engine().run(*given, **named), float(seconds))
    layers.probe = lambda: [LayerReport("namespaces", True)]
    sys.modules |= {engine.__name__: engine, layers.__name__: layers}
    sys.argv = ["grader", *arguments]
    from autograder.cli import main as grader

    grader()


def _slowly(records: Iterator[Record], seconds: float) -> Iterator[Record]:
    for record in records:
        time.sleep(seconds)
        yield record


def submit(course: Path, students: int) -> None:
    """A course with that many submissions in ``course``."""
    from tests.builders import SETTINGS

    (course / "assignments/dl1").mkdir(parents=True)
    (course / "assignments/dl1/assignment.toml").write_text(SETTINGS, encoding="utf-8")
    (course / "grader.toml").touch()
    for number in range(students):
        file = course / "submitted" / f"student{number:03}" / "dl1" / "dl1.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text("{}", encoding="utf-8")


if __name__ == "__main__":
    main()
