"""``solutions/<name>/equivalent.toml``: mutants that are as right as the reference, each with the reason.

    [[equivalent]]
    question = "lstm"
    before = "output_tensor, (h, c) = lstm_layer(input_tensor)"
    after = "output_tensor, (c, h) = lstm_layer(input_tensor)"
    reason = "Nothing is asked of the last states"

An entry names the lines of the reference that are changed and what stands in their place, both without the
indentation they share; ``line``, counted from 1 in the question's cell, tells two places of the same words apart.
An entry must explain a survivor: one whose mutant is caught, is no longer made, or is found to do the same by
running it, is an error.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from autograder.errors import ConfigError
from autograder.mutation.mutants import Mutant

FILE_NAME = "equivalent.toml"


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    question: str
    before: str
    after: str
    reason: str
    line: int | None = None

    def explains(self, mutant: Mutant) -> bool:
        return (
            self.question == mutant.question
            and (self.before.strip("\n"), self.after.strip("\n")) == (mutant.before, mutant.after)
            and self.line in (None, mutant.line)
        )


def entries(path: Path) -> tuple[Entry, ...]:
    """The entries of the file, none if there is no file; raises :class:`ConfigError` for what it cannot mean."""
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (ValueError, RecursionError) as error:
        raise ConfigError(path, "file", f"is not TOML ({error})", "Mend that line, in UTF-8") from None
    if unknown := tables.keys() - {"equivalent"}:
        raise ConfigError(path, min(unknown), "is not known here", "Write [[equivalent]] tables")
    try:
        found = msgspec.convert(tables.get("equivalent", []), tuple[Entry, ...])
    except msgspec.ValidationError as error:
        remedy = f"An entry has {', '.join(Entry.__struct_fields__[:-1])}, and a line if it must"
        raise ConfigError(path, "equivalent", str(error), remedy) from None
    for number, entry in enumerate(found, 1):
        if not entry.reason.strip():
            raise ConfigError(path, f"equivalent, entry {number}", "has no reason", "Say why it is right")
    return found


def entry_of(mutant: Mutant, *, line: bool) -> str:
    """How the mutant would be listed, with the reason left open."""
    facts: Mapping[str, str | int] = (
        {"question": mutant.question}
        | ({"line": mutant.line} if line else {})
        | {"before": mutant.before, "after": mutant.after, "reason": ""}
    )
    lines = [f"{name} = {_toml(value)}" for name, value in facts.items()]
    return "\n".join(["[[equivalent]]", *lines])


def _toml(value: str | int) -> str:
    if isinstance(value, str) and "\n" in value and "'''" not in value:
        return f"'''\n{value}'''"
    return json.dumps(value, ensure_ascii=False)  # TOML's basic strings are JSON's
