"""Which questions build on earlier ones: an optimizer on the model of the question before.

Read from the reference answers: a question builds on the last one before it that binds a name which it reads and
does not bind itself. What given cells bind in between is theirs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from autograder.course.assignment import Assignment
from autograder.notebooks.source import bound_names


def foundations(assignment: Assignment) -> Mapping[str, frozenset[str]]:
    """Question id → the ids of all earlier questions without whose answers it cannot be answered."""
    given = {cell.id: cell for cell in assignment.given}
    binder: dict[str, str | None] = {}  # name → the question that bound it last; None: a given cell
    for cell in assignment.given:
        if cell.question is None:
            binder |= dict.fromkeys(bound_names(cell.source) or ())
    found: dict[str, frozenset[str]] = {}
    for question in assignment.questions:
        for cell_id in question.given_cells:
            binder |= dict.fromkeys(bound_names(given[cell_id].source) or ())
        direct = {binder.get(name) for name in read_names(ast.parse(question.reference))} - {None}
        found[question.id] = frozenset(
            one for name in direct if name is not None for one in (name, *found[name])
        )
        binder |= dict.fromkeys(bound_names(question.reference) or (), question.id)
    return found


def read_names(tree: ast.Module) -> frozenset[str]:
    """The names that a cell may read before it binds them itself.

    What a function's body reads counts unless the cell's own statements bind it anywhere: when it is called is not
    known.
    """
    bound: set[str] = set()
    early: set[str] = set()
    late: set[str] = set()
    for statement in tree.body:
        for name, in_function in _loaded(statement, False):
            (late if in_function else early).add(name) if name not in bound else None
        bound |= bound_names(ast.unparse(statement)) or set()
    return frozenset(early | (late - bound))


def _loaded(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id, inside
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, inside
    for child in ast.iter_child_nodes(node):
        yield from _loaded(
            child, inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        )
