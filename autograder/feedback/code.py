"""A student's code, line by line, its words told apart so that a page can colour them.

One regular expression, in which nothing is ever tried twice: every part is possessive or atomic, so that whatever a
student writes costs time in proportion to its length. A choice that is repeated is atomic, ``(?>(?:a|b)*)``: Python
before 3.11.5 matches ``(?:a|b)*+`` wrongly. Pygments' Python lexer is not used: 20,000 characters can keep it busy
for 25 seconds. Broken code is the rule here; a string that is never closed ends with its line, a triple-quoted one with
the text.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

_TRIPLE = r'"""(?>(?:[^\\"]|\\.|"(?!""))*)(?:"""|\\?\Z)'
_SINGLE = r'"(?>(?:[^\\"\n]|\\.)*)"?'
_STRINGS = "|".join((_TRIPLE, _TRIPLE.replace('"', "'"), _SINGLE, _SINGLE.replace('"', "'")))
_TOKEN = re.compile(
    rf"""
      (?P<comment> \#[^\n]*+ )
    | (?P<string>  (?> (?: [rRbBuUfFtT]{{1,2}}+ (?=["']) )? ) (?: {_STRINGS} ) )
    | (?P<magic>   (?<![^\n]) [ \t]*+ [%!][^\n]*+ )
    | (?P<decorator> (?<![^\n]) [ \t]*+ @[\w.]*+ )
    | (?P<number>  \.?\d(?> (?: [eE][+-](?=\d) | [\w.] )* ) )
    | (?P<word>    [^\W\d]\w*+ )
    | (?P<space>   \n++ | [ \t]++ )
    | (?P<other>   [^\w\s\#"']++ [ \t]*+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = frozenset(keyword.kwlist) | {"match", "case", "self"}
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_NAMING = ("class", "def")


class Token(NamedTuple):
    """A stretch of code; ``kind`` is "", keyword, builtin, name, string, number, comment, decorator or magic."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` is the line's in its own cell; ``marked``: something was found here."""

    number: int
    marked: bool
    tokens: tuple[Token, ...]


def lines(source: str, marked: Collection[int] = (), begins: Collection[int] = (1,)) -> list[Line]:
    """The lines of ``source``. ``marked`` and ``begins``, where a cell begins, count them from 1."""
    shown, number = [], 0
    for at, row in enumerate(_rows(source), 1):
        number = 1 if at in begins else number + 1
        shown.append(Line(number, at in marked, row))
    return shown


def _rows(source: str) -> Iterator[tuple[Token, ...]]:
    """The tokens of each line; neighbours of one kind are one, so that a page has fewer elements."""
    row: list[Token] = []
    held, gathered = "", ""
    for kind, text in _tokens(source):
        first, *others = text.split("\n") if "\n" in text else (text,)
        if kind != held:
            if gathered:
                row.append(Token(held, gathered))
            held, gathered = kind, first
        else:
            gathered += first
        for other in others:
            yield (*row, Token(held, gathered)) if gathered else tuple(row)
            row, gathered = [], other
    yield (*row, Token(held, gathered)) if gathered else tuple(row)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    before = ""  # the last word, if nothing but space came after it
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup or "other", match[0]
        if kind == "word":
            if before in _NAMING:
                kind = "name"
            else:
                kind = "keyword" if text in _KEYWORDS else "builtin" if text in _BUILTINS else ""
            before = text
        elif kind == "space":
            kind = ""
        else:
            before = ""
            kind = "" if kind == "other" else kind
        yield kind, text
