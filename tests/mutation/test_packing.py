"""Many mutants share a notebook, and none is judged for another's fault."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from autograder.mutation.dependence import foundations, read_names
from autograder.mutation.mutants import Mutant
from autograder.mutation.packing import Notebooks, packed
from tests.builders import ANSWERS, SETTINGS, course, source_cells

THIRD_BUILDS_ON_THE_FIRST = {"linear": frozenset(), "conv": frozenset(), "model": frozenset({"linear"})}


def some(name: str, count: int) -> list[Mutant]:
    return [Mutant(name, "", "", str(number)) for number in range(count)]


def test_every_mutant_is_in_one_notebook() -> None:
    """None is left out and none graded twice, and there are no more notebooks than it takes."""
    wanted = {"linear": some("linear", 3), "conv": some("conv", 7), "model": some("model", 2)}
    packs = list(packed(wanted, THIRD_BUILDS_ON_THE_FIRST))
    assert sorted(mutant.source + name for pack in packs for name, mutant in pack.items()) == sorted(
        mutant.source + name for name, mutants in wanted.items() for mutant in mutants
    )
    assert len(packs) == 7


def test_a_question_never_stands_on_a_mutant() -> None:
    """What it builds on is mutated in other notebooks."""
    wanted = {"linear": some("linear", 5), "conv": [], "model": some("model", 5)}
    packs = list(packed(wanted, THIRD_BUILDS_ON_THE_FIRST))
    assert len(packs) == 10
    assert all(not pack.keys() >= {"linear", "model"} for pack in packs)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = y", {"y"}),
        ("y = 1\nx = y", set()),
        ("x = y\ny = 1", {"y"}),
        ("x += 1", {"x"}),
        ("def f():\n    return y", {"y"}),
        ("def f():\n    return y\ny = 1", set()),
        ("y = 1\nclass A(y.B):\n    c = z", {"z"}),
        ("from torch import nn\nx = nn.ReLU()", set()),
    ],
)
def test_what_a_cell_reads_of_others(source: str, names: set[str]) -> None:
    """What it binds itself before it reads it is its own."""
    assert read_names(ast.parse(source)) == names


def test_the_last_to_bind_a_name_is_built_upon(tmp_path: Path) -> None:
    """Through all of them down to the first; what a given cell binds anew is nobody's answer."""
    answers = ANSWERS | {
        "conv": "conv_layer = linear_layer\noutput = x",
        "model": "model = conv_layer",
        "custom": "class Custom(nn.Module):\n    pass\nmodel = Custom()",
    }
    assert foundations(course(tmp_path, SETTINGS, source_cells(answers))) == {
        "linear": frozenset(),
        "conv": frozenset({"linear"}),
        "model": frozenset({"linear", "conv"}),
        "custom": frozenset(),
    }


def test_a_notebook_holds_what_is_needed_alone(tmp_path: Path) -> None:
    """Mutants, the reference they build on, given cells; all other questions are blank."""
    assignment = course(tmp_path)
    below = {"linear": frozenset[str](), "conv": frozenset[str](), "model": frozenset({"linear"})}
    whole = json.loads(
        Notebooks(tmp_path, assignment, below | {"custom": frozenset()}).of({"model": "model = 0"})
    )
    sources = {cell["metadata"]["nbgrader"]["grade_id"]: cell["source"] for cell in whole["cells"]}
    assert sources["model"] == "model = 0"
    assert ANSWERS["linear"] in sources["linear"]
    assert sources["conv"] == sources["custom"] == ""
    assert {"setup", "conv-given"} < sources.keys()
