"""``grader verify``: are an assignment's checks right about answers whose grade is known, and do they see a slip?"""

from __future__ import annotations

import itertools
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.machine import cpus, warn_of_missing_layers
from autograder.cli.parameters import AssignmentName, Workers
from autograder.course.config import find_course
from autograder.escaping import terminal_line

if TYPE_CHECKING:
    from autograder.course.config import Course
    from autograder.engine.options import Options
    from autograder.verification.causes import Tally
    from autograder.verification.verify import Hole


def verify(
    assignment: AssignmentName,
    workers: Workers = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, metavar="N", help="To verify as an earlier run did."),
    ] = None,
    mutants: Annotated[
        bool,
        typer.Option("--mutants", help="Prove them on the reference answers with one slip put into each."),
    ] = False,
) -> None:
    """Prove the checks on answers whose grade is known.

    Exits with 1 if one does not get the grade it must, or if a slip goes unnoticed.
    """
    from autograder.engine.options import Options

    course = find_course(Path.cwd())
    warn_of_missing_layers()
    options = Options(
        workers=workers or cpus(),
        seed=secrets.randbits(63) if seed is None else seed,
        language=None,
        require=frozenset(),  # these notebooks are the course's own work, no stranger's
    )
    whole = (_verify_mutants if mutants else _verify_known)(course, assignment, options)
    if not whole:
        raise typer.Exit(1)


def _verify_known(course: Course, assignment: str, options: Options) -> bool:
    from autograder.verification.verify import verify as prove

    proof = prove(course, assignment, options, _tell)
    _show(proof.holes)
    for note in proof.notes:
        print(f"note: {terminal_line(note, 4000)}")
    print(_counted(proof.diagnoses))
    holes = f"{len(proof.holes)} hole{'' if len(proof.holes) == 1 else 's'}"
    print(f"{proof.cases} notebooks, {proof.verdicts} verdicts, {holes}; seed {options.seed}", flush=True)
    return not proof.holes


def _verify_mutants(course: Course, assignment: str, options: Options) -> bool:
    from autograder.cli.mutants import show
    from autograder.mutation.proof import prove

    proof = prove(course, assignment, options, _tell)
    show(proof, options.seed)
    return proof.whole


def _counted(diagnoses: Tally) -> str:
    """How often the reason was told of what wrong notebooks lost, and how often that was the true one."""
    share = f"{100 * diagnoses.true / diagnoses.diagnosed:.4g} %" if diagnoses.diagnosed else "none given"
    return (
        f"{diagnoses.lost} check{'' if diagnoses.lost == 1 else 's'} lost by wrong notebooks, "
        f"{diagnoses.diagnosed} with a diagnosis, {diagnoses.true} of these the true cause ({share})"
    )


def _tell(done: str) -> None:
    print(f"graded {terminal_line(done, 200)}", file=sys.stderr, flush=True)


def _show(holes: tuple[Hole, ...]) -> None:
    """The holes, notebook by notebook: what was expected, and what happened instead."""
    for case, own in itertools.groupby(holes, key=lambda hole: hole.case):
        print(terminal_line(case))
        for hole in own:
            check, expected = terminal_line(hole.check), terminal_line(hole.expected)
            print(f"  {check}: expected: {expected}; happened: {terminal_line(hole.happened)}")
