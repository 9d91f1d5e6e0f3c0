"""Numbers, flags and texts that a student may get wrong."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from autograder.mutation.written import Change, Written


def constants(written: Written) -> Iterator[Change]:
    """Each constant by itself; and a number that stands in several places changed in all of them.

    The second is a model that still fits together, such as one with 129 hidden units for 128.
    """
    alike: dict[int, list[ast.Constant]] = defaultdict(list)
    for node in written.nodes():
        if not isinstance(node, ast.Constant) or _is_docstring(written, node):
            continue
        if type(node.value) is int:
            alike[node.value].append(node)
        for text in _others(node.value):
            yield Change("another constant", (written.replace(node, text),))
    for number, nodes in alike.items():
        if number > 1 and len(nodes) > 1:
            edits = tuple(written.replace(node, str(number + 1)) for node in nodes)
            yield Change("another constant everywhere", edits)


def _others(value: object) -> list[str]:
    match value:
        case bool():
            return [str(not value)]
        case int():
            return [str(value + 1), str(value - 1)]
        case float():
            others = [1.25 * value, value / 2] + ([1 - value] if 0 < value < 1 else [])
            return [repr(float(f"{other:.6g}")) for other in others if other != value]
        case str():
            return [repr(f"{value}_")]
        case _:
            return []


def _is_docstring(written: Written, node: ast.Constant) -> bool:
    return isinstance(written.parent(node), ast.Expr)
