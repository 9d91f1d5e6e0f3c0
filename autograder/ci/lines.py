"""Where a notebook's cells stand in its file: the line of the file for each line of a cell's source.

A notebook is JSON, usually with one line of source on each line of the file. The file is scanned for strings and
brackets alone, so that outputs cost little, and nothing of it has to be well formed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]', re.DOTALL)
MAX_STRING_BYTES = 1 << 20  # of one string of a source


@dataclass(frozen=True)
class Span:
    """Lines of the file, from 1, ``last`` included."""

    first: int
    last: int


@dataclass
class _Container:
    is_object: bool
    key: bytes | None = None  # the one whose value comes next
    index: int = 0


class Lines:
    """The cells of the notebook in ``data``; cells of a file that is no such JSON are simply not found."""

    def __init__(self, data: bytes) -> None:
        self._cells = _scan(data)

    def of_cell(self, position: int) -> Span | None:
        """The lines that hold the source of cell ``position``, which counts from 1."""
        lines = self._cells.get(position)
        return Span(lines[0], lines[-1]) if lines else None

    def of_line(self, position: int, line: int) -> Span | None:
        """The line that holds ``line`` of the source of cell ``position``, both from 1; the cell where it has none."""
        lines = self._cells.get(position, [])
        return Span(lines[line - 1], lines[line - 1]) if 1 <= line <= len(lines) else self.of_cell(position)


def _scan(data: bytes) -> dict[int, list[int]]:
    """Cell → for every line of its source, the file's line."""
    cells: dict[int, list[int]] = {}
    stack: list[_Container] = []
    line, counted = 1, 0
    for token in _TOKEN.finditer(data):
        sign = token[0][:1]
        line, counted = line + data.count(b"\n", counted, token.start()), token.start()
        top = stack[-1] if stack else None
        if sign in b"{[":
            stack.append(_Container(sign == b"{"))
        elif sign in b"}]":
            if stack:
                stack.pop()
        elif sign == b"," and top:
            top.key, top.index = None, top.index + 1
        elif sign == b'"' and top:
            if top.is_object and top.key is None:
                top.key = token[0]
            elif (cell := _cell_of(stack)) is not None:
                _add(cells.setdefault(cell, []), token[0], line)
    return cells


def _cell_of(stack: list[_Container]) -> int | None:
    """The cell whose source a string at this place is a part of."""
    in_list = len(stack) == 4 and not stack[3].is_object
    if len(stack) != 3 and not in_list:
        return None
    root, cells, cell = stack[:3]
    if root.key != b'"cells"' or cells.is_object or not cell.is_object or cell.key != b'"source"':
        return None
    return cells.index + 1


def _add(lines: list[int], string: bytes, line: int) -> None:
    """A string of a source usually is one of its lines, with its newline; it may be all of them."""
    if len(string) > MAX_STRING_BYTES:
        return
    try:
        text = str(json.loads(string))
    except ValueError:
        return
    count = text.count("\n") + (not text.endswith("\n")) if text else 0
    lines.extend([line] * count)
