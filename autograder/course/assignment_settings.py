"""``assignment.toml``: languages, titles, and what each question's answer must define.

Strict: a key that is not known, or a value of another type, is an error that names the key.
"""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from autograder.errors import ConfigError
from autograder.escaping import is_harmless_link

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


class QuestionTable(Struct, frozen=True, forbid_unknown_fields=True):
    defines: tuple[str, ...]
    title: dict[str, str]
    section: str


class Settings(Struct, frozen=True):
    languages: tuple[str, ...]
    title: dict[str, str]
    questions: dict[str, QuestionTable]
    lesson: dict[str, str]  # language → https address of the text that explains the questions
    limits: dict[str, float | int]


def read_settings(path: Path, data: bytes) -> Settings:
    """The settings in ``data``, the bytes of ``path``; raises :class:`ConfigError` at the first problem."""
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError among them
        raise ConfigError(path, "file", f"is not TOML ({error})", "Mend that line, in UTF-8") from None
    for key in tables:
        if key not in Settings.__struct_fields__:
            known = ", ".join(Settings.__struct_fields__)
            raise ConfigError(path, key, "is not a setting", f"Known here: {known}")
    languages = _value(path, "languages", tables.get("languages"), tuple[str, ...])
    if not languages or len(set(languages)) < len(languages):
        raise ConfigError(path, "languages", "must name each language once", 'Write it as ["ko", "en"]')
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise ConfigError(path, "languages", f"{language!r} is no language code", "Write it as `en`")
    questions = {}
    for name, table in _value(path, "questions", tables.get("questions"), dict[str, dict[str, Any]]).items():
        key = f"questions.{name}"
        question = _value(path, key, table, QuestionTable)
        _agree(path, f"{key}.title", question.title, languages)
        if not question.defines or not all(defined.isidentifier() for defined in question.defines):
            raise ConfigError(path, f"{key}.defines", "must list Python names", 'Write it as ["model"]')
        if len(set(question.defines)) < len(question.defines):
            raise ConfigError(path, f"{key}.defines", "lists a name twice", "Remove one of them")
        questions[name] = question
    if not questions:
        raise ConfigError(path, "questions", "there is none", "Write a [questions.ID] table for each")
    title = _value(path, "title", tables.get("title"), dict[str, str])
    _agree(path, "title", title, languages)
    lesson = _lesson(path, tables.get("lesson", {}), languages)
    return Settings(languages, title, questions, lesson, _limits(path, tables.get("limits", {})))


def _lesson(path: Path, table: object, languages: tuple[str, ...]) -> dict[str, str]:
    lesson: dict[str, str] = _value(path, "lesson", table, dict[str, str])
    for language, address in lesson.items():
        if language not in languages:
            raise ConfigError(path, f"lesson.{language}", "is not in `languages`", "Add it there or drop it")
        if not address.startswith("https://") or not is_harmless_link(address):
            problem = "must be an address that begins with https://"
            raise ConfigError(
                path, f"lesson.{language}", problem, "Give the page whose anchors are the sections"
            )
    return lesson


def _limits(path: Path, table: object) -> dict[str, float | int]:
    limits: dict[str, Any] = _value(path, "limits", table, dict[str, Any])
    for name, number in limits.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
            raise ConfigError(path, f"limits.{name}", "must be a number above 0", f"Write `{name} = 10`")
    return limits


def _agree(path: Path, key: str, title: dict[str, str], languages: tuple[str, ...]) -> None:
    for language in languages:
        if not title.get(language, "").strip():
            raise ConfigError(path, f"{key}.{language}", "is missing", "Give a title in every language")
    for language in title:
        if language not in languages:
            raise ConfigError(path, f"{key}.{language}", "is not in `languages`", "Add it there or drop it")


def _value(path: Path, key: str, value: object, kind: Any) -> Any:
    """``value`` as ``kind``, without any conversion; ConfigError with the dotted key if it is not one."""
    if value is None:
        raise ConfigError(path, key, "is missing", "Every assignment needs it")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        place = place.rstrip("`")
        if field := re.search(r"field `(.+)`", problem):
            place += f".{field[1]}"
            problem = "is missing" if "missing" in problem else "is not a setting"
        # msgspec shows entries of a list or table as `[0]` and `[...]`; the author wrote no such key.
        place = re.sub(r"\[.*?\]", "", place)
        known = f"Known here: {', '.join(QuestionTable.__struct_fields__)}" if field else "Mend its type"
        raise ConfigError(path, key + place, problem[0].lower() + problem[1:], known) from None
