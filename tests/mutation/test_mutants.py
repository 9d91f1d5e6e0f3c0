"""What is changed in an answer, and that all else stays as it is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.errors import AssignmentError
from autograder.mutation.mutants import Mutant, mutants
from tests.builders import ANSWERS, SETTINGS, course, given, question, source_cells

SETUP = "import torch\nimport torch.nn as nn\nfrom torch import optim"


def made(tmp_path: Path, answer: str) -> list[Mutant]:
    """The mutants of ``answer`` as the tiny course's answer to ``model``."""
    cells = [
        given(SETUP, "setup") if cell["metadata"].get("nbgrader", {}).get("grade_id") == "setup" else cell
        for cell in source_cells()
    ]
    place = next(
        i for i, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == "model"
    )
    cells[place : place + 1] = [given("a = b = torch.ones(2)", "model-given"), question(answer, "model")]
    assignment = course(tmp_path, SETTINGS, cells)
    return mutants(assignment, assignment.questions[2])


@pytest.mark.parametrize(
    ("answer", "kind", "after"),
    [
        ("model = 28", "another constant", ["model = 29", "model = 27"]),
        ("model = 0.2", "another constant", ["model = 0.25", "model = 0.1", "model = 0.8"]),
        ("model = True", "another constant", ["model = False"]),
        (
            "model = {'k': 1}",
            "another constant",
            ["model = {'k_': 1}", "model = {'k': 2}", "model = {'k': 0}"],
        ),
        ("model = f(9, 9)", "another constant everywhere", ["model = f(10, 10)"]),
        ("model = a - b", "another operator", ["model = a + b"]),
        ("model = a - b", "operands exchanged", ["model = b - a"]),
        ("model = (a - b) // 2", "an operand left out", ["model = (a - b)", "model = 2", "model = (a) // 2"]),
        ("model = 1\nmodel += 2", "another operator", ["model -= 2"]),
        ("model = a < b", "another comparison", ["model = a <= b"]),
        ("model = a and b", "another operator", ["model = a or b"]),
        ("model = -a", "a sign left out", ["model = a"]),
        ("model = 1 if a else 2", "a condition turned round", ["model = 1 if not a else 2"]),
        (
            "model = nn.Softmax(dim=1)",
            "a related part",
            ["model = nn.LogSoftmax(dim=1)", "model = nn.Softmin(dim=1)"],
        ),
        ("model = torch.tanh(a)", "a related part", ["model = torch.relu(a)", "model = torch.sigmoid(a)"]),
        ("model = a.mean()", "a related part", ["model = a.sum()", "model = a.amax()"]),
        ("model = nn.Linear(2, 1)", "a setting of its own", ["model = nn.Linear(2, 1, bias=False)"]),
        (
            "model = nn.MaxPool2d(2)",
            "a setting of its own",
            [
                "model = nn.MaxPool2d(2, padding=1)",
                "model = nn.MaxPool2d(2, dilation=2)",
                "model = nn.MaxPool2d(2, return_indices=True)",
                "model = nn.MaxPool2d(2, ceil_mode=True)",
            ],
        ),
        (
            "model = nn.GRU(2, 3)",
            "a setting of its own",
            [
                "model = nn.GRU(2, 3, num_layers=2)",
                "model = nn.GRU(2, 3, bias=False)",
                "model = nn.GRU(2, 3, batch_first=True)",
                "model = nn.GRU(2, 3, dropout=0.1)",
                "model = nn.GRU(2, 3, bidirectional=True)",
            ],
        ),
        ("model = f(x=a, y=b)", "an argument left out", ["model = f(y=b)", "model = f(x=a)"]),
        ("model = f(x=a, y=b)", "arguments exchanged", ["model = f(x=b, y=a)"]),
        ("model = nn.ReLU()(a)", "a call skipped", ["model = a"]),
        ("model = a.flatten(1)", "a call skipped", ["model = a"]),
        (
            "model = torch.relu(nn.ReLU6()(a))",
            "calls in another order",
            ["model = nn.ReLU6()(torch.relu(a))"],
        ),
        ("model = list(a.parameters())", "parameters left out", ["[1:])", "[:-1])"]),
        ("model = f(1, g(2), 3)", "an element left out", ["f(g(2), 3)", "f(1, 3)", "f(1, g(2))", "g(), 3)"]),
        ("model = a * (a + b)", "another operator", ["a + (a + b)", "a / (a + b)", "a * (a - b)"]),
        ("model = 1 - a * b", "another operator", ["1 + (a * b)", "1 - (a + b)", "1 - (a / b)"]),
        ("model = f(1, g(2))", "an element twice", ["f(1, g(2), g(2))"]),
        ("model = (1, 2)", "elements exchanged", ["model = (2, 1)"]),
        ("model = {'k': 1, 'l': 2}", "an entry left out", ["model = {'l': 2}", "model = {'k': 1}"]),
        ("model = {'k': 1, 'l': 2}", "entries exchanged", ["model = {'k': 2, 'l': 1}"]),
        (
            "model = nn.Sequential(nn.Flatten())",
            "a layer too many",
            ["nn.Sequential(nn.Flatten(), nn.ReLU())", "nn.Sequential(nn.Flatten(), nn.Tanh())"],
        ),
        ("model = a\nmodel.eval()", "a related part", ["model.train()"]),
        ("model = a\nmodel.eval()", "a statement left out", ["pass", "pass"]),
        ("model = a\nmodel.eval()", "a statement twice", ["model.eval()"]),
        ("model = a\nmodel.eval()", "statements exchanged", ["model.eval()\nmodel = a"]),
        ("model = a", "a name misspelt", ["model_ = a"]),
        ("model = a", "another name", ["model = model", "model = b"]),
        ("model = 1\nother = 2", "names exchanged", ["other = 1\nmodel = 2"]),
    ],
)
def test_what_is_changed(tmp_path: Path, answer: str, kind: str, after: list[str]) -> None:
    """Each kind of change makes exactly these, in whatever order."""
    found = [mutant.after for mutant in made(tmp_path, answer) if mutant.kind == kind]
    assert len(found) == len(after)
    for text in after:
        assert any(one.endswith(text) for one in found), found


