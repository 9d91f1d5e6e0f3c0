"""Filling facts into a text without ever interpreting them.

A filled text is a :data:`Phrase`: a row of spans, each plain words or code. Renderers escape every span for
their medium; as the text is split before the facts go in, no fact can end a code span or open another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

Fact = str | int | float

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
SENTENCE = "sentence"  # the fact that is a course author's own words
MISSING = "…"


class Span(NamedTuple):
    """A stretch of text; ``code`` is for what a computer or a student wrote."""

    text: str
    code: bool = False


Phrase = tuple[Span, ...]


def fill(template: str, facts: Mapping[str, Fact], quantity: Callable[[str, int | float], str]) -> Phrase:
    """The template as spans, each ``{name}`` filled from ``facts``; a missing fact shows as ``…``.

    ``quantity(name, value)`` words a number. Numbers inside backticks are written as in Python instead.
    """
    spans: list[Span] = []
    for index, part in enumerate(template.split("`")):
        spans += [_code(part, facts)] if index % 2 else _words(part, facts, quantity)
    return tuple(_joined(spans))


def plain(phrase: Phrase) -> str:
    """The phrase as one string, its code in backticks: for terminals and logs."""
    return "".join(f"`{span.text}`" if span.code else span.text for span in phrase)


def _code(part: str, facts: Mapping[str, Fact]) -> Span:
    def value(match: re.Match[str]) -> str:
        fact = facts.get(match[1], MISSING)
        return f"{fact:.6g}" if isinstance(fact, float) else str(fact)

    return Span(PLACEHOLDER.sub(value, part), code=True)


def _words(part: str, facts: Mapping[str, Fact], quantity: Callable[[str, int | float], str]) -> list[Span]:
    spans = []
    for index, piece in enumerate(PLACEHOLDER.split(part)):
        if index % 2 == 0:
            spans.append(Span(piece))
        elif piece not in facts:
            spans.append(Span(MISSING))
        elif isinstance(fact := facts[piece], str):
            spans += _authored(fact) if piece == SENTENCE else [Span(fact, code=True)]
        else:
            spans.append(Span(quantity(piece, fact)))
    return spans


def _authored(text: str) -> list[Span]:
    """An author's own words: what stands between backticks is code, where they come in pairs."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [Span(text)]
    return [Span(part, code=index % 2 == 1) for index, part in enumerate(parts) if part]


def _joined(spans: list[Span]) -> list[Span]:
    """Neighbouring words as one span, and no empty words."""
    joined: list[Span] = []
    for span in spans:
        if joined and not span.code and not joined[-1].code:
            joined[-1] = Span(joined[-1].text + span.text)
        elif span.text or span.code:
            joined.append(span)
    return joined
