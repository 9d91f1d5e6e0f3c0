"""Calls: an argument left out or exchanged, a call skipped, two nested calls in the other order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from autograder.mutation.parts import is_self, named
from autograder.mutation.written import Change, Edit, Written


def calls(written: Written, names: Mapping[str, str]) -> Iterator[Change]:
    for node in written.nodes():
        if isinstance(node, ast.Call):
            yield from _keywords(written, node)
            yield from _skipped(written, node, names)
            yield from _nested(written, node)
            yield from _parameters(written, node)


def _keywords(written: Written, node: ast.Call) -> Iterator[Change]:
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is None:
            continue
        if place + 1 < len(node.keywords):
            edit = Edit(written.start(keyword), written.start(node.keywords[place + 1]), "")
            values = written.swap(keyword.value, node.keywords[place + 1].value)
            yield Change("arguments exchanged", values)
        else:
            before = written.last_end([*node.args, *node.keywords[:place]])
            edit = Edit(before or written.start(keyword), written.end(keyword), "")
        yield Change("an argument left out", (edit,))


def _skipped(written: Written, node: ast.Call, names: Mapping[str, str]) -> Iterator[Change]:
    """``f(x, …)`` and ``x.f(…)`` as ``x``: a layer that is not used."""
    if isinstance(written.parent(node), ast.Expr):
        return  # a statement: leaving it out is another change
    match node.func:
        case ast.Attribute(value=value) if named(node.func, names) is None and not is_self(value):
            yield Change("a call skipped", (written.replace(node, written.of(value)),))
    if node.args and not isinstance(node.args[0], (ast.Constant, ast.Starred)):
        yield Change("a call skipped", (written.replace(node, written.of(node.args[0])),))


def _nested(written: Written, node: ast.Call) -> Iterator[Change]:
    """``f(g(x))`` as ``g(f(x))``."""
    match node.args:
        case [ast.Call(args=[_], keywords=[], func=inner)] if not node.keywords:
            yield Change("calls in another order", written.swap(node.func, inner))


def _parameters(written: Written, node: ast.Call) -> Iterator[Change]:
    """``model.parameters()`` without the first or the last of them, as of a model that is not moved as a whole."""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "parameters" and not node.args:
        for part in ("[1:]", "[:-1]"):
            text = f"list({written.of(node)}){part}"
            yield Change("parameters left out", (written.replace(node, text),))
