"""The source around an answer: what explains a slip, read and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from autograder.notebooks.source import tree_of


@dataclass(frozen=True)
class Surroundings:
    """``block``: the question's own cells; ``cells``: every cell of the notebook by its position.

    ``binds``: the names that each of those cells binds at its top level; cells that were put back are at 0.
    ``asked``: the names that the question asks for.
    """

    block: tuple[str, ...] = ()
    cells: Mapping[int, str] = field(default_factory=dict)
    binds: Mapping[int, frozenset[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()

    @cached_property
    def trees(self) -> tuple[ast.Module, ...]:
        """The block's cells that parse."""
        return tuple(tree for tree in map(tree_of, self.block) if tree is not None)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the block."""
        for tree in self.trees:
            yield from ast.walk(tree)

    def class_(self, name: str) -> ast.ClassDef | None:
        """The block's last class of this name."""
        classes = [node for node in self.nodes() if isinstance(node, ast.ClassDef) and node.name == name]
        return classes[-1] if classes else None

    def line(self, cell: int, line: int) -> str:
        """One line of a cell, both counted from 1; empty where there is none."""
        lines = self.cells.get(cell, "").split("\n")
        return lines[line - 1] if 0 < line <= len(lines) else ""

    def function_at(self, cell: int, line: int) -> ast.FunctionDef | None:
        """The innermost function around this line of a cell."""
        around = [node for node in self._nodes_at(cell, line) if isinstance(node, ast.FunctionDef)]
        return max(around, key=lambda node: node.lineno, default=None)

    def calls(self, cell: int, line: int) -> list[ast.Call]:
        """The calls that begin on or reach over this line of a cell."""
        return [node for node in self._nodes_at(cell, line) if isinstance(node, ast.Call)]

    def _nodes_at(self, cell: int, line: int) -> Iterator[ast.expr | ast.stmt]:
        tree = tree_of(self.cells.get(cell, ""))
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.expr | ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
                yield node
