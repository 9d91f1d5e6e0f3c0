"""``grader check``: a student's own notebook and its public checks, in the terminal."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.machine import warn_of_missing_layers
from autograder.course.config import FILE_NAME, Config, Course, Language, course_root, find_course
from autograder.errors import AssignmentError, GraderError, UnreadableNotebook
from autograder.escaping import terminal_line
from autograder.languages import LANGUAGES
from autograder.process.interrupts import INTERRUPTED

if TYPE_CHECKING:
    from autograder.cli.verdicts import Terminal
    from autograder.course.assignment import Assignment
    from autograder.course.config import Limits
    from autograder.notebooks.notebook import Notebook
    from autograder.results import Result
    from autograder.sandbox.contract import Slot

SEED = 0  # one notebook gets one verdict, however often its student asks
MAX_FAULTS = 3
_end_process = os._exit  # a student's cells find another one


def check(
    notebook: Annotated[
        Path,
        typer.Argument(
            metavar="NOTEBOOK", help="The notebook.", exists=True, dir_okay=False, resolve_path=True
        ),
    ],
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run it confined, as grading does. Linux only.")
    ] = False,
    lang: Annotated[Language | None, typer.Option(help="Of the words, whatever the notebook names.")] = None,
) -> None:
    """Run the public checks on your own notebook.

    Exits with 1 if one of them does not pass.
    """
    try:
        passed = _passes(notebook, sandbox, lang)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    if not passed:
        raise typer.Exit(1)


def _passes(path: Path, sandbox: bool, lang: Language | None) -> bool:
    """Check and show; raises :class:`GraderError` for what is no fault of the notebook."""
    from autograder.cli.verdicts import Terminal
    from autograder.messages import catalogue
    from autograder.notebooks.notebook import parse, read_file

    place = _Place.of(path)
    try:
        data = read_file(path, place.config.limits.notebook_mib << 20)
        parsed = parse(data)
    except UnreadableNotebook as error:
        Terminal(lang or _language_in(path.name) or place.config.course.language).refuse(path.name, error)
        return False
    assignment, folder = place.assignment(parsed, data)
    language = lang or _language_of(assignment, parsed.language_hint, place.config.course.language)
    terminal = Terminal(language)
    result, faults = _result(path, data, assignment, folder, place.config, sandbox, terminal)
    terminal.show(result, catalogue(language).among(assignment.title, assignment.name))
    for fault in faults[:MAX_FAULTS]:
        print("\n".join(terminal_line(line, 1000) for line in fault.splitlines()), file=sys.stderr)
    if result.ungraded is not None and result.ungraded.fault == "grader":
        raise GraderError("the check could not be finished, through no fault of the notebook's")
    return terminal.all_passed(result)


@dataclass(frozen=True)
class _Place:
    """Where a notebook belongs: a folder that was handed out, or a course; else it may carry its checks."""

    notebook: Path
    handout: Path | None
    course: Course | None

    @classmethod
    def of(cls, notebook: Path) -> _Place:
        handout = next((one for one in notebook.parents if (one / "assignment.toml").is_file()), None)
        start = next((one for one in (notebook.parent, Path.cwd()) if course_root(one)), None)
        if handout is not None:
            start = (
                handout if course_root(handout) else None
            )  # settings of another course are not meant for it
        return cls(notebook, handout, find_course(start) if start else None)

    @property
    def config(self) -> Config:
        return self.course.config if self.course else Config()

    def assignment(self, parsed: Notebook, data: bytes) -> tuple[Assignment, Path]:
        """What the notebook answers, as students have it, and its folder; raises :class:`GraderError`."""
        from autograder.course.assignment import load_handout

        if self.handout is None and self.course is None and (carried := _carried(data)) is not None:
            return carried
        folder = self.handout or self._in_course(parsed)
        return load_handout(folder), folder

    def _in_course(self, parsed: Notebook) -> Path:
        if self.course is None:
            raise AssignmentError(
                f"{self.notebook.parent}: neither assignment.toml nor, above it, {FILE_NAME} is here, and the notebook "
                "carries no checks. Put it into the folder that was handed out with it"
            )
        names = self.course.assignments()
        hint = parsed.assignment_hint
        name = hint if hint in names else names[0] if len(names) == 1 else None
        if name is None:
            said = f"the notebook says it belongs to {hint!r}" if hint else "the notebook names no assignment"
            raise AssignmentError(
                f"{self.course.root / 'assignments'}: {said}. There are: {', '.join(names) or 'none'}. "
                "Take the notebook that was handed out"
            )
        return self.course.root / "assignments" / name


def _carried(data: bytes) -> tuple[Assignment, Path] | None:
    """The checks that came with the notebook itself."""
    from autograder.practice.handouts import carried, metadata_of

    try:
        return carried(metadata_of(json.loads(data)))
    except (ValueError, RecursionError):
        return None


def _result(
    path: Path,
    data: bytes,
    assignment: Assignment,
    folder: Path,
    config: Config,
    sandbox: bool,
    terminal: Terminal,
) -> tuple[Result, list[str]]:
    """The result of the public checks, and tracebacks of checks that failed themselves."""
    from autograder.course.config import merged
    from autograder.grading.grader import Grader
    from autograder.grading.job import Job
    from autograder.pytest_plugin import Replay, session

    limits = merged(config.limits, assignment.limits, folder / "assignment.toml")
    slot = _confined(config, limits, folder) if sandbox else _here(path, limits, terminal)
    done: list[tuple[Result, list[str]]] = []

    def grade(replay: Replay) -> None:
        slot.wait()
        grader = Grader(assignment, slot, replay, limits, SEED, terminal.language, expected=())
        done.append((grader.grade(Job(path.stem, path.name, data, terminal.language)), grader.faults))

    try:
        slot.launch()
        session(assignment, folder, grade)
    finally:
        slot.close()
    return done[0]


def _here(path: Path, limits: Limits, terminal: Terminal) -> Slot:
    from autograder.here import Here

    def give_up() -> None:
        terminal.give_up(limits.cell_seconds)
        _end_process(1)

    return Here(path.parent, give_up)


def _confined(config: Config, limits: Limits, folder: Path) -> Slot:
    if sys.platform != "linux":
        raise GraderError("--sandbox needs Linux. Leave it out: your own notebook may run without")
    from autograder.sandbox.slot import Slot

    layers = warn_of_missing_layers()
    return Slot(limits=limits, layers=layers, preload=config.environment.preload, files=folder / "data")


def _language_in(name: str) -> Language | None:
    """The language in a file name like ``dl1.ko.ipynb``."""
    return next((language for language in LANGUAGES if f".{language}." in name), None)


def _language_of(assignment: Assignment, hint: str | None, default: str) -> str:
    """The notebook's own, else the course's, else the first, of those that the assignment has."""
    wanted = (hint, default, *assignment.languages)
    return next(language for language in wanted if language in assignment.languages)
