"""A course: the folder that holds ``grader.toml``, and what that file says.

Nothing is guessed. A key that is not known, a number in another unit, a value out of its range: the
first one is a :class:`~autograder.errors.ConfigError` that names file, dotted key, problem and remedy.
Every setting, its unit and its range stand in the structs below, and the error texts are made from them.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from autograder.course.complaints import complaint, hint, near, shown
from autograder.errors import ConfigError
from autograder.languages import LANGUAGES

FILE_NAME = "grader.toml"

if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[LANGUAGES]  # of those that are found: a translation more is a language more

Layer = Literal["namespaces", "landlock", "seccomp", "rlimits"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

Attempt = Literal["last", "first", "last_on_time"]

_NAME = rf"(?!(?:{'|'.join(keyword.kwlist)})\b)[^\W\d]\w*"
_MODULE = rf"\A{_NAME}(?:\.{_NAME})*\Z"

Seconds = Annotated[float, Meta(ge=0.1, le=86_400, extra={"unit": "seconds"})]
WholeSeconds = Annotated[int, Meta(ge=1, le=86_400, extra={"unit": "seconds"})]
Percent = Annotated[float, Meta(ge=0, le=100, extra={"unit": "percent"})]

Module = Annotated[
    str,
    Meta(
        pattern=_MODULE,
        extra={"must": "must name modules", "remedy": "Write dotted names, as in `numpy.linalg`"},
    ),
]
Account = Annotated[
    str,
    Meta(
        pattern=r"\A[^\s=]+\Z",
        extra={"must": "must name accounts", "remedy": "Write each as on the site, as in `octocat`"},
    ),
]
AccountOfStudent = Annotated[
    str,
    Meta(
        pattern=r"\A[^\s=]+=[^/]+\Z",
        extra={
            "must": "must pair accounts with students",
            "remedy": "Write `account=student`, as in `octocat=kim`",
        },
    ),
]


class About(Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(max_length=200)] = ""
    language: Language = "ko"  # of the feedback, when the notebook names none


class Sandbox(Struct, frozen=True, forbid_unknown_fields=True):
    require: tuple[Layer, ...] = LAYERS


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use."""

    cell_seconds: Seconds = 10.0
    submission_seconds: Seconds = 60.0
    grading_seconds: Seconds = 60.0  # what the grader itself may take besides
    memory_mib: Annotated[int, Meta(ge=64, le=1_048_576, extra={"unit": "MiB"})] = 2048
    cpu_seconds: WholeSeconds = 60
    output_kib: Annotated[int, Meta(ge=1, le=512, extra={"unit": "KiB"})] = 256  # text kept
    file_mib: Annotated[int, Meta(ge=1, le=65_536, extra={"unit": "MiB"})] = 16  # one file it writes
    folder_mib: Annotated[int, Meta(ge=1, le=65_536, extra={"unit": "MiB"})] = 64  # all it writes
    open_files: Annotated[int, Meta(ge=16, le=65_536, extra={"unit": "open files"})] = 128
    threads: Annotated[int, Meta(ge=1, le=4096, extra={"unit": "threads"})] = 64
    notebook_mib: Annotated[int, Meta(ge=1, le=1024, extra={"unit": "MiB"})] = 50  # the submitted file

    @property
    def worker_seconds(self) -> float:
        """After how long a worker that is still at one submission is taken for lost."""
        return self.submission_seconds + self.grading_seconds


class Environment(Struct, frozen=True, forbid_unknown_fields=True):
    preload: tuple[Module, ...] = ()  # imported before any submission


