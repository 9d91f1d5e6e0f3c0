"""What does the same is told from what does not, whatever checks there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.mutation.behaviour import equivalent
from tests.builders import ANSWERS, SETTINGS, course, source_cells

WORDS = """\
class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.gru = nn.GRU(4, 3, batch_first=True)
    def forward(self, x):
        outputs, state = self.gru(self.embedding(x))
        return state[-1]
model = Words()"""
MLP = "nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Dropout(0.2), nn.Linear(4, 3), nn.Softmax(dim=1))"
CONVOLUTIONS = "nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1))"
OWN = """\
class Custom(nn.Module):
    def __init__(self):
        super().__init__()
        {}
        {}
    def forward(self, x):
        return self.b(self.a(x))
model = Custom()"""
OPTIMIZER = "weights = nn.Linear(3, 3)\nmodel = torch.optim."


def asked(tmp_path: Path, reference: str, name: str = "model") -> Assignment:
    return course(tmp_path, SETTINGS, source_cells(ANSWERS | {name: reference}))


@pytest.mark.parametrize(
    ("reference", "mutant", "alike"),
    [
        ("model = (3, [4.0])", "model = (3, [2.0 * 2])", True),
        ("model = (3, 4)", "model = [3, 4]", False),
        ("model = {'a': 1}", "model = {'a': 1, 'b': 2}", False),
        ("model = torch.rand(3)", "torch.rand(2)\nmodel = torch.rand(3)", False),
        ("model = torch.ones(3)", "model = torch.ones(1)", False),
        ("model = torch.ones(3)", "model = torch.ones(3, requires_grad=True)", False),
        ("model = nn.Linear(3, 2)", "model = nn.Linear(3, 2, bias=True)", True),
        ("model = nn.Linear(3, 2)", "model = nn.Linear(3, 2, bias=False)", False),
        ("model = nn.MaxPool2d(2)", "model = nn.MaxPool2d(2, 2)", True),
        ("model = nn.MaxPool2d(3)", "model = nn.MaxPool2d(3, ceil_mode=True)", False),
        (WORDS, WORDS.replace("state[-1]", "state[-0]"), True),
        (WORDS, WORDS.replace("state[-1]", "outputs[:, 0]"), False),
        ("model = nn.EmbeddingBag(9, 4)", "model = nn.EmbeddingBag(9, 4, mode='mean')", True),
        ("model = nn.EmbeddingBag(9, 4)", "model = nn.EmbeddingBag(9, 4, mode='sum')", False),
        ("model = nn.ReLU()", "model = nn.ReLU6()", False),  # only on large numbers
        (f"model = {MLP}", f"model = {MLP.replace('nn.ReLU()', 'nn.ReLU(), nn.ReLU()')}", True),
        (
            f"model = {MLP}",
            f"model = {MLP.replace('nn.ReLU(), nn.Dropout(0.2)', 'nn.Dropout(0.2), nn.ReLU()')}",
            True,
        ),
        (f"model = {MLP}", f"model = {MLP.replace('0.2', '0.25')}", False),
        (f"model = {MLP}", f"model = {MLP}.eval()", False),
        (f"model = {CONVOLUTIONS}", f"model = {CONVOLUTIONS.replace('Pool2d(1)', 'Pool2d((1, 1))')}", True),
        (
            f"model = {CONVOLUTIONS}",
            f"model = {CONVOLUTIONS.replace('Norm2d(4)', 'Norm2d(4, momentum=0.2)')}",
            False,
        ),
        (
            f"model = {CONVOLUTIONS}",
            f"model = {CONVOLUTIONS.replace('Norm2d(4)', 'Norm2d(4, affine=False)')}",
            False,
        ),
        (
            f"{OPTIMIZER}SGD(weights.parameters(), 0.1)",
            f"{OPTIMIZER}SGD([*weights.parameters()], lr=0.1)",
            True,
        ),
        (f"{OPTIMIZER}SGD(weights.parameters(), 0.1)", f"{OPTIMIZER}SGD(weights.parameters(), 0.11)", False),
        (f"{OPTIMIZER}SGD(weights.parameters(), 0.1)", f"{OPTIMIZER}SGD([weights.weight], lr=0.1)", False),
        (
            f"{OPTIMIZER}Adam(weights.parameters())",
            f"{OPTIMIZER}Adam(weights.parameters(), amsgrad=True)",
            False,
        ),
        (f"{OPTIMIZER}Adam(weights.parameters())", f"{OPTIMIZER}SGD(weights.parameters())", False),
        ("model = nn.BatchNorm2d(4)", "model = nn.BatchNorm2d(4, 1e-5)", True),
        ("model = nn.BatchNorm2d(4)", "model = nn.BatchNorm2d(4, momentum=0.2)", False),
        ("model = 1", "other = 1", False),
        ("model = 1", "model = 1 / 0", False),
        ("model = len", "model = len", False),  # cannot be told
    ],
)
def test_what_is_alike(tmp_path: Path, reference: str, mutant: str, alike: bool) -> None:
    """By the names that are asked for and nothing else."""
    assignment = asked(tmp_path, reference)
    assert equivalent(assignment, assignment.questions[2], mutant, []) is alike


@pytest.mark.parametrize(
    ("changed", "alike"),
    [
        (OWN.format("self.b = nn.ReLU()", "self.a = nn.Linear(3, 2)"), True),
        (OWN.format("self.a = nn.Linear(3, 2)", "self.b = nn.Tanh()"), False),
        (
            OWN.format("self.a = nn.Linear(3, 2)", "self.b = nn.ReLU()").replace(
                "(nn.Module)", "(nn.Sequential)"
            ),
            False,
        ),
    ],
)
def test_a_class_is_judged_by_its_objects(tmp_path: Path, changed: str, alike: bool) -> None:
    """However its body is written, as long as it inherits from the same."""
    assignment = asked(tmp_path, OWN.format("self.a = nn.Linear(3, 2)", "self.b = nn.ReLU()"), "custom")
    assert equivalent(assignment, assignment.questions[3], changed, []) is alike


def test_what_it_builds_on_is_there(tmp_path: Path) -> None:
    """A question that reads an earlier answer is run on that answer."""
    assignment = asked(tmp_path, "model = nn.Sequential(linear_layer)")
    linear, model = assignment.questions[0], assignment.questions[2]
    assert equivalent(assignment, model, "model = nn.Sequential(*[linear_layer])", [linear])
    assert not equivalent(assignment, model, "model = nn.Sequential(*[linear_layer])", [])


def test_given_cells_of_the_questions_before_are_there(tmp_path: Path) -> None:
    """A question may read a value that was given for an earlier one, without its answer."""
    assignment = asked(tmp_path, "model = x + 1")
    assert equivalent(assignment, assignment.questions[2], "model = 1 + x", [])
    assert not equivalent(assignment, assignment.questions[2], "model = x + 2", [])
