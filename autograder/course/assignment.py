"""An assignment as its author left it, read once per run and found free of contradictions.

    assignments/<name>/assignment.toml   languages, titles, and what each question's answer must define
    solutions/<name>/<name>.ipynb        the one source notebook: given cells, questions, reference answers
    …/test_public.py, …/test_hidden.py   the checks (only their bytes matter here, and those of files beside them)
    assignments/<name>/data/             files that are handed out with the notebook, and that its cells may read

What students are handed out holds a part of that, in one folder: assignment.toml, a released notebook in place of the
source, test_public.py, data/. :func:`load_handout` reads it.

Every contradiction is an error that names the file, the question and the remedy.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NoReturn

from autograder.course import assignment_files
from autograder.course.assignment_settings import QuestionTable, Settings, read_settings
from autograder.course.config import Course, Limits, merged
from autograder.errors import AssignmentError, ConfigError
from autograder.notebooks import copies
from autograder.notebooks.headings import LANGUAGE_TAG, headings, unknown_tag
from autograder.notebooks.notebook import normal_newlines
from autograder.notebooks.source import Reading, bound_names, read

Visibility = Literal["public", "hidden"]

NAME = re.compile(r"\w[\w.-]*")  # that an assignment may have
_HAND_OUT_AGAIN = (
    "Put the file that was handed out there; whoever makes the assignment gets it from `grader release NAME`"
)
SOLUTION, HIDDEN_TESTS = "SOLUTION", "HIDDEN TESTS"  # nbgrader's regions, wherever in a line their delimiters stand


@dataclass(frozen=True)
class GivenCell:
    """A locked code cell of ours. ``question`` is the one it prepares; ``None``: the whole notebook."""

    id: str
    source: str
    question: str | None

    @functools.cached_property
    def reading(self) -> Reading:
        """What the source says; read once, not for every submission."""
        return read(self.source)


@dataclass(frozen=True)
class Question:
    """``id`` is its cell's grade_id; ``stub`` the cell as released, ``reference`` with its answer.

    A handout has no reference: it is empty, and so is the stub of a cell that was worked in.
    """

    id: str
    defines: tuple[str, ...]
    title: dict[str, str]  # language → title
    section: str  # anchor in the notebook
    heading: dict[str, str]  # language → that section's heading
    given_cells: tuple[str, ...]
    stub: str
    reference: str

    @functools.cached_property
    def stub_reading(self) -> Reading:
        """What the released cell says; read once, not for every submission."""
        return read(self.stub)


@dataclass(frozen=True)
class Anchor:
    """A text cell, normalised; ``question`` is the next one after it, ``None`` after the last."""

    text: str
    question: str | None


@dataclass(frozen=True)
class Assignment:
    """``questions``, ``given`` and ``markdown`` are in the notebook's order; paths are as found on disk."""

    name: str
    title: dict[str, str]  # language → title
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    given: tuple[GivenCell, ...]
    markdown: tuple[Anchor, ...]
    check_files: tuple[tuple[Path, Visibility], ...]
    folder: Path  # what students may see of it; their code finds its ``data/`` in its own
    lesson: dict[str, str]  # language → https address of the text that explains the questions
    limits: dict[str, float | int]  # over grader.toml's; only known to be positive numbers
    digest: str  # sha256 of everything a verdict depends on
    whole: bool = True  # with answers and hidden checks, which a handout lacks
    source: bytes = field(default=b"", repr=False)  # the notebook with the answers; none in a handout


def limits_of(course: Course, name: str) -> Limits:
    """The course's limits with those of its assignment ``name`` over them; raises :class:`ConfigError`."""
    path = course.root / "assignments" / name / "assignment.toml"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            path, "file", f"cannot be read ({error.strerror})", "Mend its permissions"
        ) from None
    return merged(course.config.limits, read_settings(path, data).limits, path)


