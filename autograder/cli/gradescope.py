"""``grader gradescope-zip``: an autograder to upload to Gradescope."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import known
from autograder.cli.parameters import AssignmentName
from autograder.course.config import LAYERS, find_course
from autograder.errors import AssignmentError
from autograder.escaping import terminal_line
from autograder.process.environment import version
from autograder.results import write_atomically


def gradescope_zip(
    assignment: AssignmentName,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to put it; gradescope-ASSIGNMENT.zip if left out."),
    ] = None,
    torch_index: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where Gradescope takes torch from: the index of its CPU builds."),
    ] = None,
) -> None:
    """Make the zip of an autograder for Gradescope."""
    from autograder.course import assignment_files
    from autograder.exchange.gradescope_zip import REQUIRED, archive

    course = find_course(Path.cwd())
    known(course, assignment)
    if not any(name.startswith("solutions/") for name in assignment_files.paths(course.root, assignment)):
        raise AssignmentError(
            f"{course.root / 'solutions' / assignment}: is missing: grading needs its checks"
        )
    path = (output or Path(f"gradescope-{assignment}.zip")).absolute()
    data = archive(course, assignment, version("torch"), torch_index)
    write_atomically(path, data)
    print(f"written:  {terminal_line(str(path), 4000)} ({len(data) / 2**20:.1f} MiB)")
    print(f"sandbox:  it requires {', '.join(REQUIRED)} there, of {', '.join(LAYERS)} here.")
    print(
        "          A container of Gradescope's has no user namespaces, so that the layer namespaces cannot work, and"
    )
    print(
        "          landlock works if its kernel has it; each result says which did. Student code runs as a user of"
    )
    print(
        "          its own there, to whom /autograder is closed; the network is open to it only if seccomp fails."
    )
    print(
        "choose:   Ubuntu 22.04 or newer and at least 1 CPU with 1.5 GB; the smallest container is too small for torch"
    )
    if torch_index is None:
        print(
            "torch:    from pip's own index, with CUDA, several GB: --torch-index names one with CPU builds"
        )
