"""The headings of a notebook's text, by the anchors that stand above them.

A text cell that begins a section has ``<a id="pool"></a>`` and then its heading. Readers of a notebook see the heading;
the anchor is for links, and nothing shows it to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LANGUAGE_TAG = "lang-"

_MEANT_FOR_A_LANGUAGE = re.compile(r"lang(?![a-z]).*", re.IGNORECASE)
_SECTION = re.compile(r'<a id="([^"<>\s]+)"></a>\s*\n#{1,6}[ \t]+([^\n]+)')
_MARKS = re.compile(r"[`*]|(?<!\w)_|_(?!\w)")


def headings(
    texts: Iterable[tuple[str, Sequence[str]]], languages: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Anchor → language → heading, without Markdown's marks, from text cells: their source and their tags.

    A cell without a tag such as ``lang-ko`` is in every one of ``languages``.
    """
    found: dict[str, dict[str, str]] = {}
    for source, tags in texts:
        own = [tag.removeprefix(LANGUAGE_TAG) for tag in tags if tag.startswith(LANGUAGE_TAG)]
        for match in _SECTION.finditer(source):
            heading = _MARKS.sub("", match[2]).strip().rstrip("#").strip()
            found.setdefault(match[1], {}).update(dict.fromkeys(own or languages, heading))
    return found


def unknown_tag(tags: Iterable[str], languages: Iterable[str]) -> str | None:
    """The first tag that is meant for a language, as ``lang_en`` or ``lang-kr``, and names none of ``languages``."""
    known = {LANGUAGE_TAG + language for language in languages}
    return next((tag for tag in tags if _MEANT_FOR_A_LANGUAGE.fullmatch(tag) and tag not in known), None)


def heading_lines(source: str) -> str:
    """Of a text cell, the anchors and the headings below them, and nothing else."""
    return "\n\n".join(match[0] for match in _SECTION.finditer(source))
