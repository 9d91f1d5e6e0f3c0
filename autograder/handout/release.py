"""Student notebooks, made from an assignment's one source notebook.

    solutions/<name>/<name>.ipynb ──► assignments/<name>/<name>.<lang>.ipynb, one for each language

The source holds everything: the given cells, the reference answers between ``### BEGIN SOLUTION`` and
``### END SOLUTION``, and the text in every language, each text cell tagged ``lang-<code>``. A release keeps
one language, puts a comment where an answer was, drops hidden tests and outputs, and adds what students need to
run the public checks (:mod:`.carried`). nbgrader's own preprocessors do the work, so nbgrader takes what comes out
for its own. It is given one cell at a time, because its complaints do not say which cell they are about.

A text cell may hold the line ``<!-- points -->``: the table of what is checked, for how many points, goes there.

Text cells carry no nbgrader metadata: every language then has the same nbgrader cells, and one gradebook
entry fits them all. nbgrader, nbformat and nbconvert are imported when needed: they take most of a second.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import AssignmentError
from autograder.handout.carried import carries
from autograder.languages import LANGUAGES
from autograder.messages import catalogue
from autograder.notebooks.headings import LANGUAGE_TAG
from autograder.results import write_atomically

if TYPE_CHECKING:
    from nbformat import NotebookNode

POINTS_MARKER = "<!-- points -->"

_REGIONS = ("SOLUTION", "HIDDEN TESTS")
_SILENT = logging.Logger("autograder.handout.release", level=logging.CRITICAL + 1)  # errors carry the same news


@dataclass(frozen=True)
class CheckRow:
    """What a check looks at and is worth; ``title`` of its question and ``about`` by language."""

    title: Mapping[str, str]
    about: Mapping[str, str]
    points: float


def release(
    course_root: Path,
    name: str,
    languages: Sequence[str],
    points: Mapping[str, float] | None = None,
    checks: Sequence[CheckRow] = (),
) -> dict[str, bytes]:
    """The student notebooks of an assignment: file name → content, in the order of ``languages``.

    ``points`` says what each question is worth, and must name exactly the notebook's questions; without it
    the numbers in the source stay. ``checks`` become a table, those of one question side by side, wherever a
    text cell has a line :data:`POINTS_MARKER`; without them that line stays. Equal arguments and source
    give equal bytes. Raises :class:`AssignmentError`, naming file, cell and remedy, if the source cannot be
    released.
    """
    source = _Source(course_root / "solutions" / name / f"{name}.ipynb")
    return {f"{name}.{lang}.ipynb": source.student_notebook(name, lang, points, checks) for lang in languages}


def write_release(
    course_root: Path,
    name: str,
    languages: Sequence[str],
    points: Mapping[str, float] | None = None,
    checks: Sequence[CheckRow] = (),
) -> list[Path]:
    """Put :func:`release` into ``assignments/<name>/`` and return the files written; raises as it does.

    Nothing is written unless every language could be made.
    """
    folder = course_root / "assignments" / name
    contents = release(course_root, name, languages, points, checks)
    for file_name, content in contents.items():
        write_atomically(folder / file_name, content)
    return [folder / file_name for file_name in contents]


class _Source:
    """The source notebook, read and found sound."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = self._checked_text()
        notebook = self._fresh()
        language = notebook.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise self._error(f"its kernel speaks {language}", "Only Python notebooks can be released")
        self._check_metadata(notebook)
        for number, cell in enumerate(notebook.cells, 1):
            for region in _REGIONS:
                self._check_region(number, cell, region)

    def student_notebook(
        self, name: str, lang: str, points: Mapping[str, float] | None, checks: Sequence[CheckRow]
    ) -> bytes:
        from nbconvert.preprocessors import TagRemovePreprocessor
        from nbgrader import preprocessors as nbgrader  # type: ignore[import-untyped]

        if lang not in LANGUAGES:
            raise self._error(
                f"no words are known for the language {lang!r}", f"Known are {_listed(LANGUAGES)}"
            )
        notebook = self._fresh()
        tags = {tag for cell in notebook.cells for tag in _language_tags(cell)}
        if LANGUAGE_TAG + lang not in tags:
            raise self._error(f"no cell is in {lang!r}", f"Tag its text cells `{LANGUAGE_TAG}{lang}`")
        words = catalogue(lang)
        code_stub = f"# {words.ui('write_code_here')}"  # it must run without raising
        stubs = {"code_stub": {"python": code_stub}, "text_stub": words.ui("write_answer_here")}
        self._apply(nbgrader.ClearSolutions(**stubs, log=_SILENT), notebook)
        self._apply(nbgrader.ClearHiddenTests(log=_SILENT), notebook)
        self._apply(nbgrader.ClearOutput(log=_SILENT), notebook)
        if points is not None:
            self._write_points(notebook, points)
            self._check_metadata(notebook)
        pick: Any = TagRemovePreprocessor(remove_cell_tags=tags - {LANGUAGE_TAG + lang})  # type: ignore[no-untyped-call]
        pick.preprocess(notebook, {})
        if checks:
            _write_table(notebook, checks_table(checks, lang))
        # lock_all_cells is for the text cells, which have no metadata that would say so
        nbgrader.LockCells(lock_all_cells=True, log=_SILENT).preprocess(notebook, {})
        nbgrader.ComputeChecksums(log=_SILENT).preprocess(notebook, {})

        about: dict[str, Any] = {"assignment": name, "lang": lang}
        if files := carries(self.path.parents[2] / "assignments" / name, name, notebook):
            about["carries"] = files
        notebook.metadata["autograder"] = about
        about["version"] = hashlib.sha256(_to_bytes(notebook)).hexdigest()[:12]
        notebook.metadata["autograder"] = about
        return _to_bytes(notebook)

    def _checked_text(self) -> str:
        """The file's text, a valid notebook of format 4.5 whose cells have ids of their own."""
        from nbformat import ValidationError, validate

        try:
            text = self.path.read_text(encoding="utf-8")
            notebook = json.loads(text)
        except FileNotFoundError:
            raise self._error("there is no such file", "An assignment's source stands there") from None
        except ValueError as error:
            raise self._error(f"this is no JSON ({error})", "Restore the file or save it anew") from None
        if not isinstance(notebook, dict) or not isinstance(cells := notebook.get("cells"), list):
            raise self._error("this is no notebook of format 4", "Save it with a current JupyterLab")
        ids = [cell.get("id") for cell in cells if isinstance(cell, dict)]
        if None in ids or len(set(map(str, ids))) < len(cells):  # nbformat would draw random ones
            raise self._error("its cells lack ids of their own", "Save it with a current JupyterLab")
        try:
            validate(notebook)
        except ValidationError as error:
            raise self._error(_brief(error), "Save it with a current JupyterLab") from None
        return text

    def _fresh(self) -> NotebookNode:
        from nbformat import reads

        notebook: NotebookNode = reads(self.text, as_version=4)  # type: ignore[no-untyped-call]
        return notebook

    def _apply(self, preprocessor: Any, notebook: NotebookNode) -> None:
        """Run a preprocessor that looks at each cell by itself."""
        for number, alone in enumerate(_one_by_one(notebook), 1):
            try:
                preprocessor.preprocess(alone, {})
            except RuntimeError as error:
                remedy = "Only a cell marked as solution or grade may hold such a region"
                raise self._error(_brief(error), remedy, number, alone.cells[0]) from None

    def _check_metadata(self, notebook: NotebookNode) -> None:
        from nbgrader.nbgraderformat import (  # type: ignore[import-untyped]
            SchemaTooNewError,
            SchemaTooOldError,
            ValidationError,
        )
        from nbgrader.preprocessors import CheckCellMetadata  # type: ignore[import-untyped]

        check, seen = CheckCellMetadata(log=_SILENT), set()
        for number, alone in enumerate(_one_by_one(notebook), 1):
            cell = alone.cells[0]
            try:
                check.preprocess(alone, {})
            except (ValidationError, SchemaTooOldError, SchemaTooNewError) as error:
                remedy = "Give it nbgrader metadata of schema version 3, an id and points included"
                raise self._error(_brief(error.__context__ or error), remedy, number, cell) from None
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id is not None and grade_id in seen:
                raise self._error("its grade_id is used twice", "Give every cell its own", number, cell)
            seen.add(grade_id)

    def _check_region(self, number: int, cell: NotebookNode, region: str) -> None:
        """nbgrader drops an end without a beginning, and so would hand out what stands before it."""
        lines = cell.source.split("\n")
        begins = sum(f"BEGIN {region}" in line for line in lines)
        ends = sum(f"END {region}" in line and f"BEGIN {region}" not in line for line in lines)
        if begins != ends:
            problem = f"{begins} lines say BEGIN {region} and {ends} say END {region}"
            raise self._error(problem, "Give each beginning its end, each on a line of its own", number, cell)

    def _write_points(self, notebook: NotebookNode, points: Mapping[str, float]) -> None:
        cells = [cell for cell in notebook.cells if is_question(cell)]
        questions = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells}
        if unknown := points.keys() - questions.keys():
            raise self._error(f"it has no question {_listed(unknown)}", f"It has {_listed(questions)}")
        if without := questions.keys() - points.keys():
            raise self._error(f"nothing is worth points in {_listed(without)}", "Write a check for it")
        for question, cell in questions.items():
            worth = float(points[question])
            cell.metadata["nbgrader"]["points"] = int(worth) if worth.is_integer() else worth

    def _error(
        self, problem: str, remedy: str, number: int | None = None, cell: NotebookNode | None = None
    ) -> AssignmentError:
        where = ""
        if cell is not None:
            where = f" cell {number} ({cell.metadata.get('nbgrader', {}).get('grade_id') or cell['id']}):"
        return AssignmentError(f"{self.path}:{where} {problem}. {remedy}.")


