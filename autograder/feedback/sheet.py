"""What all pages of ours have, a student's, a class's or one of similar answers: language, heading, labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..messages import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    language: str  # as HTML names it
    heading: str
    labels: Mapping[str, str]  # the words that renderers put around what is shown


def language_tag(words: Catalogue) -> str:
    """The catalogue's language as HTML names it: ``pt-BR``, not ``pt_BR``."""
    return words.language.replace("_", "-")


def labelled(names: Iterable[str], words: Catalogue) -> dict[str, str]:
    """The words of these labels."""
    return {name: words.ui(name) for name in names}
