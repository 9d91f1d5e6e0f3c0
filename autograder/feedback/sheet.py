"""What all pages of ours have, a student's, a class's or one of similar answers: language, heading, labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from autograder.messages import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    language: str  # as HTML names it
    heading: str
    labels: Mapping[str, str]  # the words that renderers put around what is shown


def language_tag(words: Catalogue) -> str:
    """The catalogue's language as HTML names it: ``pt-BR``, not ``pt_BR``."""
    return words.language.replace("_", "-")


@lru_cache
def labelled(names: tuple[str, ...], words: Catalogue) -> MappingProxyType[str, str]:
    """The words of these labels."""
    return MappingProxyType({name: words.ui(name) for name in names})
