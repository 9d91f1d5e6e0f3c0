"""A source, its syntax tree, and where in the source each node stands: mutants keep all they do not change."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Put ``text`` in the place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Change:
    """Edits that make one mutant; ``kind`` says in a few words what they do."""

    kind: str
    edits: tuple[Edit, ...]


class Written:
    """A source that parses. Raises :class:`SyntaxError` for one that does not."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self._bytes = source.encode()
        self._lines = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._parents = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def last_end(self, nodes: Sequence[ast.expr | ast.keyword]) -> int | None:
        """Where the last of them ends; None if there is none."""
        return max((self.end(node) for node in nodes), default=None)

    def of(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """The node as it is written."""
        return self.between(self.start(node), self.end(node))

    def between(self, start: int, end: int) -> str:
        return self._bytes[start:end].decode()

    def in_parentheses(self, node: ast.expr) -> bool:
        """Whether parentheses stand around it, which are no part of its place."""
        before, after = self._bytes[: self.start(node)].rstrip(), self._bytes[self.end(node) :].lstrip()
        return before.endswith(b"(") and after.startswith(b")")

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self._parents.get(node)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node but those inside an f-string, whose places are not those of the source."""
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            yield node
            if not isinstance(node, ast.JoinedStr):
                pending += reversed(list(ast.iter_child_nodes(node)))

    def replace(self, node: ast.expr | ast.stmt | ast.keyword, text: str) -> Edit:
        return Edit(self.start(node), self.end(node), text)

    def swap(self, one: ast.expr | ast.stmt, other: ast.expr | ast.stmt) -> tuple[Edit, Edit]:
        return self.replace(one, self.of(other)), self.replace(other, self.of(one))

    def without(self, nodes: list[ast.expr], place: int) -> Edit:
        """The element at ``place`` of ``nodes``, which commas part, taken out with one comma."""
        if place + 1 < len(nodes):
            return Edit(self.start(nodes[place]), self.start(nodes[place + 1]), "")
        if place > 0:
            return Edit(self.end(nodes[place - 1]), self.end(nodes[place]), "")
        return self.replace(nodes[place], "")

    def changed(self, change: Change) -> str:
        """The source after ``change``."""
        data = self._bytes
        for edit in sorted(change.edits, key=lambda edit: edit.start, reverse=True):
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        return data.decode()
