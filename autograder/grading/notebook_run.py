"""One notebook, run as grading runs it, for whoever wants to look at its answers one by one.

Questions may be asked for in any order: the notebook runs on as far as the one that is wanted, and from the start
again for one that stands before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.course import assignment_files
from autograder.course.assignment import limits_of, load
from autograder.course.config import Course, Limits, find_course
from autograder.course.variants import laid_over
from autograder.errors import AssignmentError
from autograder.evidence.answer import Answer
from autograder.evidence.seeds import Seeds
from autograder.grading.answers import answers
from autograder.grading.execution import Execution
from autograder.grading.givens import givens
from autograder.notebooks.notebook import parse, read_file
from autograder.sandbox.layers import probe
from autograder.sandbox.slot import Slot
from autograder.submissions.plan import plan

FOR_EVER_SECONDS = 86_400.0


class NotebookRun:
    """Start it with :meth:`of`, end it with :meth:`close`.

    What is asked of an answer must be asked before the next one is wanted.
    """

    def __init__(self, course: Course, name: str, data: bytes, seed: int, limits: Limits, slot: Slot) -> None:
        self._assignment = load(course.root, name)
        self._plan = plan(self._assignment, parse(data))
        self._givens = givens(self._assignment)
        self._seeds = Seeds.of_run(seed).of(name)
        self._limits, self._slot = limits, slot
        self._execution: Execution | None = None
        self._coming: Iterator[Answer] = iter(())
        self._current: Answer | None = None

    @classmethod
    def of(cls, checks: Path, notebook: Path, seed: int, *, clocks: bool) -> NotebookRun:
        """The notebook as an answer to the assignment whose check file is ``checks``, with every layer there is.

        A notebook in ``right/`` or ``wrong/`` is laid over the source. Without ``clocks`` nothing is ever late.
        Raises :class:`GraderError` for what is wrong with the course, :class:`UnreadableNotebook` for the notebook.
        """
        name = checks.parent.name
        course = find_course(checks.parent)
        if all(path != checks for path, _ in load(course.root, name).check_files):
            raise AssignmentError(
                f"{checks}: is no check file of an assignment. They are named in docs/authoring.md"
            )
        limits = limits_of(course, name)
        data = read_file(notebook, limits.notebook_mib << 20)
        source = course.root / "solutions" / name / f"{name}.ipynb"
        if notebook.parent.parent == source.parent and notebook.parent.name in ("right", "wrong"):
            data = laid_over(json.loads(source.read_bytes()), notebook, data)
        layers = [layer.name for layer in probe() if layer.works]
        files = assignment_files.data(course.root, name)
        slot = Slot(limits=limits, layers=layers, preload=course.config.environment.preload, files=files)
        endless = msgspec.structs.replace(limits, submission_seconds=FOR_EVER_SECONDS)
        if not clocks:
            endless = msgspec.structs.replace(endless, cell_seconds=FOR_EVER_SECONDS)
        run = cls(course, name, data, seed, endless, slot)
        slot.launch()
        slot.wait()
        return run

    def answer(self, question: str) -> Answer | None:
        """The answer to the question, after running all that stands before it; None if there is none.

        Raises :class:`AssignmentError` for a question that the assignment does not have.
        """
        if question not in self._plan.blocks:
            known = ", ".join(self._plan.blocks)
            raise AssignmentError(
                f"assignment {self._assignment.name!r} has no question {question!r}; it has {known}"
            )
        if self._plan.blocks[question].state != "answered":
            return None
        if self._current is not None and self._current.question == question:
            return self._current
        found = next((one for one in self._coming if one.question == question), None)
        if found is None:
            self._start()
            found = next((one for one in self._coming if one.question == question), None)
        self._current = found
        return found

    def close(self) -> None:
        try:
            if self._execution is not None:
                self._execution.close()
        finally:
            self._slot.close()

    def _start(self) -> None:
        if self._execution is not None:
            self._execution.close()
        cells = self._plan.cells
        self._execution = Execution(self._slot, cells, self._limits, self._seeds.number("runner"))
        made = answers(self._assignment, self._plan, self._execution, self._seeds, self._givens, [])
        self._coming = (one.answer for one in made)