def load(course_root: Path, name: str) -> Assignment:
    """The assignment ``name`` of the course at ``course_root``.

    Raises :class:`ConfigError` for what assignment.toml says, :class:`AssignmentError` for the rest.
    """
    folder, secret = course_root / "assignments" / name, course_root / "solutions" / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        others = sorted(file.parent.name for file in course_root.glob("assignments/*/assignment.toml"))
        known = f"There are: {', '.join(others)}" if others else "A folder with an assignment.toml makes one"
        raise AssignmentError(f"{course_root / 'assignments'}: no assignment is named {name!r}. {known}")
    settings_path, source_path = folder / "assignment.toml", secret / f"{name}.ipynb"
    settings_bytes = _bytes(settings_path, "Every assignment needs one: docs/authoring.md shows its form")
    if not secret.is_dir():
        raise AssignmentError(f"{secret}: the folder is missing. It holds {name}.ipynb, the source notebook")
    source_bytes = _bytes(source_path, "It is the source that student notebooks are released from")
    settings = read_settings(settings_path, settings_bytes)
    source = copies.notebook(source_path, source_bytes)
    cells = _cells(source_path, source["cells"], settings, settings_path)
    contents = {label: path.read_bytes() for label, path in assignment_files.paths(course_root, name).items()}
    contents |= {
        f"assignments/{name}/assignment.toml": settings_bytes,
        f"solutions/{name}/{name}.ipynb": source_bytes,
    }
    assignment = _assignment(name, settings, cells, folder, secret / "test_hidden.py", contents)
    return replace(assignment, source=source_bytes)


def load_handout(folder: Path) -> Assignment:
    """The assignment as students have it in ``folder``: its public checks, and no answers.

    The cells are those of a released notebook there. If students have worked in every one of them, the least changed
    is taken, as long as it still has all questions and its given cells are as they were.
    Raises :class:`ConfigError` for what assignment.toml says, :class:`AssignmentError` for what is missing.
    """
    settings_path = folder / "assignment.toml"
    settings_bytes = _bytes(settings_path, _HAND_OUT_AGAIN)
    settings = read_settings(settings_path, settings_bytes)
    if not (folder / "test_public.py").is_file():
        raise AssignmentError(f"{folder}: test_public.py, the public checks, is missing. {_HAND_OUT_AGAIN}")
    found = copies.least_changed(folder, settings.questions)
    if isinstance(found, str):
        raise AssignmentError(f"{folder}: {found}. {_HAND_OUT_AGAIN}")
    path, released_bytes, copy = found
    about = copy["metadata"].get("autograder")
    name = str(about.get("assignment") or "") if isinstance(about, dict) else ""
    cells = _cells(path, copy["cells"], settings, settings_path, handed_out=True)
    others = [folder / "test_public.py", *_data_files(folder)]
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in others}
    contents |= {"assignment.toml": settings_bytes, "notebook": released_bytes}
    return _assignment(name or path.name.partition(".")[0], settings, cells, folder, None, contents)


def _assignment(
    name: str,
    settings: Settings,
    cells: tuple[tuple[GivenCell, ...], tuple[Question, ...], tuple[Anchor, ...]],
    folder: Path,
    hidden: Path | None,
    contents: dict[str, bytes],
) -> Assignment:
    """Put together; ``contents`` are all the bytes that its digest stands for."""
    possible: list[tuple[Path | None, Visibility]] = [
        (folder / "test_public.py", "public"),
        (hidden, "hidden"),
    ]
    given, questions, markdown = cells
    return Assignment(
        name=name,
        title=settings.title,
        languages=settings.languages,
        questions=questions,
        given=given,
        markdown=markdown,
        check_files=tuple((path, visibility) for path, visibility in possible if path and path.is_file()),
        folder=folder,
        lesson=settings.lesson,
        limits=settings.limits,
        digest=assignment_files.digest_of(contents),
        whole=hidden is not None,
    )


def _data_files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob("data/**/*") if path.is_file()))


def normal_text(markdown: str) -> str:
    """A text cell without what editors change: white space."""
    return " ".join(markdown.split())


def released(reference: str) -> str:
    """``reference`` without its answer, as nbgrader's ClearSolutions takes it out.

    Source without delimiters is an answer as a whole. Raises ValueError if they do not match.
    """
    kept = without(SOLUTION, reference)
    return "" if kept == reference else kept


def without(region: str, source: str) -> str:
    """``source`` without what stands in regions of this name; raises ValueError if their delimiters do not match."""
    begin, end = f"BEGIN {region}", f"END {region}"
    kept, inside = [], False
    for line in source.split("\n"):
        if begin in line or end in line:
            if inside == (begin in line):
                raise ValueError(f"`### {begin}` and `### {end}` do not alternate")
            inside = not inside
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"`### {end}` is missing")
    return "\n".join(kept)


# The source notebook


