"""Many mutants in few notebooks: questions are judged apart, so that one notebook carries a mutant of each.

A question that builds on another shares no notebook with that one's mutants: it stands on the reference answer.
Questions that a notebook has no mutant for, and that nothing in it builds on, are left as they are handed out.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment
from autograder.handout.release import is_question
from autograder.mutation.mutants import Mutant

Pack = dict[str, Mutant]  # question id → its mutant


def packed(
    by_question: Mapping[str, Sequence[Mutant]], foundations: Mapping[str, frozenset[str]]
) -> Iterator[Pack]:
    """Every mutant in exactly one pack; the questions with the most mutants come first."""
    waiting = {question: deque(mutants) for question, mutants in by_question.items() if mutants}
    while waiting:
        pack: Pack = {}
        for question in sorted(waiting, key=lambda question: -len(waiting[question])):
            if all(apart(question, other, foundations) for other in pack):
                pack[question] = waiting[question].popleft()
        waiting = {question: mutants for question, mutants in waiting.items() if mutants}
        yield pack


def apart(one: str, other: str, foundations: Mapping[str, frozenset[str]]) -> bool:
    """Whether neither question builds on the other."""
    return one not in foundations[other] and other not in foundations[one]


class Notebooks:
    """The source notebook's code with answers of our choice."""

    def __init__(
        self, course_root: Path, assignment: Assignment, foundations: Mapping[str, frozenset[str]]
    ) -> None:
        path = course_root / "solutions" / assignment.name / f"{assignment.name}.ipynb"
        self._notebook: dict[str, Any] = json.loads(path.read_bytes())
        self._questions = {question.id: question for question in assignment.questions}
        self._foundations = foundations

    def of(self, answers: Mapping[str, str]) -> bytes:
        """A notebook with ``answers``, the reference of all they build on, and nothing else answered."""
        cells = []
        below = {name for question in answers for name in self._foundations[question]}
        for cell in self._notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            if is_question(cell):
                question = self._questions[cell["metadata"]["nbgrader"]["grade_id"]]
                left = question.reference if question.id in below else question.stub
                cell = cell | {"source": answers.get(question.id, left)}
            cells.append(cell)
        return json.dumps(self._notebook | {"cells": cells}, ensure_ascii=False).encode()
