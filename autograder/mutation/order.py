"""Elements, layers and statements: one left out, one too many, two in the other order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise

from autograder.mutation.parts import is_self, named
from autograder.mutation.written import Change, Edit, Written

_HEADS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)


def elements(written: Written) -> Iterator[Change]:
    """The arguments of a call, and the entries of a tuple, list, set or dictionary."""
    for node in written.nodes():
        match node:
            case ast.Call(args=nodes) if nodes and node.keywords:
                yield from _exchanged(written, nodes)
            case ast.Call(args=nodes):
                yield from _elements(written, nodes, least=0)
            case ast.Tuple(elts=nodes) | ast.List(elts=nodes) | ast.Set(elts=nodes):
                yield from _elements(written, nodes, least=2 if isinstance(node, ast.Tuple) else 0)
            case ast.Dict(keys=keys, values=values):
                yield from _entries(written, keys, values)


def more_layers(written: Written, names: Mapping[str, str]) -> Iterator[Change]:
    """An activation too many: behind every part of a Sequential, around every layer that a class calls."""
    for node in written.nodes():
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and named(node.func, names) == "torch.nn.Sequential":
            package = written.of(node.func.value)
            for one in node.args:
                end = written.end(one)
                for layer in ("ReLU", "Tanh"):
                    yield Change("a layer too many", (Edit(end, end, f", {package}.{layer}()"),))
        elif isinstance(node.func, ast.Attribute) and is_self(node.func.value):
            for name, whole in names.items():
                if whole == "torch":
                    for function in ("relu", "tanh"):
                        text = f"{name}.{function}({written.of(node)})"
                        yield Change("a layer too many", (written.replace(node, text),))


def statements(written: Written) -> Iterator[Change]:
    """The statements of every body: left out, twice where that may matter, exchanged with the next."""
    for node in written.nodes():
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(body, list):
                yield from _statements(written, body)


def bases(written: Written) -> Iterator[Change]:
    """A class that inherits from nothing."""
    for node in written.nodes():
        if isinstance(node, ast.ClassDef) and len(node.bases) == 1:
            yield Change("a base class left out", (written.replace(node.bases[0], "object"),))


def _elements(written: Written, nodes: list[ast.expr], least: int) -> Iterator[Change]:
    for place, node in enumerate(nodes):
        if len(nodes) > least:
            yield Change("an element left out", (written.without(nodes, place),))
        if isinstance(node, ast.Call) and len(nodes) > 1:
            end = written.end(node)
            yield Change("an element twice", (Edit(end, end, f", {written.of(node)}"),))
    yield from _exchanged(written, nodes)


def _exchanged(written: Written, nodes: list[ast.expr]) -> Iterator[Change]:
    for one, other in pairwise(nodes):
        if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
            yield Change("elements exchanged", written.swap(one, other))


def _entries(written: Written, keys: list[ast.expr | None], values: list[ast.expr]) -> Iterator[Change]:
    starts = [written.start(key or value) for key, value in zip(keys, values, strict=True)]
    for place, value in enumerate(values):
        if place + 1 < len(values):
            yield Change("an entry left out", (Edit(starts[place], starts[place + 1], ""),))
            yield Change("entries exchanged", written.swap(value, values[place + 1]))
        elif place:
            yield Change("an entry left out", (Edit(written.end(values[place - 1]), written.end(value), ""),))


def _statements(written: Written, body: list[ast.stmt]) -> Iterator[Change]:
    for place, node in enumerate(body):
        if not isinstance(node, _HEADS):
            yield Change("a statement left out", (written.replace(node, "pass"),))
        if _may_matter_twice(node):
            indent = " " * node.col_offset
            end = written.end(node)
            yield Change("a statement twice", (Edit(end, end, f"\n{indent}{written.of(node)}"),))
        if place + 1 < len(body) and not isinstance(node, _HEADS):
            yield Change("statements exchanged", written.swap(node, body[place + 1]))


def _may_matter_twice(node: ast.stmt) -> bool:
    """A call for what it does, or a value made of the one before: ``x = layer(x)``."""
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.value))
    return False
