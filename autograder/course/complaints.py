"""What is wrong with a setting, in words made from its type: the problem, and how to mend it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec


def complaint(value: Any, kind: msgspec.inspect.Type, name: str, default: object) -> tuple[str, str]:
    """Problem and remedy for a ``value`` that is not of ``kind``."""
    match kind:
        case msgspec.inspect.Metadata(type=inner, extra={"unit": str(unit)}):
            assert isinstance(inner, msgspec.inspect.IntType | msgspec.inspect.FloatType)
            number = "a whole number" if isinstance(inner, msgspec.inspect.IntType) else "a number"
            return (
                f"must be {number} of {unit} from {inner.ge} to {inner.le}, found {shown(value)}",
                f"Give {unit} as a bare number, as in `{name} = {default:g}`",
            )
        case msgspec.inspect.LiteralType(values=known):
            meant = near(value, map(str, known)) if isinstance(value, str) else None
            return f"must be one of {_listed(known)}, found {shown(value)}", hint(meant)
        case msgspec.inspect.VarTupleType(item_type=item) if isinstance(value, list):
            wrong = next(entry for entry in value if not _accepts(item, entry))
            return complaint(wrong, item, name, default)
        case msgspec.inspect.VarTupleType():
            return f"must be a list, found {shown(value)}", f"Write `{name} = [...]`"
        case msgspec.inspect.Metadata(extra={"must": str(must), "remedy": str(remedy)}):
            return f"{must}, found {shown(value)}", remedy
        case msgspec.inspect.BoolType():
            return f"must be true or false, found {shown(value)}", f"Write `{name} = true`"
    return f"must be a text of at most 200 characters, found {shown(value)}", "Write it in quotation marks"


def _accepts(kind: msgspec.inspect.Type, value: Any) -> bool:
    if isinstance(kind, msgspec.inspect.LiteralType):
        return value in kind.values
    assert isinstance(kind, msgspec.inspect.Metadata)
    kind = kind.type
    assert isinstance(kind, msgspec.inspect.StrType)
    return isinstance(value, str) and re.search(kind.pattern or "", value) is not None


def near(given: str, known: Iterable[str]) -> str | None:
    """The known word that ``given`` most probably means: the same but for section, unit or spelling."""
    names = {key.rpartition(".")[2]: key for key in known}
    given = given.rpartition(".")[2]
    quantity = given.rpartition("_")[0]
    same = [name for name in names if name == given or name.rpartition("_")[0] == quantity != ""]
    best = same or difflib.get_close_matches(given, names, n=1)
    return names[best[0]] if best else None


def hint(meant: str | None, more: str = "") -> str:
    """A remedy for a word that is not known; ``meant`` is the :func:`near` one, if there is one."""
    return f"Did you mean `{meant}`{more}?" if meant else "Choose one of these"


def _listed(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def shown(value: Any) -> str:
    """A TOML value as its author wrote it, short, on one line."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
