"""One language's catalogue: gettext's lookups and Babel's numbers.

The ``.po`` files are read as they are, once per language and process; nothing has to be compiled. Babel
is imported when the first catalogue is asked for, not when this module is.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from typing import TYPE_CHECKING

from autograder.languages import LANGUAGES, SOURCE_LANGUAGE, translation
from autograder.messages.catalogue import MESSAGES
from autograder.messages.message import Plural
from autograder.messages.phrase import SENTENCE, Fact, Phrase, Span, fill, plain
from autograder.messages.words import WORDS

if TYPE_CHECKING:
    from datetime import datetime

    from babel import Locale


class UnknownCodeWarning(UserWarning):
    """A code that the catalogue does not hold was shown; the test suite makes this an error."""


class Catalogue:
    """Everything that is said to people, in one language.

    Facts are ``str``, ``int`` or ``float``. An unknown code warns and gives a neutral text that shows it.
    """

    def __init__(self, language: str, translations: NullTranslations, locale: Locale) -> None:
        self.language = language
        self._translations = translations
        self._locale = locale
        self._fixed: dict[str | Plural, Phrase] = {}  # the texts that have been said without facts

    def text(self, code: str, /, **facts: Fact) -> str:
        """What the code says, in one string with code in backticks."""
        return plain(self.text_phrase(code, facts))

    def help(self, code: str, /, **facts: Fact) -> str:
        """Why it matters and where to look; ``""`` where there is nothing to add."""
        return plain(self.help_phrase(code, facts))

    def text_phrase(self, code: str, facts: Mapping[str, Fact]) -> Phrase:
        """What the code says, as spans for a renderer to escape."""
        if code not in MESSAGES:
            warnings.warn(f"no message for the code {code!r}", UnknownCodeWarning, stacklevel=2)
            return self._filled(WORDS["unknown_code"], {"code": code})
        if own := facts.get(f"{SENTENCE}_{self.language}"):
            facts = {**facts, SENTENCE: own}
        return self._filled(MESSAGES[code].text, facts)

    def help_phrase(self, code: str, facts: Mapping[str, Fact]) -> Phrase:
        """The code's help, as spans; ``()`` where there is none."""
        message = MESSAGES.get(code)
        return self._filled(message.help, facts) if message and message.help else ()

    def ui(self, word: str, /, **facts: Fact) -> str:
        """A word of the pages by its key in :mod:`.words`; an unknown key warns and comes back as it is."""
        return "".join(span.text for span in self.ui_phrase(word, facts))

    def ui_phrase(self, word: str, facts: Mapping[str, Fact]) -> Phrase:
        """The same as spans for a renderer to escape."""
        if word not in WORDS:
            warnings.warn(f"no word for the key {word!r}", UnknownCodeWarning, stacklevel=2)
            return (Span(word),)
        return self._filled(WORDS[word], facts)

    def among(self, texts: Mapping[str, str], otherwise: str = "") -> str:
        """A course's own text in this language, else in English, else in any; ``otherwise`` where there is none."""
        own = texts.get(self.language) or texts.get(SOURCE_LANGUAGE) or next(iter(texts.values()), "")
        return own or otherwise

    def number(self, value: int | float) -> str:
        """A number for reading, to at most six digits: ``0.25``, ``1.2e-07``, ``12,345.5``."""
        approximate = _as_float(value)
        if approximate and not 1e-4 <= abs(approximate) < 1e15:  # NaN and infinity too
            return f"{approximate:.3g}"
        return _decimal(float(f"{approximate:.6g}"), "#,##0.######", self._locale)

    def points(self, value: float) -> str:
        """Points, to at most two digits after the point: ``8``, ``7.5``."""
        return _decimal(value, "#,##0.##", self._locale)

    def percent(self, share: float) -> str:
        """A share of 0 to 1 in whole percent: ``57%``."""
        from babel.numbers import format_percent

        return format_percent(share, format="#,##0%", locale=self._locale)

    def correlation(self, value: float) -> str:
        """A number between -1 and 1 to two digits, all of them shown: ``0.50``."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="0.00", locale=self._locale)

    def duration(self, seconds: float) -> str:
        """A time in its short form: ``21 ms``, ``1.3 sec``, ``1.3초``."""
        from babel.units import format_unit

        unit, value = (
            ("millisecond", round(1000 * seconds)) if seconds < 0.9995 else ("second", round(seconds, 1))
        )
        return format_unit(value, f"duration-{unit}", length="short", locale=self._locale)

    def moment(self, when: datetime) -> str:
        """A date and a time of day over 24 hours, by the language's habits, in the time zone that ``when`` has."""
        from babel.dates import format_date, format_skeleton

        together = str(self._locale.datetime_formats["medium"])  # "{1}, {0}": the day and the time of day
        day = format_date(when, "long", locale=self._locale)
        return together.format(format_skeleton("Hm", when, locale=self._locale), day)

    def quantity(self, name: str, value: int | float) -> str:
        """A number in words, with the unit that its name ends in, if it ends in one."""
        if name == "seconds" or name.endswith("_seconds"):
            return self._seconds(value)
        if name.endswith("points"):
            return self.points(value)
        if name.endswith(("_mib", "_kib")):
            return f"{self.number(value)} {name[-3].upper()}iB"
        if isinstance(value, int) and abs(value) < 10**15:
            return str(value)  # a line, a cell, a count: not grouped
        return self.number(value)

    def _seconds(self, value: int | float) -> str:
        from babel.units import format_unit

        worded = format_unit(value, "duration-second", length="long", locale=self._locale)
        if "duration-second" in worded:  # Babel's answer where a locale has only the short form
            worded = format_unit(value, "duration-second", length="short", locale=self._locale)
        return worded

    def _filled(self, msgid: str | Plural, facts: Mapping[str, Fact]) -> Phrase:
        if facts:
            return self._translated(msgid, facts)
        if msgid not in self._fixed:
            self._fixed[msgid] = self._translated(msgid, facts)
        return self._fixed[msgid]

    def _translated(self, msgid: str | Plural, facts: Mapping[str, Fact]) -> Phrase:
        if isinstance(msgid, Plural):
            count = facts.get("count", 0)
            chosen = self._translations.ngettext(*msgid, count if isinstance(count, int) else 0)
        else:
            chosen = self._translations.gettext(msgid)
        return fill(chosen, facts, self.quantity)


def catalogue(language: str) -> Catalogue:
    """The catalogue of a language: ``ko``, ``ko-KR``, ``en_US``…; English for one that there is none of."""
    return _load(_closest(language))


def _closest(language: str) -> str:
    known = {name.replace("_", "-").lower(): name for name in LANGUAGES}
    wanted = language.replace("_", "-").lower()
    return known.get(wanted) or known.get(wanted.partition("-")[0]) or SOURCE_LANGUAGE


@lru_cache
def _load(language: str) -> Catalogue:
    from babel import Locale

    translations = NullTranslations() if language == SOURCE_LANGUAGE else _translations(language)
    return Catalogue(language, translations, Locale.parse(language))


def _translations(language: str) -> NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    with translation(language).open("rb") as file:
        source = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, source)  # leaves fuzzy entries out
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, locale: Locale) -> str:
    """A page words two hundred numbers, of which few are different."""
    from babel.numbers import format_decimal

    return format_decimal(value, format=pattern, locale=locale)


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:  # an int beyond the range of floats
        return math.inf
