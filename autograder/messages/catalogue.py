"""Every code and its words, in English.

The other languages are ``locale/<language>/LC_MESSAGES/autograder.po``.

To add a code, add one entry to :mod:`.findings`, :mod:`.unjudged`, :mod:`.diagnoses`, :mod:`.remarks` or
:mod:`.ungraded`, and its texts to each ``.po`` file. ``tests/test_messages.py`` names whatever was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from autograder.messages.diagnoses import TABLES
from autograder.messages.findings import FINDINGS
from autograder.messages.message import Message, Plural
from autograder.messages.remarks import REMARKS
from autograder.messages.ungraded import UNGRADED
from autograder.messages.unjudged import UNJUDGED
from autograder.messages.words import WORDS


def _merge(*tables: dict[str, Message]) -> Mapping[str, Message]:
    merged: dict[str, Message] = {}
    for table in tables:
        if twice := merged.keys() & table.keys():
            raise ValueError(f"codes with more than one message: {sorted(twice)}")
        merged |= table
    return MappingProxyType(merged)


MESSAGES: Mapping[str, Message] = _merge(FINDINGS, UNJUDGED, *TABLES, REMARKS, UNGRADED)


def msgids() -> Iterator[tuple[str, str | Plural]]:
    """Every text to translate, with where it is used: ``("missing_name.help", "The name has to…")``."""
    for code, message in MESSAGES.items():
        yield f"{code}.text", message.text
        if message.help:
            yield f"{code}.help", message.help
    yield from WORDS.items()