def _cells(
    path: Path,
    cells: list[dict[str, Any]],
    settings: Settings,
    settings_path: Path,
    *,
    handed_out: bool = False,
) -> tuple[tuple[GivenCell, ...], tuple[Question, ...], tuple[Anchor, ...]]:
    given: list[GivenCell] = []
    questions: list[Question] = []
    texts: list[tuple[str, int]] = []  # and how many questions stand before
    tagged: list[tuple[str, list[str]]] = []
    waiting: list[tuple[str, str]] = []  # given cells of the question to come
    seen: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        source, metadata = normal_newlines(cell["source"]), cell["metadata"].get("nbgrader") or {}
        tags = copies.tags(cell)
        if not handed_out and (unknown := unknown_tag(tags, settings.languages)):
            known = ", ".join(f"{LANGUAGE_TAG}{language}" for language in settings.languages)
            problem = f"its tag {unknown!r} is no language of the assignment"
            _contradiction(path, f"cell {position} ({cell.get('id', '-')})", problem, f"Known here: {known}")
        if cell["cell_type"] == "markdown":
            texts.append((normal_text(source), len(questions)))
            tagged.append((source, tags))
        if cell["cell_type"] != "code" or not metadata:
            continue
        identity = str(metadata.get("grade_id", ""))
        if not identity or identity in seen:
            problem = f"its grade_id {identity!r} is used before" if identity else "it has no grade_id"
            _contradiction(path, f"cell {position}", problem, "Give every nbgrader cell its own")
        seen.add(identity)
        graded, solution = bool(metadata.get("grade")), bool(metadata.get("solution"))
        if graded and solution:
            belonging = waiting if questions else waiting[1:]  # the first of all prepares the notebook
            given += [
                GivenCell(name, text, identity if (name, text) in belonging else None)
                for name, text in waiting
            ]
            names = tuple(name for name, _ in belonging)
            if handed_out:
                stub = source if copies.unchanged(cell) else ""
                questions.append(_handed_out(path, settings_path, settings, identity, stub, names))
            else:
                questions.append(_question(path, settings_path, settings, identity, source, names))
            waiting = []
        elif graded or solution:
            remedy = "Let it be graded and a solution, or neither"
            _contradiction(path, f"cell {identity!r}", "is only half a question", remedy)
        elif metadata.get("locked"):
            try:  # it runs beside students' code, which may read it
                waiting.append((identity, without(HIDDEN_TESTS, source)))
            except ValueError as error:
                _contradiction(path, f"cell {identity!r}", f"its {error}", "Close every region that you open")
    if waiting:
        _contradiction(path, f"cell {waiting[0][0]!r}", "is given after the last question", "Move it up")
    for name in settings.questions:
        if all(question.id != name for question in questions):
            problem = f"no cell of {path} has this grade_id as a graded solution"
            raise ConfigError(settings_path, f"questions.{name}", problem, "Add the cell, or drop the table")
    order = [question.id for question in questions]
    found = headings(tagged, settings.languages)
    questions = [replace(question, heading=found.get(question.section, {})) for question in questions]
    markdown = (Anchor(text, order[done] if done < len(order) else None) for text, done in texts if text)
    return tuple(given), tuple(questions), tuple(markdown)


def _table(path: Path, settings_path: Path, settings: Settings, name: str) -> QuestionTable:
    table = settings.questions.get(name)
    if table is None:
        problem = f"{settings_path} has no table for it"
        _contradiction(path, f"question {name!r}", problem, f"Write [questions.{name}] there")
    return table


def _handed_out(
    path: Path, settings_path: Path, settings: Settings, name: str, stub: str, given: tuple[str, ...]
) -> Question:
    table = _table(path, settings_path, settings, name)
    return Question(name, table.defines, table.title, table.section, {}, given, stub, reference="")


def _question(
    path: Path, settings_path: Path, settings: Settings, name: str, reference: str, given: tuple[str, ...]
) -> Question:
    table = _table(path, settings_path, settings, name)
    try:
        stub = released(reference)
    except ValueError as error:
        _contradiction(path, f"question {name!r}", str(error), "Put the answer between the two lines")
    bound = bound_names(reference)
    if bound is None:
        _contradiction(path, f"question {name!r}", "its solution is not Python", "Mend its syntax")
    if missing := [defined for defined in table.defines if defined not in bound]:
        _contradiction(
            path,
            f"question {name!r}",
            f"its solution does not bind {', '.join(missing)}",
            f"Bind it in the cell, or drop it from questions.{name}.defines in {settings_path}",
        )
    return Question(name, table.defines, table.title, table.section, {}, given, stub, reference)


def _contradiction(path: Path, subject: str, problem: str, remedy: str) -> NoReturn:
    raise AssignmentError(f"{path}: {subject}: {problem}. {remedy}")


def _bytes(path: Path, why: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}). {why}") from None
