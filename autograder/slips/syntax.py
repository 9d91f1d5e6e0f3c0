"""Cells that are no Python."""

from __future__ import annotations

import keyword
import re

from autograder.results import Finding
from autograder.slips.errors import Slip, rule

_PROSE = re.compile(r"[^\W\d_]['\u2019\w-]*(?:[,;:]? [^\W\d_]['\u2019\w-]*){2,}[ .,;?…]*")
_HANGUL = re.compile(r"[가-힣]+[^=()\[\]{}]* [^=()\[\]{}]*")


def _not_python(slip: Slip) -> Finding | None:
    """A line of words and nothing else is prose."""
    line = slip.around.line(slip.error.cell, slip.error.line).strip()
    first = re.match(r"\w*", line)
    if first is not None and keyword.iskeyword(first[0]):
        return None
    if _PROSE.fullmatch(line) or _HANGUL.fullmatch(line):
        return Finding(code="prose_in_cell", facts={"line": slip.error.line})
    return None


def _breaks_off(slip: Slip) -> Finding:
    return Finding(code="code_half_typed", facts={"line": slip.error.line})


def _indented(slip: Slip) -> Finding:
    return Finding(code="indentation_wrong", facts={"line": slip.error.line})


def _colon(slip: Slip) -> Finding:
    return Finding(code="colon_missing", facts={"line": slip.error.line})


def _character(slip: Slip) -> Finding:
    return Finding(code="character_not_python", facts={"character": slip.text(), "line": slip.error.line})


RULES = (
    rule("SyntaxError IndentationError", "", _not_python),
    rule(
        "SyntaxError",
        r"^incomplete input|was never closed|^unterminated |unexpected EOF",
        _breaks_off,
    ),
    rule(
        "IndentationError TabError",
        r"unexpected indent|unindent does not match|expected an indented block|inconsistent use of tabs",
        _indented,
    ),
    rule("SyntaxError", r"^expected ':'", _colon),
    rule("SyntaxError", r"^invalid (?:non-printable )?character '?(?:.' \()?(U\+[0-9A-F]{4,6})", _character),
)
