"""The course that hostile programs are handed in to, and the notebooks made of them.

Its first question is no question: every submission answers it with the same cell, which looks around for what
an earlier submission may have left, in files, modules and this process's memory. So whoever follows a hostile
program in its slot, hostile or not, says whether the world was clean.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.builders import RawCell, code, given, notebook, question, text, write_course

NAME = "target"
MARK = "leftbehind"  # in the name of whatever a program tries to leave
TOKEN = "CANARY"  # what every secret begins with

LIMITS = {
    "cell_seconds": 3,
    "submission_seconds": 12,
    "cpu_seconds": 8,
    "memory_mib": 400,
    "output_kib": 32,
    "file_mib": 1,
    "folder_mib": 4,
    "open_files": 64,
    "threads": 16,
}
SETTINGS = f"""\
languages = ["en"]

[title]
en = "A target"

[limits]
{chr(10).join(f"{name} = {value}" for name, value in LIMITS.items())}
""" + "".join(
    f"""
[questions.{name}]
defines = [{defines}]
title = {{en = "{name}"}}
section = "s"
"""
    for name, defines in (
        ("witness", '"world"'),
        ("layer", '"layer"'),
        ("values", '"softmax_output"'),
        ("model", '"model"'),
        ("shapes", '"predicted"'),
        ("optimizer", '"sgd"'),
    )
)

CHECKS = """\
# {secret}
import torch
from torch import nn

from autograder.checks import (
    assert_close, assert_same_computation, assert_same_dropout, assert_same_optimizer, assert_shape, question,
)

SECRET = "{secret}"  # in the memory of the process that decides
witness, layer, values = question("witness"), question("layer"), question("values")
model, shapes, optimizer = question("model"), question("shapes"), question("optimizer")


def mlp():
    return nn.Sequential(
        nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3), nn.Softmax(dim=1)
    )


@witness.check(points=1)
def test_sees_a_clean_world(answer):
    assert_close(answer.tensor("world"), torch.zeros(6))


@layer.check(points=4)
def test_computes(answer):
    assert_same_computation(answer.module("layer"), nn.Linear(4, 3), input_shape=(4,))


@values.check(points=2)
def test_softmax(answer):
    assert_close(answer.tensor("softmax_output"), torch.softmax(answer.given("x"), dim=1))


@model.check(points=5)
def test_model_computes(answer):
    assert_same_computation(answer.module("model"), mlp(), input_shape=(8,))


@model.check(points=3)
def test_model_drops(answer):
    assert_same_dropout(answer.module("model"), mlp(), input_shape=(8,))


@shapes.check(points=2)
def test_predicts(answer):
    assert_shape(answer.literal("predicted"), of=nn.Conv2d(3, 8, 5, padding=2), input_shape=(2, 3, 28, 28))


@optimizer.check(points=3)
def test_steps(answer):
    assert_same_optimizer(
        answer.optimizer("sgd"),
        lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
        of=answer.module("model", anywhere=True),
    )
"""
POINTS = {"witness": 1, "layer": 4, "values": 2, "model": 8, "shapes": 2, "optimizer": 3}

RIGHT = {
    "layer": "layer = nn.Linear(4, 3)",
    "values": "softmax_output = x.softmax(dim=1)",
    "model": (
        "model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3), nn.Softmax(dim=1))"
    ),
    "shapes": "predicted = (2, 8, 28, 28)",
    "optimizer": "sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)",
}
GIVEN = {
    "witness": "import torch\nimport torch.nn as nn",
    "values": "x = torch.linspace(-2, 2, 8).reshape(2, 4)",
}

# Looks through the heap and the arenas of its own process by writing them into a pipe, which fails where nothing
# is mapped. It knows no secret: only what one looks like, and its own.
WITNESS = f"""\
import builtins, ctypes, os, re, sys, threading
mine = b"{{token}}"
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
reader, writer = os.pipe()
step, tokens = 1 << 16, set()
top, arena = libc.sbrk(0), id(object())
for begin, end in ((top - (128 << 20), top), (arena - (32 << 20), arena + (32 << 20))):
    for address in range(begin - begin % step, end, step):
        if (size := libc.write(writer, ctypes.c_void_p(address), step)) > 0:
            tokens |= set(re.findall(rb"{TOKEN}[a-z]{{{{24}}}}", os.read(reader, size)))
os.close(reader), os.close(writer)
found = list(os.listdir("."))
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/scratch", "/", os.path.expanduser("~")):
    try:
        found += [name for name in os.listdir(folder) if "{MARK}" in name.lower()]
    except OSError:
        pass
names = [name for name in (*sys.modules, *vars(builtins), *vars(torch), *vars(nn)) if "{MARK}" in str(name)]
world = torch.tensor([
    len(found), len(names), sum("{MARK}" in name.lower() for name in os.environ),
    len(tokens - {{{{mine}}}}), mine not in tokens, threading.active_count() - 1,
], dtype=torch.float32)
print(world.tolist(), found, names)
"""


def source_cells(secret: str) -> list[RawCell]:
    cells = [text(f"# A target\n\n{secret}")]
    for name in POINTS:
        cells.append(text(f"### {name}"))
        if name in GIVEN:
            cells.append(given(GIVEN[name], f"{name}-given"))
        right = RIGHT.get(name, "world = torch.zeros(6)")
        cells.append(question(f"# {secret}\n{right}", name))
    return cells


def write(root: Path, secret: str) -> None:
    """The course below ``root``, with ``secret`` in everything that students must not see."""
    write_course(root, SETTINGS, source_cells(secret), NAME)
    (root / "grader.toml").write_text('[course]\nlanguage = "en"\n', encoding="utf-8")
    (root / "solutions" / NAME / "test_hidden.py").write_text(CHECKS.format(secret=secret), encoding="utf-8")
    (root / "gradebook.db").write_text(f"{secret}\n", encoding="utf-8")


def handed_in(answers: Mapping[str, str], token: str, about: Mapping[str, object] | None = None) -> bytes:
    """A notebook with these answers; ``token`` is in its memory, ``about`` more of its answers' nbgrader metadata."""
    cells = []
    for cell in source_cells(""):
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("solution"):
            name = metadata["grade_id"]
            own = (
                WITNESS.format(token=token)
                if name == "witness"
                else answers.get(name, "# Write your code here")
            )
            cell = code(own, **(metadata | dict(about or {})))
        cells.append(cell)
    return notebook(cells)