class PullRequests(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may hand in for whom. Whoever is in neither list hands in for the student of their account's name."""

    staff: tuple[Account, ...] = ()  # may hand in for anybody
    students: tuple[AccountOfStudent, ...] = ()


class Roster(Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes the course: a CSV file (see :mod:`autograder.course.roster`), from the course's folder."""

    file: Annotated[str, Meta(max_length=200)] = ""
    from_gradebook: bool = False  # the students that nbgrader's gradebook has


class Late(Struct, frozen=True, forbid_unknown_fields=True):
    """What a late submission costs, and which of several counts. Percentages are of all points there are."""

    grace_minutes: Annotated[int, Meta(ge=0, le=100_000, extra={"unit": "minutes"})] = 0
    percent_per_day: Percent = 0.0  # for each day that has begun
    max_percent: Percent = 100.0
    attempt: Attempt = "last"


class Gradebook(Struct, frozen=True, forbid_unknown_fields=True):
    """nbgrader's gradebook, which is written only where there is such a table."""

    url: Annotated[str, Meta(max_length=200)] = "sqlite:///gradebook.db"


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    course: About = About()
    sandbox: Sandbox = Sandbox()
    limits: Limits = Limits()
    environment: Environment = Environment()
    pull_requests: PullRequests = PullRequests()
    roster: Roster = Roster()
    late: Late = Late()
    gradebook: Gradebook | None = None
    due: dict[str, datetime] = {}  # assignment → when it is due
    extensions: dict[str, dict[str, datetime]] = {}  # assignment → student → when it is due for them


@dataclass(frozen=True)
class Course:
    """``root`` is the absolute folder of ``grader.toml``."""

    root: Path
    config: Config

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language, the course's own first: of a student's notebooks in several, that one is graded."""
        own = self.config.course.language
        return (own, *(language for language in LANGUAGES if language != own))

    def assignments(self) -> tuple[str, ...]:
        """The names of the course's assignments: the folders that hold an ``assignment.toml``."""
        files = (self.root / "assignments").glob("*/assignment.toml")
        return tuple(sorted(file.parent.name for file in files))


def course_root(start: Path) -> Path | None:
    """The nearest folder, from ``start`` upwards, that holds ``grader.toml``; None if there is none."""
    folder = start.resolve()
    return next((root for root in (folder, *folder.parents) if (root / FILE_NAME).is_file()), None)


def find_course(start: Path) -> Course:
    """The course that ``start`` lies in; raises ConfigError if there is none or it is misconfigured."""
    root = course_root(start)
    if root is None:
        raise ConfigError(
            start.resolve(),
            FILE_NAME,
            f"no {FILE_NAME} in this folder or any above it",
            f"Change to the course's folder, or make one: an empty {FILE_NAME} accepts every default",
        )
    course = Course(root, load(root / FILE_NAME))
    _dated(course)
    return course


def load(path: Path) -> Config:
    """The settings in the file ``path``, defaults filled in; raises ConfigError at the first problem."""
    tables = _read(path)
    structs = _tables()
    values: dict[str, Any] = {}
    for name, table in tables.items():
        if name not in Config.__struct_fields__:
            _unknown(path, name, _every_key())
        _table(path, name, table)
        if name == "due":
            values[name] = _dates(path, name, table)
        elif name == "extensions":
            for assignment, students in table.items():
                _table(path, f"{name}.{assignment}", students)
            values[name] = {one: _dates(path, f"{name}.{one}", table[one]) for one in table}
        else:
            values[name] = structs[name](**_settings(path, name, table, structs[name]))
    config = Config(**values)
    _agree(path, config.limits)
    return config


def merged(limits: Limits, overrides: Mapping[str, float | int], path: Path) -> Limits:
    """``limits`` with an assignment's ``[limits]`` over them, ``path`` being the file these come from."""
    both: Limits = msgspec.structs.replace(limits, **_settings(path, "limits", overrides, Limits))
    _agree(path, both)
    return both


def _tables() -> dict[str, type[Struct]]:
    """The sections whose keys are known, by name; the others have keys of the course's own."""
    kinds = {name: get_args(kind) or (kind,) for name, kind in get_type_hints(Config).items()}
    return {name: kind[0] for name, kind in kinds.items() if issubclass(kind[0], Struct)}


def _table(path: Path, key: str, table: object) -> None:
    if not isinstance(table, dict):
        remedy = f"Write [{key}] on a line of its own"
        raise ConfigError(path, key, f"must be a table, found {shown(table)}", remedy)


def _dates(path: Path, section: str, table: Mapping[str, Any]) -> dict[str, datetime]:
    """``table``'s moments, each with its distance from UTC: nobody's clock is guessed."""
    for name, value in table.items():
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ConfigError(
                path,
                f"{section}.{name}",
                f"must be a date and a time with their distance from UTC, found {shown(value)}",
                f"Write it without quotation marks, as in `{name} = 2026-10-01T23:59:00+09:00`",
            )
    return dict(table)


def _dated(course: Course) -> None:
    """A date for an assignment that there is none of never takes effect: say so."""
    known = course.assignments()
    for section, table in (("due", course.config.due), ("extensions", course.config.extensions)):
        for name in table:
            if name not in known:
                there = f"Known here: {', '.join(known) or 'none yet'}. Leave it out until there is one"
                remedy = hint(near(name, known)) if near(name, known) else there
                raise ConfigError(course.root / FILE_NAME, f"{section}.{name}", "no such assignment", remedy)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise ConfigError(path, "file", problem, "Mend its permissions") from None
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"byte {error.start + 1}", "is not UTF-8", "Save the file as UTF-8") from None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem, line, column = str(error), text.count("\n") + 1, len(text) - text.rfind("\n")
        if found := re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", problem):
            problem = problem[: found.start()]
            line, column = int(found[1] or line), int(found[2] or column)
        where, remedy = f"line {line}, column {column}", "Mend the line, or the one above it"
        raise ConfigError(path, where, f"not TOML ({problem})", remedy) from None


def _settings(path: Path, section: str, table: Mapping[str, Any], struct: type[Struct]) -> dict[str, Any]:
    """``table``'s values, each of its field's type."""
    kinds = get_type_hints(struct, include_extras=True)
    values = {}
    for name, value in table.items():
        key = f"{section}.{name}"
        if name not in kinds:
            _unknown(path, key, [f"{section}.{known}" for known in kinds])
        try:
            values[name] = msgspec.convert(value, kinds[name])
        except msgspec.ValidationError:
            default = getattr(struct(), name)
            problem, remedy = complaint(value, msgspec.inspect.type_info(kinds[name]), name, default)
            raise ConfigError(path, key, problem, remedy) from None
    return values


def _agree(path: Path, limits: Limits) -> None:
    """A smaller limit that is larger than the one around it never takes effect: say so."""
    for inner, outer in (("cell_seconds", "submission_seconds"), ("file_mib", "folder_mib")):
        if getattr(limits, inner) > getattr(limits, outer):
            raise ConfigError(
                path,
                f"limits.{inner}",
                f"{getattr(limits, inner):g} is more than limits.{outer}, {getattr(limits, outer):g}",
                f"Raise {outer} or lower {inner}",
            )


def _unknown(path: Path, key: str, known: Iterable[str]) -> NoReturn:
    known = list(known)
    meant = near(key, known)
    unit = _every_key().get(meant or "", "")
    remedy = hint(meant, f", in {unit}" if unit else "") if meant else f"Known here: {', '.join(known)}"
    raise ConfigError(path, key, "is not a setting", remedy)


def _every_key() -> dict[str, str]:
    """Every section and dotted key, with its unit or ''."""
    keys: dict[str, str] = {}
    structs = _tables()
    for section in Config.__struct_fields__:
        keys[section] = ""
        kinds = get_type_hints(structs[section], include_extras=True) if section in structs else {}
        for name, kind in kinds.items():
            extra = getattr(msgspec.inspect.type_info(kind), "extra", None) or {}
            keys[f"{section}.{name}"] = extra.get("unit", "")
    return keys
