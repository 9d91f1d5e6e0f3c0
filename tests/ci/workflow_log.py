"""A reader of a GitHub step's log, from GitHub's documentation of workflow commands and its runner's behaviour.

A line is a command if it starts, after white space, with ``::name`` and has a second ``::``; properties are
``name=value`` with commas between. The runner also knows the older ``##[name …]``, anywhere in a line. Between
``::stop-commands::TOKEN`` and ``::TOKEN::`` nothing is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_COMMAND = re.compile(r"\s*::(?P<name>[^\s:]+)(?: (?P<properties>.*?))?::(?P<data>.*)")
_OLDER = re.compile(r"##\[(?P<name>[^\s\]]+)[^\]]*\](?P<data>.*)")


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    data: str = ""


def commands(log: str) -> list[Command]:
    """Every command that a runner would carry out, in order."""
    found: list[Command] = []
    token: str | None = None
    for line in re.split(r"\r\n|\n|\r", log):
        if token is not None:
            if line.strip() == f"::{token}::":
                token = None
            continue
        if match := _COMMAND.match(line):
            if match["name"].lower() == "stop-commands":
                token = match["data"]
                continue
            pairs = (pair.partition("=") for pair in (match["properties"] or "").split(",") if pair)
            properties = {name.strip(): _property(value) for name, _, value in pairs}
            found.append(Command(match["name"].lower(), properties, _data(match["data"])))
        elif match := _OLDER.search(line):
            found.append(Command(match["name"].lower(), {}, match["data"]))
    return found


def _data(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def _property(text: str) -> str:
    return _data(text.replace("%3A", ":").replace("%2C", ","))
