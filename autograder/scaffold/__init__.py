"""A small assignment that is whole: what ``grader new`` makes, for its author to change bit by bit.

What it is made of stands in ``files/``. Text cells, titles and what checks are about are kept in the languages that
are wanted; the notebooks are what Jupyter would write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignment import NAME
from autograder.errors import AssignmentError
from autograder.results import write_atomically

FILES = Path(__file__).with_name("files")
LANGUAGES = ("ko", "en")  # that its text is written in


def scaffold(name: str, languages: Sequence[str]) -> dict[str, bytes]:
    """Path within the course → content of an assignment called ``name``.

    Raises :class:`AssignmentError` for a name that no assignment may have.
    """
    if not NAME.fullmatch(name):
        raise AssignmentError(
            f"{name!r} is no name for an assignment. Take letters, digits, `_`, `-` and `.`, as in `week-3`"
        )
    shown, secret = f"assignments/{name}", f"solutions/{name}"
    files = {
        f"{shown}/assignment.toml": _filled("assignment.toml", languages),
        f"{shown}/test_public.py": _filled("test_public.py", languages),
        f"{secret}/{name}.ipynb": _source(languages),
        f"{secret}/test_hidden.py": _filled("test_hidden.py", languages),
    }
    for folder in ("right", "wrong"):
        for path in sorted((FILES / folder).glob("*.ipynb")):
            files[f"{secret}/{folder}/{path.name}"] = path.read_bytes()
    return files


def write(course_root: Path, name: str, languages: Sequence[str]) -> list[Path]:
    """Put :func:`scaffold` into the course and return the files written.

    Raises :class:`AssignmentError` as it does, and where either folder of the assignment is there already.
    """
    files = scaffold(name, languages)
    for folder in (course_root / "assignments" / name, course_root / "solutions" / name):
        if folder.exists():
            raise AssignmentError(f"{folder}: is there already. Take another name, or move it away")
    for path, content in files.items():
        write_atomically(course_root / path, content)
    return [course_root / path for path in files]


def _filled(template: str, languages: Sequence[str]) -> bytes:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FILES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # TOML and Python, all of it our own
    )
    return environment.get_template(f"{template}.jinja").render(languages=languages).encode()


def _source(languages: Sequence[str]) -> bytes:
    notebook = json.loads((FILES / "source.ipynb").read_bytes())
    wanted = {f"lang-{language}" for language in languages}
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" or wanted & set(cell["metadata"]["tags"])
    ]
    return f"{json.dumps(notebook, ensure_ascii=False, indent=1)}\n".encode()
