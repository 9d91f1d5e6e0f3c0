"""A student's code as HTML, line by line, its words told apart so that a page can colour them.

One regular expression, in which nothing is ever tried twice: every part is possessive or atomic, so that whatever a
student writes costs time in proportion to its length. A choice that is repeated is atomic, ``(?>(?:a|b)*)``: Python
before 3.11.5 matches ``(?:a|b)*+`` wrongly. Pygments' Python lexer is not used: 20,000 characters can keep it busy
for 25 seconds. Broken code is the rule here; a string that is never closed ends with its line, a triple-quoted one with
the text.

It reads one line at a time, and is told what a line above has left open. So lines that many students write are
coloured once: a line and what is open before it are all that its colours depend on.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup, escape

from autograder.escaping import visible

MAX_REMEMBERED_CHARACTERS = 120  # of a line; few are longer
_TRIPLE = r'(?>(?:[^\\"]|\\.|"(?!""))*)(?:"""|\\?\Z)'  # what follows the quotes that open it
_SINGLE = r'(?>(?:[^\\"\n]|\\.)*)"?'
_BODIES = {'"""': _TRIPLE, "'''": _TRIPLE.replace('"', "'"), '"': _SINGLE, "'": _SINGLE.replace('"', "'")}
_STRINGS = "|".join(quotes + body for quotes, body in _BODIES.items())
_TOKEN = re.compile(
    rf"""
      (?P<comment> \#[^\n]*+ )
    | (?P<string>  (?> (?: [rRbBuUfFtT]{{1,2}}+ (?=["']) )? ) (?: {_STRINGS} ) )
    | (?P<magic>   (?<![^\n]) [ \t]*+ [%!][^\n]*+ )
    | (?P<decorator> (?<![^\n]) [ \t]*+ @[\w.]*+ )
    | (?P<number>  \.?\d(?> (?: [eE][+-](?=\d) | [\w.] )* ) )
    | (?P<word>    [^\W\d]\w*+ )
    | (?P<space>   \n | [ \t]++ )
    | (?P<other>   [^\w\s\#"']++ [ \t]*+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {quotes: re.compile(body, re.DOTALL) for quotes, body in _BODIES.items()}  # the rest of such a string
_PREFIX = "rRbBuUfFtT"
_KEYWORDS = frozenset(keyword.kwlist) | {"match", "case", "self"}
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_NAMING = ("class", "def")


def coloured(source: str, marked: Collection[int] = (), begins: Collection[int] = (1,)) -> Markup:
    """The lines of ``source``, each an element with its number in its own cell; ``<mark>`` where it is marked.

    ``marked`` and ``begins``, where a cell begins, count them from 1.
    """
    shown, number, before = [], 0, ""
    *above, last = source.split("\n")
    for at, line in enumerate((*(f"{text}\n" for text in above), last), 1):
        number = 1 if at in begins else number + 1
        code, before = (_remembered if len(line) <= MAX_REMEMBERED_CHARACTERS else _line)(line, before)
        element = "mark" if at in marked else "span"
        shown.append(f'<{element} class="line" data-n="{number}">{code}\n</{element}>')
    return Markup("".join(shown))


def _line(text: str, before: str) -> tuple[str, str]:
    """One line, with the newline it ends in, as HTML; and what it leaves to the next one.

    That, and ``before``, is the quotes of a string that goes on, or a word behind which a name is still to come.
    """
    tokens, after = _tokens(text, before)
    parts = []
    for kind, group in groupby(tokens, itemgetter(0)):  # neighbours of one kind are one element
        shown = escape(visible("".join([token[1] for token in group]).removesuffix("\n")))
        parts.append(f'<span class="k-{kind}">{shown}</span>' if kind and shown else shown)
    return "".join(parts), after


_remembered = lru_cache(maxsize=2048)(_line)  # a megabyte of what students write, ten of the worst they could


def _tokens(text: str, before: str) -> tuple[list[tuple[str, str]], str]:
    """The kinds and texts of a line, and what it leaves to the next one.

    A kind is "", keyword, builtin, name, string, number, comment, decorator or magic.
    """
    tokens, start = [], 0
    if (rest := _OPEN.get(before)) and (match := rest.match(text)):
        tokens.append(("string", match[0]))
        start = match.end()
        before = before if match[0].endswith("\n") else ""
    for match in _TOKEN.finditer(text, start):
        kind, found = match.lastgroup or "other", match[0]
        if kind == "word":
            if before in _NAMING:
                kind = "name"
            else:
                kind = "keyword" if found in _KEYWORDS else "builtin" if found in _BUILTINS else ""
            before = found
        elif kind == "space":
            kind = ""
        else:
            before = _left_open(found) if kind == "string" else ""
            kind = "" if kind == "other" else kind
        tokens.append((kind, found))
    return tokens, before if before in _NAMING or before in _BODIES else ""


def _left_open(string: str) -> str:
    """The quotes of a string that goes on in the next line; empty for one that does not."""
    if not string.endswith("\n"):
        return ""
    quotes = string.lstrip(_PREFIX)[:3]
    return quotes if quotes in _BODIES else quotes[0]
