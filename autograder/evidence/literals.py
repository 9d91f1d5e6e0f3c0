"""Values that a student wrote down, read from source and never run.

Integer and float constants, arithmetic on them, tuples, lists, dictionaries, ``torch.Size``, ``int``, ``math.floor``
and names bound to such values in the same block. Everything else, a layer's output above all, is no literal.
"""

from __future__ import annotations

import ast
import contextlib
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autograder.source import MAX_CHARS, python_of

MAX_NUMBER = 10**12
MAX_ITEMS = 1_000
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_CALLS: Mapping[str, Callable[[float], int]] = {"int": int, "floor": math.floor, "math.floor": math.floor}
_SIZES = ("torch.Size", "Size", "tuple", "list")
Literal = int | float | str | list["Literal"] | tuple["Literal", ...] | dict[Any, "Literal"]


class NotLiteral(Exception):
    """The name is bound to something that cannot be read from the source alone."""


def literal(sources: Sequence[str], name: str) -> Literal:
    """The value that the cells last bind ``name`` to, key by key for a dictionary.

    Raises :class:`NotLiteral` if it is not bound, or not to a literal.
    """
    reader = _Reader()
    for source in sources:
        reader.read(source)
    value = reader.values.get(name)
    if value is None:
        raise NotLiteral(name)
    return value


_UNREADABLE = (NotLiteral, ArithmeticError, ValueError, TypeError, RecursionError)


class _Reader:
    """Follows top-level assignments; a name bound to anything but a literal is forgotten."""

    def __init__(self) -> None:
        self.values: dict[str, Literal] = {}

    def read(self, source: str) -> None:
        if len(source) > MAX_CHARS:
            return
        try:
            statements = ast.parse(python_of(source)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for statement in statements:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(target, value)
                case _:
                    self._forget(statement)

    def _assign(self, target: ast.expr, expression: ast.expr) -> None:
        try:
            value = self._value(expression)
        except _UNREADABLE:
            self._forget(target)
            return
        match target:
            case ast.Name(id=name):
                self.values[name] = value
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
                held = self.values.get(name)
                if isinstance(held, dict) and len(held) < MAX_ITEMS:
                    held[key] = value
            case ast.Tuple(elts=targets) if isinstance(value, tuple) and len(value) == len(targets):
                for one, part in zip(targets, value, strict=True):
                    if isinstance(one, ast.Name):
                        self.values[one.id] = part
            case _:
                self._forget(target)

    def _forget(self, node: ast.AST) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                self.values.pop(inner.id, None)
            if isinstance(inner, ast.Subscript) and isinstance(inner.ctx, ast.Store):
                self._drop_entry(inner)

    def _drop_entry(self, target: ast.Subscript) -> None:
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
                held = self.values.get(name)
                if isinstance(held, dict):
                    held.pop(key, None)

    def _value(self, node: ast.expr) -> Literal:
        match node:
            case ast.Constant(value=bool()):
                raise NotLiteral
            case ast.Constant(value=int() | float() | str() as constant):
                return _bounded(constant)
            case ast.Name(id=name) if name in self.values:
                return self.values[name]
            case ast.Tuple(elts=items) | ast.List(elts=items) if len(items) <= MAX_ITEMS:
                parts = [self._value(item) for item in items]
                return tuple(parts) if isinstance(node, ast.Tuple) else parts
            case ast.Dict(keys=keys, values=values) if len(keys) <= MAX_ITEMS:
                return self._entries(zip(keys, values, strict=True))
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
                return _bounded(_UNARY[type(sign)](self._number(operand)))
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _BINARY:
                return self._computed(operation, self._number(left), self._number(right))
            case ast.Call():
                return self._called(node)
            case _:
                raise NotLiteral

    def _entries(self, items: Iterable[tuple[ast.expr | None, ast.expr]]) -> dict[Any, Literal]:
        """A dictionary's literal entries; one that is none does not spoil the others."""
        found: dict[Any, Literal] = {}
        for key, value in items:
            with contextlib.suppress(*_UNREADABLE):
                found[self._key(key)] = self._value(value)
        return found

    def _key(self, node: ast.expr | None) -> Literal:
        match node:
            case ast.Constant(value=str() as key):
                return key
            case _:
                raise NotLiteral

    def _number(self, node: ast.expr) -> int | float:
        value = self._value(node)
        if not isinstance(value, int | float):
            raise NotLiteral
        return value

    def _computed(self, operation: ast.operator, left: float, right: float) -> Literal:
        if isinstance(operation, ast.Pow) and (abs(right) > 16 or abs(left) > 10_000):
            raise NotLiteral
        return _bounded(_BINARY[type(operation)](left, right))

    def _called(self, call: ast.Call) -> Literal:
        name = ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""
        if name == "dict" and not call.args and len(call.keywords) <= MAX_ITEMS:
            return self._entries((ast.Constant(word.arg), word.value) for word in call.keywords if word.arg)
        if len(call.args) != 1 or call.keywords:
            raise NotLiteral
        if name in _CALLS:
            return _CALLS[name](self._number(call.args[0]))
        inner = self._value(call.args[0]) if name in _SIZES else None
        if isinstance(inner, tuple | list):
            return tuple(inner)
        raise NotLiteral


def _bounded(value: Any) -> Literal:
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        raise NotLiteral
    if isinstance(value, complex):
        raise NotLiteral
    bounded: Literal = value
    return bounded
