"""The languages there are words in: English, in which all texts are written, and each that they are translated into.

A translation is one file, ``autograder/messages/locale/<language>/LC_MESSAGES/autograder.po``. That it is there makes
its language known everywhere: to settings, to the command line, to releases and pages.
"""

from __future__ import annotations

from pathlib import Path

SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).parent / "messages" / "locale"


def translation(language: str) -> Path:
    """The file of a language's translation, whether there is one or not."""
    return LOCALES / language / "LC_MESSAGES" / "autograder.po"


def _translated() -> list[str]:
    return sorted(folder.name for folder in LOCALES.iterdir() if translation(folder.name).is_file())


LANGUAGES: tuple[str, ...] = (SOURCE_LANGUAGE, *_translated())
