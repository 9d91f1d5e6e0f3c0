"""Operators: another one, an operand left out, a condition turned round."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.written import Change, Written

_BINARY: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("+", "/"),
    ast.Div: ("*",),
    ast.FloorDiv: ("/", "*"),
    ast.Mod: ("//",),
    ast.Pow: ("*",),
    ast.MatMult: ("*",),
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare)


def operators(written: Written) -> Iterator[Change]:
    for node in written.nodes():
        match node:
            case ast.BinOp():
                left, right = _operand(written, node.left), _operand(written, node.right)
                for symbol in _BINARY.get(type(node.op), ()):
                    yield _as(written, node, "another operator", f"{left} {symbol} {right}")
                yield _as(written, node, "an operand left out", left)
                if not isinstance(node.op, ast.Sub):
                    yield _as(written, node, "an operand left out", right)
                else:
                    yield _as(written, node, "operands exchanged", f"{right} - {left}")
            case ast.AugAssign():
                for symbol in _BINARY.get(type(node.op), ()):
                    text = f"{written.of(node.target)} {symbol}= {written.of(node.value)}"
                    yield Change("another operator", (written.replace(node, text),))
            case ast.Compare(left=left_side, ops=[operator], comparators=[right_side]):
                symbol = _COMPARED[type(operator)]
                text = f"{_operand(written, left_side)} {symbol} {_operand(written, right_side)}"
                yield _as(written, node, "another comparison", text)
            case ast.BoolOp(values=values):
                word = " or " if isinstance(node.op, ast.And) else " and "
                text = word.join(_operand(written, one) for one in values)
                yield _as(written, node, "another operator", text)
            case ast.UnaryOp():
                yield _as(written, node, "a sign left out", written.of(node.operand))
            case ast.If() | ast.IfExp():
                text = f"not {_operand(written, node.test)}"
                yield Change("a condition turned round", (written.replace(node.test, text),))


def _as(written: Written, node: ast.expr, kind: str, text: str) -> Change:
    """``text`` in the node's place; as one operand of something larger it needs parentheses."""
    inside = isinstance(
        written.parent(node), (*_OPERATIONS, ast.Attribute, ast.Subscript)
    ) and not written.in_parentheses(node)
    return Change(kind, (written.replace(node, f"({text})" if inside else text),))


def _operand(written: Written, node: ast.expr) -> str:
    text = written.of(node)
    return f"({text})" if isinstance(node, (*_OPERATIONS, ast.IfExp, ast.Lambda, ast.NamedExpr)) else text
