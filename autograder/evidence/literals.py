"""Values that a student wrote down, read from source and never run.

Integer and float constants, arithmetic on them, tuples, lists, dictionaries, ``torch.Size``, ``int``, ``math.floor``,
names bound to such values in the same block, and functions of the student's own that are a formula. Everything
else, a layer's output above all, is no literal. No loop is followed, and the work is bounded.
"""

from __future__ import annotations

import ast
import copy
import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from autograder.notebooks.source import tree_of

MAX_NUMBER = 10**12
MAX_ITEMS = 1_000
MAX_DEPTH = 4  # of functions that call functions
MAX_STEPS = 50_000  # expressions looked at for one value
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


class Unread(Enum):
    """Stands for an entry that is there and cannot be read."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD
Literal = int | float | str | list["Literal"] | tuple["Literal", ...] | dict[Any, "Literal"] | Unread


class NotLiteral(Exception):
    """The name is bound to something that cannot be read from the source alone."""


def literal(sources: Sequence[str], name: str) -> Literal:
    """The value that the cells last bind ``name`` to, key by key for a dictionary; not to be changed.

    Raises :class:`NotLiteral` if it is not bound, or not to a literal.
    """
    value = _values(tuple(sources)).get(name)
    if value is None:
        raise NotLiteral(name)
    return value


@functools.lru_cache(maxsize=4)
def _values(sources: tuple[str, ...]) -> Mapping[str, Literal]:
    """Every name that has a value at the end; each check of a question asks for the same cells'."""
    reader = _Reader()
    for source in sources:
        reader.read(source)
    return reader.values


def arithmetic(sources: Sequence[str], name: str) -> Mapping[str, frozenset[int]]:
    """Of the dictionary that the cells last bind ``name`` to: entry → the whole numbers its arithmetic is written with.

    Entries without an operator, and dictionaries made in another way than by braces, are left out. Not to be changed.
    """
    return _arithmetic(tuple(sources), name)


