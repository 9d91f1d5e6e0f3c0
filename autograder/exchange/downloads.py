"""Whose work is in a download, and which system it comes from.

=============  ==========================================================================================
``gradescope``  ``…/submission_metadata.yml`` beside ``submission_<id>/``: the file names the submitters
``moodle``      ``<Full name>_<participant>_assignsubmission_file/…``, flat as ``…_file_<file>``, or with a
                trailing ``_`` as older sites wrote it
``nbgrader``    an exchange's inbound folder, ``<student>+<assignment>+<time>+<random>/…``, or a tree,
                ``[submitted/]<student>/<assignment>/…``
``canvas``      ``<sortable name>[_LATE]_<user>_<attachment>_<file>``, all in one folder
=============  ==========================================================================================

They are asked in this order: each one's mark is nothing that the next one's names would have by chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autograder.exchange.archive import Entry
from autograder.exchange.table import ExchangeError
from autograder.submissions.found import SUBMITTED
from autograder.submissions.receipts import TIMESTAMP_NAME, Origin, parse_timestamp

METADATA_NAME = "submission_metadata.yml"
MAX_METADATA_BYTES = 256 << 20
MAX_TIMESTAMP_BYTES = 200

_MOODLE = re.compile(r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?")
_INBOUND = re.compile(
    r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<at>\d{4}-\d\d-\d\d [\d:.]+ ?[^+]*)(?:\+.*)?"
)
_CANVAS = re.compile(
    r"(?P<name>.*?)_?(?P<late>LATE_)?(?P<user>(?<![^_])\d+|anon_[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)"
)


@dataclass(frozen=True)
class Arrival:
    """One student's files in one attempt. ``ids`` are the LMS's, by the roster's column; ``name`` is the student's."""

    origin: Origin
    name: str
    entries: tuple[Entry, ...]
    ids: dict[str, str] = field(default_factory=dict)
    student: str = ""  # where the system knows the course's own id
    assignment: str = ""
    at: datetime | None = None
    marked_late: bool = False
    lms: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    origin: Origin
    arrivals: tuple[Arrival, ...]
    strays: tuple[Entry, ...]  # that are nobody's


def recognise(entries: Sequence[Entry]) -> Download:
    """Whose the files are; raises :class:`ExchangeError` if no system's names are there."""
    for read in (_gradescope, _moodle, _inbound, _tree, _canvas):
        if download := read(entries):
            return download
    raise ExchangeError(
        "no names of Canvas, Moodle, Gradescope or nbgrader are in it. Give the zip as it was downloaded"
    )


def _gradescope(entries: Sequence[Entry]) -> Download | None:
    listing = next(
        (entry for entry in entries if entry.name == METADATA_NAME and len(entry.parts) <= 2), None
    )
    if listing is None:
        return None
    described = _yaml(listing.read(MAX_METADATA_BYTES))
    depth = len(listing.parts) - 1
    folders = _grouped(
        (entry for entry in entries if len(entry.parts) > depth + 1), lambda one: one.parts[depth]
    )
    arrivals: list[Arrival] = []
    for folder, about in described.items():
        people = about.get(":submitters") if isinstance(about, dict) else None
        at = _moment(about.get(":created_at")) if isinstance(about, dict) else None
        for person in people if isinstance(people, list) else []:  # a group hands in once for everybody
            said = {key: str(person.get(f":{key}") or "") for key in ("name", "sid", "email")}
            arrivals.append(
                Arrival(
                    origin="gradescope",
                    name=said["name"],
                    entries=tuple(folders.get(folder, ())),
                    ids={"gradescope_sid": said["sid"], "email": said["email"]},
                    at=at,
                    lms={"submission": str(folder), **said},
                )
            )
    known = {entry for arrival in arrivals for entry in arrival.entries}
    strays = [entry for entry in entries if entry not in known and entry is not listing]
    return Download("gradescope", tuple(arrivals), tuple(strays))


def _yaml(data: bytes) -> dict[str, Any]:
    """The document, tags of Ruby's passed over: nothing but plain values is ever made of it."""
    import yaml  # type: ignore[import-untyped]

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    def plain(loader: Any, suffix: str, node: Any) -> Any:
        return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("!", plain)
    try:
        document = yaml.load(data, Loader)
    except (yaml.YAMLError, ValueError, RecursionError, UnicodeDecodeError) as error:
        brief = str(error).split("\n", 1)[0]
        raise ExchangeError(f"{METADATA_NAME} does not read ({brief}). Download the export anew") from None
    if not isinstance(document, dict):
        raise ExchangeError(f"{METADATA_NAME} lists no submissions. Download the export anew")
    return document


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return parse_timestamp(value) if isinstance(value, str) else None


