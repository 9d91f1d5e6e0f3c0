"""Code as overlapping runs of tokens, in which names, texts and comments make no difference.

Tokens are Pygments': it reads what is no Python as well. A name counts as any other name, so that renaming hides
nothing; what stands after a dot keeps its text, and so do builtins and numbers: an answer is made of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

LENGTH = 6  # tokens of one shingle: shorter ones are in everybody's answer


@dataclass(frozen=True)
class Shingled:
    """``spans`` are the tokens' places in the source; ``at`` the first tokens of each shingle."""

    spans: tuple[tuple[int, int], ...]
    at: dict[int, tuple[int, ...]]


@lru_cache(maxsize=4096)  # an answer that many have word by word is read once
def shingled(source: str) -> Shingled:
    """The shingles of ``source``; none of code that is shorter than one."""
    texts, spans = [], []
    for text, start, end in _tokens(source):
        texts.append(text)
        spans.append((start, end))
    at: dict[int, list[int]] = {}
    for first in range(len(texts) - LENGTH + 1):
        at.setdefault(hash(tuple(texts[first : first + LENGTH])), []).append(first)
    return Shingled(tuple(spans), {shingle: tuple(places) for shingle, places in at.items()})


def _tokens(source: str) -> list[tuple[str, int, int]]:
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
    from pygments.token import Comment, Name, String, Text  # type: ignore[import-untyped]

    found: list[tuple[str, int, int]] = []
    for start, kind, value in PythonLexer().get_tokens_unprocessed(source):
        if kind in Comment or kind in Text or not value.strip():
            continue
        text = value
        if kind in String:
            if found and found[-1][0] == "text":  # Pygments cuts one string into several tokens
                found[-1] = ("text", found[-1][1], start + len(value))
                continue
            text = "text"
        elif kind in Name and kind not in Name.Builtin and not (found and found[-1][0] == "."):
            text = "name"
        found.append((text, start, start + len(value)))
    return found