def is_question(cell: Mapping[str, Any]) -> bool:
    """Whether a cell is one that a student answers in code and that checks give points for.

    An answer in text is a person's to grade: it keeps the points that its author gave it.
    """
    marks = cell["metadata"].get("nbgrader", {})
    return bool(cell["cell_type"] == "code" and marks.get("grade") and marks.get("solution"))


def checks_table(checks: Sequence[CheckRow], lang: str) -> str:
    """A Markdown table of what is checked and for how many points, and their sum, in one language."""

    words = catalogue(lang)
    rows = [(words.ui("question"), words.ui("what_is_checked"), words.ui("points")), ("---", "---", "---:")]
    before: Mapping[str, str] | None = None
    for check in checks:
        title = _as_text(words.among(check.title)) if check.title != before else ""
        rows.append((title, _as_text(words.among(check.about)), words.points(check.points)))
        before = check.title
    total = words.points(sum(check.points for check in checks))
    rows.append((f"**{words.ui('total')}**", "", f"**{total}**"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _write_table(notebook: NotebookNode, table: str) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            cell["source"] = "\n".join(table if line.strip() == POINTS_MARKER else line for line in lines)


def _as_text(words: str) -> str:
    """Words on one line of a table, meaning nothing but themselves; an underscore inside a name stays."""
    return re.sub(r"[\\`*\[\]<|$~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", " ".join(words.split()))


def _language_tags(cell: NotebookNode) -> list[str]:
    return [tag for tag in cell.metadata.get("tags", []) if tag.startswith(LANGUAGE_TAG)]


def _one_by_one(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Each cell as a notebook of its own; a change to the cell is a change to ``notebook``."""
    for cell in notebook.cells:
        yield type(notebook)(notebook | {"cells": [cell]})


def _to_bytes(notebook: NotebookNode) -> bytes:
    from nbformat import writes

    return f"{writes(notebook)}\n".encode()  # type: ignore[no-untyped-call]


def _brief(error: BaseException) -> str:
    """A complaint's first line (a schema's has the whole schema below it), without its full stop."""
    return str(error).split("\n", 1)[0].rstrip(".")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
