"""The hostile programs: one file each, what it tries and what must happen at its top.

::

    # tries: what the program is after
    # must: what must happen instead
    # earns: layer shapes              questions that it answers rightly; it gets their points and no other
    # ends: model=crashed,failed       the outcomes that a question's checks may have
    # name: =1+1                       the student's name, where that is the attack
    # about: {"points": 1000}          more of its answers' nbgrader metadata
    # repeat: 5000                     how often the text between two @ is written
    # %% layer right                   a question's cell: the right answer
    # %% model                         or this one, up to the next such line
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks.target import POINTS, RIGHT

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """``answers``: question → source. ``ends``: question → outcomes that are right."""

    id: str
    answers: Mapping[str, str]
    earns: frozenset[str] = frozenset()
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    name: str = ""
    about: Mapping[str, object] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """What it earns, the clean world that it saw included."""
        return POINTS["witness"] + sum(POINTS[question] for question in self.earns)


def programs() -> list[Program]:
    return [_read(path) for path in sorted(FOLDER.glob("*/*.py"))]


def _read(path: Path) -> Program:
    head, *cells = re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    says = {}
    for line in head.splitlines():
        key, _, value = line.removeprefix("# ").partition(": ")
        says[key] = value
    missing = {"tries", "must"} - says.keys()
    unknown = says.keys() - {"tries", "must", "earns", "ends", "name", "about", "repeat"}
    assert not missing | unknown, f"{path}: {missing | unknown}"
    answers = {}
    for cell in cells:
        title, _, source = cell.partition("\n")
        question, *right = title.split()
        answers[question] = RIGHT[question] if right else source.rstrip("\n")
        if times := int(says.get("repeat", 0)):
            answers[question] = re.sub(
                r"@(.*?)@", lambda found: found[1] * times, answers[question], flags=re.DOTALL
            )
    assert answers.keys() <= POINTS.keys(), path
    return Program(
        id=f"{path.parent.name}/{path.stem}",
        answers=answers,
        earns=frozenset(says.get("earns", "").split()),
        ends={
            question: frozenset(outcomes.split(","))
            for question, _, outcomes in (one.partition("=") for one in says.get("ends", "").split())
        },
        name=re.sub(
            r"\\x(..)|\\u(....)", lambda found: chr(int(found[1] or found[2], 16)), says.get("name", "")
        ),
        about=json.loads(says.get("about", "{}")),
    )
