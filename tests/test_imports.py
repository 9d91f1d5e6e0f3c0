"""Imports run one way: the order of the layers is the architecture."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograder

PACKAGE = Path(autograder.__file__).parent

# From the bottom. What stands together in one layer does not know of each other.
LAYERS = [
    {"errors", "escaping", "languages", "process"},
    {"wire", "results"},
    {"notebooks"},
    {"course"},
    {"messages"},
    {"submissions"},
    {"records"},
    {"runner"},
    {"sandbox"},
    {"here"},
    {"evidence"},
    {"checks", "slips"},
    {"handout", "scaffold", "feedback", "exchange", "gradebook"},
    {"report", "similarity"},
    {"pytest_plugin"},
    {"grading"},
    {"engine", "ci", "practice", "pytest_submission"},
    {"verification", "mutation"},
    {"cli"},
]
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
HEAVY = {"torch", "nbgrader", "nbformat", "IPython", "pytest", "numpy"}

MODULES = sorted(path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py"))
PARTS = {path.parts[1].removesuffix(".py") for path in MODULES}


def imported(path: Path, tree: ast.AST) -> Iterator[str]:
    """The parts of this package that the module imports, at its top or anywhere in it."""
    folder = path.parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = [*folder[: len(folder) + 1 - node.level]] if node.level else []
            base = ".".join([*origin, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, first, *_ = [*name.split("."), ""]
            if top == PACKAGE.name and first in PARTS:  # else a name of the package's own, as __version__
                yield first


def part(path: Path) -> str:
    """``sandbox`` for ``autograder/sandbox/slot.py``; empty for the package's own ``__init__``."""
    name = path.parts[1].removesuffix(".py")
    return "" if name == "__init__" else name


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    """Every module has its layer, and imports from strictly lower ones or its own part alone."""
    here = part(path)
    assert not here or here in HEIGHT, f"{here} has no place in LAYERS yet: give it one"
    for other in set(imported(path, ast.parse((PACKAGE.parent / path).read_bytes()))) - {here}:
        if not here:
            assert other == "practice", "the package's own __init__ offers students their check, and nothing else"
            continue
        assert HEIGHT[other] < HEIGHT[here], f"{here} may not import {other}"
        # Except where students check their own work: they trust themselves, so that one process is both ends.
        assert other != "runner" or here in ("here", "practice"), "nothing trusted imports the runner"
        assert here != "runner" or other == "wire", "the runner imports the wire alone"


def test_grading_never_runs_here() -> None:
    """Only the command for a student's own check takes the slot that is this very process."""
    users = [
        path for path in MODULES if "here" in imported(path, ast.parse((PACKAGE.parent / path).read_bytes()))
    ]
    assert [path.as_posix() for path in users] == ["autograder/cli/check.py"]


def _is_list(path: Path) -> bool:
    """Whether a module is a package's own and holds nothing but its docstring."""
    return path.name == "__init__.py" and len(ast.parse((PACKAGE.parent / path).read_bytes()).body) == 1


@pytest.mark.parametrize("path", [path for path in MODULES if _is_list(path)], ids=str)
def test_a_package_says_what_its_modules_are(path: Path) -> None:
    """A package that holds nothing but a docstring names every one of its modules there, and no other."""
    own = {module.stem for module in MODULES if module.parent == path.parent} - {"__init__"}
    said = ast.get_docstring(ast.parse((PACKAGE.parent / path).read_bytes())) or ""
    words = set(re.findall(r"\w+", said))
    listed = set(re.findall(r"^- ``(\w+)``:", said, re.MULTILINE))
    assert (own - words, listed - own) == (set(), set())


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("import autograder.wire.frames", ["wire"]),
        ("from autograder import wire, __version__", ["wire"]),
        ("from autograder.errors import GraderError", ["errors"]),
        ("from .. import wire", ["wire"]),
        ("from ..wire import x", ["wire"]),
        ("from . import limits", ["sandbox"]),
        ("def f():\n    import autograder.errors", ["errors"]),
        ("import os, msgspec", []),
    ],
)
def test_every_way_to_import_is_seen(source: str, parts: list[str]) -> None:
    """Absolute, relative and late imports are read alike."""
    assert list(imported(Path("autograder/sandbox/slot.py"), ast.parse(source))) == parts


def test_the_command_line_starts_light() -> None:
    """``import autograder.cli`` in a fresh interpreter loads nothing that takes long to load."""
    program = "import sys, autograder.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "typer" in loaded
    assert not HEAVY & loaded
