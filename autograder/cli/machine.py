"""The machine a run takes place on: how much of it there is, and what it cannot isolate."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from autograder.errors import GraderError
from autograder.escaping import terminal_line


def cpus() -> int:
    """The CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def need_grading(command: str) -> None:
    """Raise :class:`GraderError` where packages are missing that only the ``grading`` extra brings."""
    if missing := [name for name in ("nbgrader", "matplotlib", "yaml") if find_spec(name) is None]:
        raise GraderError(
            f"{command} needs more than `check` does; missing here: {', '.join(missing)}. "
            "Install `autograder[grading]` in place of `autograder`"
        )


def warn_of_missing_layers() -> list[str]:
    """A line of stderr for each layer that does not work here, where one's own work may run without; those that do."""
    from autograder.sandbox.layers import probe

    reports = probe()
    for layer in reports:
        if not layer.works:
            line = f"warning: without {layer.name}, which does not work here: {layer.why}. {layer.remedy}"
            print(terminal_line(line, 1000), file=sys.stderr)
    return [layer.name for layer in reports if layer.works]