@functools.lru_cache(maxsize=4)
def _arithmetic(sources: tuple[str, ...], name: str) -> Mapping[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for tree in filter(None, map(tree_of, sources)):
        for line in tree.body:
            match line:
                case ast.Assign(targets=[ast.Name(id=target)], value=ast.Dict() as entries) if target == name:
                    found = {
                        key.value: numbers
                        for key, value in zip(entries.keys, entries.values, strict=True)
                        if isinstance(key, ast.Constant) and isinstance(key.value, str)
                        if (numbers := _operands(value))
                    }
    return found


def _operands(value: ast.expr) -> frozenset[int]:
    return frozenset(
        node.value
        for operation in ast.walk(value)
        if isinstance(operation, ast.BinOp)
        for node in ast.walk(operation)
        if isinstance(node, ast.Constant) and type(node.value) is int
    )


UNREADABLE = (NotLiteral, ArithmeticError, ValueError, TypeError, RecursionError)


class _Reader:
    """Follows top-level assignments; a name bound to anything but a literal is forgotten."""

    def __init__(self) -> None:
        self.values: dict[str, Literal] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        self._depth = 0
        self._steps = iter(range(MAX_STEPS))  # shared with the functions that are called

    def _inside(self) -> _Reader:
        """A reader for a function's body: it knows the functions and the numbers, and shares the steps."""
        inside = _Reader()
        inside.values = {name: value for name, value in self.values.items() if isinstance(value, int | float)}
        inside._functions, inside._depth, inside._steps = self._functions, self._depth + 1, self._steps
        return inside

    def read(self, source: str) -> None:
        tree = tree_of(source)
        for statement in tree.body if tree is not None else ():
            self._follow(statement)

    def _follow(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.AugAssign(target=ast.Name(id=name), op=operation, value=value):
                left = ast.Name(id=name, ctx=ast.Load())
                self._assign(ast.Name(id=name, ctx=ast.Store()), ast.BinOp(left, operation, value))
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update"), args=[value])
            ):
                self._assign(
                    ast.Name(id=name, ctx=ast.Store()),
                    ast.BinOp(ast.Name(name, ast.Load()), ast.BitOr(), value),
                )
            case ast.FunctionDef(name=name):
                self.values.pop(name, None)
                self._functions[name] = statement
            case _:
                self._forget(statement)

    def _assign(self, target: ast.expr, expression: ast.expr) -> None:
        try:
            value = self.value(expression)
        except UNREADABLE:
            self._lose(target)
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

    def _lose(self, target: ast.expr) -> None:
        """The target now stands for something that cannot be read: an entry says so, a name is forgotten."""
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
                held = self.values.get(name)
                if isinstance(held, dict) and len(held) < MAX_ITEMS:
                    held[key] = UNREAD
            case _:
                self._forget(target)

    def _forget(self, node: ast.AST) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                self.values.pop(inner.id, None)

    def value(self, node: ast.expr) -> Literal:
        """What the expression stands for; raises one of ``UNREADABLE``."""
        if next(self._steps, None) is None:
            raise NotLiteral
        match node:
            case ast.Constant(value=bool()):
                raise NotLiteral
            case ast.Constant(value=int() | float() | str() as constant):
                return _bounded(constant)
            case ast.Name(id=name) if name in self.values:
                return copy.copy(self.values[name])
            case ast.Tuple(elts=items) | ast.List(elts=items) if len(items) <= MAX_ITEMS:
                parts = self._items(items)
                return tuple(parts) if isinstance(node, ast.Tuple) else parts
            case ast.Dict(keys=keys, values=values) if len(keys) <= MAX_ITEMS:
                return self._entries(zip(keys, values, strict=True))
            case ast.Subscript(value=held, slice=key):
                return _picked(self.value(held), self.value(key))
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
                return _bounded(_UNARY[type(sign)](_number(self.value(operand))))
            case ast.BinOp(left=left, op=operation, right=right):
                return _computed(operation, self.value(left), self.value(right))
            case ast.Call():
                return self._called(node)
            case _:
                raise NotLiteral

    def _items(self, nodes: Iterable[ast.expr]) -> list[Literal]:
        found: list[Literal] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value)
                if not isinstance(inner, tuple | list):
                    raise NotLiteral
                found += inner
            else:
                found.append(self.value(node))
        if len(found) > MAX_ITEMS:
            raise NotLiteral
        return found

    def _entries(self, items: Iterable[tuple[ast.expr | None, ast.expr]]) -> dict[Any, Literal]:
        """A dictionary's entries; one that cannot be read does not spoil the others."""
        found: dict[Any, Literal] = {}
        for key, value in items:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                try:
                    found[key.value] = self.value(value)
                except UNREADABLE:
                    found[key.value] = UNREAD
        return found

    def _called(self, call: ast.Call) -> Literal:
        name = ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""
        if name in self._functions:
            return self._returned(self._functions[name], call)
        if name == "dict" and not call.args and len(call.keywords) <= MAX_ITEMS:
            return self._entries((ast.Constant(word.arg), word.value) for word in call.keywords if word.arg)
        if len(call.args) != 1 or call.keywords:
            raise NotLiteral
        inner = self.value(call.args[0])
        if name in _CALLS:
            return _CALLS[name](_number(inner))
        if name in _SIZES and isinstance(inner, tuple | list):
            return tuple(inner)
        raise NotLiteral

    def _returned(self, function: ast.FunctionDef, call: ast.Call) -> Literal:
        """What a function of the student's own returns, if it is a formula: assignments and one return."""
        if self._depth >= MAX_DEPTH or any(word.arg is None for word in call.keywords):
            raise NotLiteral
        inside = self._inside()
        names = [argument.arg for argument in function.args.args]
        defaults = function.args.defaults
        given = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        given |= dict(zip(names, call.args, strict=False)) | {
            word.arg or "": word.value for word in call.keywords
        }
        if (
            len(call.args) > len(names)
            or set(given) != set(names)
            or function.args.vararg
            or function.args.kwarg
        ):
            raise NotLiteral
        inside.values |= {name: self.value(node) for name, node in given.items()}
        for statement in function.body:
            match statement:
                case ast.Return(value=ast.expr() as result):
                    return inside.value(result)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    inside._follow(statement)
                case ast.Expr(value=ast.Constant(value=str())):
                    pass
                case _:
                    raise NotLiteral
        raise NotLiteral


def _number(value: Literal) -> int | float:
    if not isinstance(value, int | float):
        raise NotLiteral
    return value


def _picked(held: Literal, key: Literal) -> Literal:
    if isinstance(held, dict) and isinstance(key, str) and key in held:
        return held[key]
    if isinstance(held, tuple | list) and isinstance(key, int) and -len(held) <= key < len(held):
        return held[key]
    raise NotLiteral


def _computed(operation: ast.operator, left: Literal, right: Literal) -> Literal:
    if isinstance(operation, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return left | right
    if isinstance(operation, ast.Add) and isinstance(left, tuple) and isinstance(right, tuple):
        return _short(left + right)
    if isinstance(operation, ast.Mult) and isinstance(left, tuple) and isinstance(right, int):
        return _short(left * max(min(right, MAX_ITEMS + 1), 0))
    if type(operation) not in _BINARY:
        raise NotLiteral
    first, second = _number(left), _number(right)
    if isinstance(operation, ast.Pow) and (abs(second) > 16 or abs(first) > 10_000):
        raise NotLiteral
    return _bounded(_BINARY[type(operation)](first, second))


def _short(value: tuple[Literal, ...]) -> Literal:
    if len(value) > MAX_ITEMS:
        raise NotLiteral
    return value


def _bounded(value: Any) -> Literal:
    if isinstance(value, complex):
        raise NotLiteral
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        raise NotLiteral
    bounded: Literal = value
    return bounded
