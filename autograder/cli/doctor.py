"""``grader doctor``: what this machine can isolate, and how to get what is missing."""

from __future__ import annotations

import platform
from pathlib import Path

import typer

from autograder.course.config import FILE_NAME, LAYERS, Config, course_root, load
from autograder.escaping import terminal_line
from autograder.process.environment import version


def doctor() -> None:
    """Say what this machine can isolate.

    Exits with 2 if a layer does not work that the course requires.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.sandbox.layers import probe

    root = course_root(Path.cwd())
    config = load(root / FILE_NAME) if root else Config()
    required = config.sandbox.require
    reports = {report.name: report for report in probe(config.limits)}

    table = Table("layer", "required", "works", "why not and what to do, or what to know")
    for name in dict.fromkeys((*LAYERS, *reports)):
        report = reports.get(name)
        works = report is not None and report.works
        advice = "was not tried here"
        if report is not None:
            advice = report.why if works else f"{report.why}. {report.remedy}"
        cells = (name, "yes" if name in required else "no", "yes" if works else "NO", terminal_line(advice))
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    Console(highlight=False, emoji=False).print(table)
    print(f"required by: {terminal_line(str(root / FILE_NAME), 4000) if root else 'default, no course here'}")
    print(f"machine:     {platform.platform()}")
    print(f"versions:    Python {platform.python_version()}, torch {version('torch')}")

    missing = [name for name in required if name not in reports or not reports[name].works]
    if missing:
        print(f"grading other people's work is refused without: {', '.join(missing)}")
        raise typer.Exit(2)
    print("every required layer works")
