"""A course: the folder that holds ``grader.toml``, and what that file says.

Nothing is guessed. A key that is not known, a number in another unit, a value out of its range: the
first one is a :class:`~autograder.errors.ConfigError` that names file, dotted key, problem and remedy.
Every setting, its unit and its range stand in the structs below, and the error texts are made from them.
"""

from __future__ import annotations

import difflib
import json
import keyword
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from autograder.errors import ConfigError

FILE_NAME = "grader.toml"

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Layer = Literal["namespaces", "landlock", "seccomp", "rlimits"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

_NAME = rf"(?!(?:{'|'.join(keyword.kwlist)})\b)[^\W\d]\w*"
_MODULE = rf"\A{_NAME}(?:\.{_NAME})*\Z"

Seconds = Annotated[float, Meta(ge=0.1, le=86_400, extra={"unit": "seconds"})]
WholeSeconds = Annotated[int, Meta(ge=1, le=86_400, extra={"unit": "seconds"})]

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
    memory_mib: Annotated[int, Meta(ge=64, le=1_048_576, extra={"unit": "MiB"})] = 2048
    cpu_seconds: WholeSeconds = 60
    output_kib: Annotated[int, Meta(ge=1, le=512, extra={"unit": "KiB"})] = 256  # text kept
    file_mib: Annotated[int, Meta(ge=1, le=65_536, extra={"unit": "MiB"})] = 16  # one file it writes
    folder_mib: Annotated[int, Meta(ge=1, le=65_536, extra={"unit": "MiB"})] = 64  # all it writes
    open_files: Annotated[int, Meta(ge=16, le=65_536, extra={"unit": "open files"})] = 128
    threads: Annotated[int, Meta(ge=1, le=4096, extra={"unit": "threads"})] = 64
    notebook_mib: Annotated[int, Meta(ge=1, le=1024, extra={"unit": "MiB"})] = 50  # the submitted file


class Environment(Struct, frozen=True, forbid_unknown_fields=True):
    preload: tuple[Module, ...] = ()  # imported before any submission


class PullRequests(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may hand in for whom. Whoever is in neither list hands in for the student of their account's name."""

    staff: tuple[Account, ...] = ()  # may hand in for anybody
    students: tuple[AccountOfStudent, ...] = ()


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    course: About = About()
    sandbox: Sandbox = Sandbox()
    limits: Limits = Limits()
    environment: Environment = Environment()
    pull_requests: PullRequests = PullRequests()


@dataclass(frozen=True)
class Course:
    """``root`` is the absolute folder of ``grader.toml``."""

    root: Path
    config: Config

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
    return Course(root, load(root / FILE_NAME))


def load(path: Path) -> Config:
    """The settings in the file ``path``, defaults filled in; raises ConfigError at the first problem."""
    tables = _read(path)
    hints = get_type_hints(Config)
    values = {}
    for name, table in tables.items():
        if name not in hints:
            _unknown(path, name, _every_key())
        if not isinstance(table, dict):
            raise ConfigError(
                path, name, f"must be a table, found {_shown(table)}", f"Write [{name}] on a line of its own"
            )
        values[name] = hints[name](**_settings(path, name, table, hints[name]))
    config = Config(**values)
    _agree(path, config.limits)
    return config


def merged(limits: Limits, overrides: Mapping[str, float | int], path: Path) -> Limits:
    """``limits`` with an assignment's ``[limits]`` over them, ``path`` being the file these come from."""
    both: Limits = msgspec.structs.replace(limits, **_settings(path, "limits", overrides, Limits))
    _agree(path, both)
    return both


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
            problem, remedy = _complaint(value, msgspec.inspect.type_info(kinds[name]), name, default)
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


def _complaint(value: Any, kind: msgspec.inspect.Type, name: str, default: object) -> tuple[str, str]:
    """Problem and remedy for a ``value`` that is not of ``kind``."""
    match kind:
        case msgspec.inspect.Metadata(type=inner, extra={"unit": str(unit)}):
            assert isinstance(inner, msgspec.inspect.IntType | msgspec.inspect.FloatType)
            number = "a whole number" if isinstance(inner, msgspec.inspect.IntType) else "a number"
            return (
                f"must be {number} of {unit} from {inner.ge} to {inner.le}, found {_shown(value)}",
                f"Give {unit} as a bare number, as in `{name} = {default:g}`",
            )
        case msgspec.inspect.LiteralType(values=known):
            near = _near(value, map(str, known)) if isinstance(value, str) else None
            return f"must be one of {_listed(known)}, found {_shown(value)}", _hint(near)
        case msgspec.inspect.VarTupleType(item_type=item) if isinstance(value, list):
            wrong = next(entry for entry in value if not _accepts(item, entry))
            return _complaint(wrong, item, name, default)
        case msgspec.inspect.VarTupleType():
            return f"must be a list, found {_shown(value)}", f"Write `{name} = [...]`"
        case msgspec.inspect.Metadata(extra={"must": str(must), "remedy": str(remedy)}):
            return f"{must}, found {_shown(value)}", remedy
    return f"must be a text of at most 200 characters, found {_shown(value)}", "Write it in quotation marks"


def _accepts(kind: msgspec.inspect.Type, value: Any) -> bool:
    if isinstance(kind, msgspec.inspect.LiteralType):
        return value in kind.values
    assert isinstance(kind, msgspec.inspect.Metadata)
    kind = kind.type
    assert isinstance(kind, msgspec.inspect.StrType)
    return isinstance(value, str) and re.search(kind.pattern or "", value) is not None


def _unknown(path: Path, key: str, known: Iterable[str]) -> NoReturn:
    known = list(known)
    near = _near(key, known)
    unit = _every_key().get(near or "", "")
    remedy = _hint(near, f", in {unit}" if unit else "") if near else f"Known here: {', '.join(known)}"
    raise ConfigError(path, key, "is not a setting", remedy)


def _every_key() -> dict[str, str]:
    """Every section and dotted key, with its unit or ''."""
    keys: dict[str, str] = {}
    for section, struct in get_type_hints(Config).items():
        keys[section] = ""
        for name, kind in get_type_hints(struct, include_extras=True).items():
            extra = getattr(msgspec.inspect.type_info(kind), "extra", None) or {}
            keys[f"{section}.{name}"] = extra.get("unit", "")
    return keys


def _near(given: str, known: Iterable[str]) -> str | None:
    """The known word that ``given`` most probably means: the same but for section, unit or spelling."""
    names = {key.rpartition(".")[2]: key for key in known}
    given = given.rpartition(".")[2]
    quantity = given.rpartition("_")[0]
    same = [name for name in names if name == given or name.rpartition("_")[0] == quantity != ""]
    near = same or difflib.get_close_matches(given, names, n=1)
    return names[near[0]] if near else None


def _hint(near: str | None, more: str = "") -> str:
    return f"Did you mean `{near}`{more}?" if near else "Choose one of these"


def _listed(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _shown(value: Any) -> str:
    """A TOML value as its author wrote it, short, on one line."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
