"""What an entry of the catalogue is made of.

English texts are the msgids of gettext. Two marks inside them mean something:

``{name}``
    is filled with a fact. Facts are data: nothing in them is ever interpreted.
backticks
    enclose code. A text fact outside backticks is shown as code too, so that words of a student's
    never pass for words of ours.

The fact ``sentence`` is a course author's own words: they stay words, and backticks in them enclose code.

A number is written as its name says: ``seconds``, ``…_mib`` and ``…_kib`` with their units, in the right
plural (``10 seconds``, ``10초``), ``…points`` to two digits, any other as it reads best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


def _(msgid: str) -> str:
    """Mark an English text as one to translate; the text itself comes back."""
    return msgid


class Plural(NamedTuple):
    """An English text in both its forms; the fact ``count`` chooses, by each language's own rules."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a code says: ``text`` is what was seen, ``help`` why it matters and where to look."""

    text: str | Plural
    help: str | Plural = ""