CLASS = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(2, 2)
        self.two = nn.ReLU()

    def forward(self, x, y=1):
        return self.two(self.one(x))


model = Model()"""


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("a base class left out", "class Model(object):"),
        ("a name misspelt", "def forward_(self, x, y=1):"),
        ("another attribute", "self.two_ = nn.ReLU()"),
        ("another attribute", "return self.one(self.one(x))"),
        ("another name", "return self.two(self.one(y))"),
        ("a layer too many", "return torch.relu(self.two(self.one(x)))"),
        ("a call skipped", "return self.two(x)"),
        ("calls in another order", "return self.one(self.two(x))"),
        ("a statement left out", "pass"),
        ("names exchanged", "self.two = nn.Linear(2, 2)\nself.one = nn.ReLU()"),
    ],
)
def test_what_is_changed_in_a_class(tmp_path: Path, kind: str, after: str) -> None:
    """Layers are exchanged, skipped and misspelt; a function's names are taken for its own only."""
    assert after in [mutant.after for mutant in made(tmp_path, CLASS) if mutant.kind == kind]


def test_mutants_are_no_twins(tmp_path: Path) -> None:
    """Every mutant parses, and none computes by its tree what another or the reference does."""
    found = made(tmp_path, CLASS)
    trees = {ast.dump(ast.parse(mutant.source)) for mutant in found}
    assert len(trees) == len(found) > 40
    assert ast.dump(ast.parse(found[0].reference)) not in trees


def test_all_else_stays_as_it_is_written(tmp_path: Path) -> None:
    """Comments, letters of several bytes and line breaks stay; the diff shows one line."""
    answer = "model = f(  # 모델\n    'é', 1,\n    2)"
    (mutant,) = [one for one in made(tmp_path, answer) if one.after == "'é', 0,"]
    assert mutant.source == mutant.reference.replace("1", "0")
    assert (mutant.line, mutant.before) == (3, "'é', 1,")
    assert "-    'é', 1,\n+    'é', 0,\n" in mutant.diff


def test_a_string_is_changed_as_a_whole(tmp_path: Path) -> None:
    """Strings that stand side by side are one; inside an f-string places are not those of the source."""
    found = [
        one.after
        for one in made(tmp_path, "model = f'{2} {3!r}' + 'x' 'y'")
        if one.kind == "another constant"
    ]
    assert found == ["model = f'{2} {3!r}' + 'xy_'"]


def test_an_answer_that_is_not_python_is_refused(tmp_path: Path) -> None:
    """IPython's own lines would be lost in a mutant."""
    with pytest.raises(AssignmentError, match="question 'model': its answer is not plain Python"):
        made(tmp_path, "%matplotlib inline\nmodel = 1")


def test_every_answer_of_the_tiny_course_has_mutants(tmp_path: Path) -> None:
    """Even a single line gives several."""
    assignment = course(tmp_path)
    assert {one.id for one in assignment.questions} == set(ANSWERS)
    assert all(len(mutants(assignment, one)) > 3 for one in assignment.questions)
