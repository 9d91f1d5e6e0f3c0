"""Names: another one of those at hand, two targets exchanged, a name misspelt."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeGuard

from autograder.mutation.parts import is_self
from autograder.mutation.written import Change, Edit, Written


def names(
    written: Written, defines: Sequence[str], at_hand: Sequence[str], torch: Mapping[str, str]
) -> Iterator[Change]:
    """``defines`` are the names that are asked for, ``at_hand`` those that given cells bind."""
    own = _bound(written)
    yield from _misspelt(written, defines)
    yield from _values(written, own, [name for name in at_hand if name not in torch])
    yield from _attributes(written)
    yield from _methods(written)
    yield from _targets(written)


def _bound(written: Written) -> list[str]:
    """The variables that the cell itself binds, not those of its functions."""
    stored = [
        node.id
        for node in written.nodes()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and _function(written, node) is None
    ]
    return list(dict.fromkeys(stored))


def _misspelt(written: Written, asked: Sequence[str]) -> Iterator[Change]:
    """A name that is asked for, misspelt wherever it stands."""
    for name in asked:
        edits = [
            written.replace(node, f"{name}_")
            for node in written.nodes()
            if isinstance(node, ast.Name) and node.id == name
        ]
        edits += [
            _definition(written, node, f"{name}_")
            for node in written.nodes()
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name
        ]
        yield Change("a name misspelt", tuple(edits))


def _values(written: Written, own: Sequence[str], at_hand: Sequence[str]) -> Iterator[Change]:
    """A variable that is read, as each other one at hand; in a function, as one of its own."""
    for node in written.nodes():
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        function = _function(written, node)
        candidates = _locals(function) if function else [*own, *at_hand]
        for other in dict.fromkeys(candidates) if node.id in candidates else ():
            if other != node.id:
                yield Change("another name", (written.replace(node, other),))


def _attributes(written: Written) -> Iterator[Change]:
    """``self.one`` as each other attribute that the class keeps; and one misspelt where it is kept."""
    for owner in written.nodes():
        if not isinstance(owner, ast.ClassDef):
            continue
        own = [node for node in ast.walk(owner) if _is_own(node)]
        kept = list(dict.fromkeys(node.attr for node in own if isinstance(node.ctx, ast.Store)))
        for node in own:
            misspelt = isinstance(node.ctx, ast.Store)
            for other in [f"{node.attr}_"] if misspelt else kept:
                if other != node.attr and node.attr in kept:
                    end = written.end(node)
                    edit = Edit(end - len(node.attr.encode()), end, other)
                    yield Change("another attribute", (edit,))


def _is_own(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and is_self(node.value)


def _methods(written: Written) -> Iterator[Change]:
    """A method that is called otherwise, as ``forword``."""
    for node in written.nodes():
        if isinstance(node, ast.FunctionDef) and isinstance(written.parent(node), ast.ClassDef):
            yield Change("a name misspelt", (_definition(written, node, f"{node.name}_"),))


def _targets(written: Written) -> Iterator[Change]:
    """What two neighbouring assignments are called, exchanged."""
    for owner in written.nodes():
        body = getattr(owner, "body", None)
        for one, other in pairwise(body) if isinstance(body, list) else ():
            match one, other:
                case ast.Assign(targets=[first]), ast.Assign(targets=[second]):
                    yield Change("names exchanged", written.swap(first, second))


def _definition(written: Written, node: ast.ClassDef | ast.FunctionDef, text: str) -> Edit:
    found = re.compile(rf"(?:class|def)\s+({re.escape(node.name)})\b").search(written.of(node))
    assert found is not None
    start = written.start(node) + len(written.of(node)[: found.start(1)].encode())
    return Edit(start, start + len(node.name.encode()), text)


def _function(written: Written, node: ast.AST) -> ast.FunctionDef | None:
    parent = written.parent(node)
    while parent is not None and not isinstance(parent, ast.FunctionDef):
        parent = written.parent(parent)
    return parent


def _locals(function: ast.FunctionDef) -> list[str]:
    arguments = [argument.arg for argument in function.args.args]
    assigned = [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return [name for name in dict.fromkeys([*arguments, *assigned]) if name != "self"]