def _moodle(entries: Sequence[Entry]) -> Download | None:
    def mark(entry: Entry) -> re.Match[str] | None:
        return next((found for part in entry.parts if (found := _MOODLE.fullmatch(part))), None)

    marked = [(entry, match) for entry in entries if (match := mark(entry))]
    if not marked:
        return None
    groups = _grouped(marked, lambda one: (one[1]["id"], one[1]["name"]))
    arrivals = [
        Arrival(
            origin="moodle",
            name="" if name.startswith("Participant") else name,
            entries=tuple(entry for entry, match in group if match["kind"] == "file"),
            ids={"moodle_id": participant},
            lms={"participant_id": participant, "name": name},
        )
        for (participant, name), group in groups.items()
    ]
    known = {id(entry) for entry, _ in marked}
    return Download("moodle", tuple(arrivals), tuple(entry for entry in entries if id(entry) not in known))


def _inbound(entries: Sequence[Entry]) -> Download | None:
    def mark(entry: Entry) -> re.Match[str] | None:
        return next((found for part in entry.parts[:-1] if (found := _INBOUND.fullmatch(part))), None)

    marked = [(entry, match) for entry in entries if (match := mark(entry))]
    if not marked:
        return None
    groups = _grouped(marked, lambda one: one[1][0])
    arrivals = [
        Arrival(
            origin="nbgrader",
            name="",
            student=group[0][1]["student"],
            assignment=group[0][1]["assignment"],
            entries=tuple(entry for entry, _ in group),
            at=parse_timestamp(group[0][1]["at"]),
        )
        for group in groups.values()
    ]
    known = {id(entry) for entry, _ in marked}
    return Download("nbgrader", tuple(arrivals), tuple(entry for entry in entries if id(entry) not in known))


def _tree(entries: Sequence[Entry]) -> Download | None:
    """``<student>/<assignment>/<file>``, perhaps below ``submitted/``: a tree has a notebook at that depth."""
    below = [_below_submitted(entry) for entry in entries]
    deep = [(entry, parts) for entry, parts in zip(entries, below, strict=True) if len(parts) >= 3]
    if not any(_is_notebook(entry.name) and len(parts) == 3 for entry, parts in deep):
        return None
    groups = _grouped(deep, lambda one: one[1][:2])
    arrivals = [
        Arrival(
            origin="nbgrader",
            name="",
            student=student,
            assignment=assignment,
            entries=tuple(entry for entry, _ in group),
            at=_stamped(entry for entry, parts in group if len(parts) == 3),
        )
        for (student, assignment), group in groups.items()
    ]
    known = {id(entry) for entry, _ in deep}
    return Download("nbgrader", tuple(arrivals), tuple(entry for entry in entries if id(entry) not in known))


def _below_submitted(entry: Entry) -> tuple[str, ...]:
    parts = entry.parts
    return parts[parts.index(SUBMITTED) + 1 :] if SUBMITTED in parts[:2] else parts


def _stamped(entries: Iterable[Entry]) -> datetime | None:
    stamp = next((entry for entry in entries if entry.name == TIMESTAMP_NAME and not entry.refused), None)
    try:
        return parse_timestamp(stamp.read(MAX_TIMESTAMP_BYTES).decode("utf-8-sig")) if stamp else None
    except (ExchangeError, UnicodeDecodeError):
        return None


def _canvas(entries: Sequence[Entry]) -> Download | None:
    marked = [(entry, match) for entry in entries if (match := _CANVAS.fullmatch(entry.name))]
    if not marked:
        return None
    groups = _grouped(marked, lambda one: one[1]["user"])
    arrivals = []
    for user, group in groups.items():
        match = group[0][1]
        anonymous = user.startswith("anon_")
        arrivals.append(
            Arrival(
                origin="canvas",
                name=match["name"],
                entries=tuple(entry for entry, _ in group),
                ids={} if anonymous else {"canvas_id": user},
                marked_late=bool(match["late"]),
                lms={"user_id": user, "name": match["name"]},
            )
        )
    known = {id(entry) for entry, _ in marked}
    others = [entry for entry in entries if id(entry) not in known]
    return Download("canvas", tuple(arrivals), tuple(others))


def _is_notebook(name: str) -> bool:
    return ".ipynb" in name.lower()


def _grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
