"""A question's mutants: its reference answer with one thing changed, each only once."""

from __future__ import annotations

import ast
import difflib
import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.course.assignment import Assignment, Question
from autograder.errors import AssignmentError
from autograder.mutation.calls import calls
from autograder.mutation.constants import constants
from autograder.mutation.names import names
from autograder.mutation.operators import operators
from autograder.mutation.order import bases, elements, more_layers, statements
from autograder.mutation.parts import imported, relatives, settings
from autograder.mutation.written import Change, Written
from autograder.notebooks.source import bound_names


@dataclass(frozen=True)
class Mutant:
    """``source`` is the cell after the change, ``reference`` before; ``kind`` is the change in a few words."""

    question: str
    kind: str
    reference: str
    source: str

    @property
    def diff(self) -> str:
        """The change as a unified diff with the line before and the line after."""
        lines = difflib.unified_diff(
            self.reference.splitlines(), self.source.splitlines(), "reference", "mutant", n=1, lineterm=""
        )
        return "\n".join(lines)

    @property
    def line(self) -> int:
        """The first line that differs, counted from 1 in the question's cell."""
        return self._hunk()[0]

    @property
    def before(self) -> str:
        """The lines of the reference that are changed, without the indentation they share."""
        return self._hunk()[1]

    @property
    def after(self) -> str:
        """What stands in their place."""
        return self._hunk()[2]

    def _hunk(self) -> tuple[int, str, str]:
        old, new = self.reference.splitlines(), self.source.splitlines()
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        return start + 1, _dedented(old[start : len(old) - end]), _dedented(new[start : len(new) - end])


def mutants(assignment: Assignment, question: Question) -> list[Mutant]:
    """Every mutant of the question's answer that parses and is no other one's twin, in the order of the source.

    Raises :class:`AssignmentError` for an answer that is not plain Python.
    """
    try:
        written = Written(question.reference)
    except SyntaxError as error:
        raise AssignmentError(
            f"assignment {assignment.name!r}: question {question.id!r}: its answer is not plain Python ({error.msg}). "
            "Take IPython's own lines out of it"
        ) from None
    seen = {ast.dump(written.tree)}
    found = []
    for change in _changes(assignment, question, written):
        source = written.changed(change)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.dump(ast.parse(source))
        except (SyntaxError, ValueError):
            continue
        if tree not in seen:
            seen.add(tree)
            found.append(Mutant(question.id, change.kind, question.reference, source))
    return sorted(found, key=lambda mutant: mutant.line)


def _changes(assignment: Assignment, question: Question, written: Written) -> Iterator[Change]:
    given = {cell.id: cell.source for cell in assignment.given}
    torch = imported([*given.values(), question.reference])
    at_hand = [
        name
        for cell in question.given_cells
        for name in sorted(bound_names(given[cell]) or ())
        if name not in torch
    ]
    yield from constants(written)
    yield from operators(written)
    yield from relatives(written, torch)
    yield from settings(written, torch)
    yield from calls(written, torch)
    yield from elements(written)
    yield from more_layers(written, torch)
    yield from statements(written)
    yield from bases(written)
    yield from names(written, question.defines, at_hand, torch)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _dedented(lines: list[str]) -> str:
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return "\n".join(line[min(indents, default=0) :] for line in lines)
