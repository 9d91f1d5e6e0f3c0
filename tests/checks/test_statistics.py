"""What a module keeps of the batches it was trained on."""

from __future__ import annotations

import pytest
from torch import nn

from autograder.checks import assert_same_computation, assert_same_statistics
from autograder.evidence.verdict import Verdict
from tests.checks.students import in_a_row, model, proxy, state

LAYERS = ("nn.Conv2d(3, 4, 3)", "nn.BatchNorm2d(4)", "nn.ReLU()")
OWN = """
class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        x = self.norm(self.conv(x))
        return x.relu()
model = Own()
"""


def reference() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())


def code(source: str) -> str:
    """What ``model`` of this source fails with; empty if it passes."""
    try:
        assert_same_statistics(proxy(model(source)), reference(), input_shape=(3, 8, 8))
    except Verdict as verdict:
        return verdict.findings[0].code
    return ""


@pytest.mark.parametrize(
    "source",
    [
        in_a_row(*LAYERS),
        OWN,
        in_a_row(*LAYERS) + "\nfor _ in range(3):\n    model(torch.randn(8, 3, 8, 8))",
        in_a_row(*LAYERS) + "\nmodel.eval()",
        in_a_row("nn.LazyConv2d(4, 3)", "nn.LazyBatchNorm2d()", LAYERS[2]),
        in_a_row(*LAYERS) + "\nmodel = torch.jit.script(model)",
    ],
)
def test_a_right_module_keeps_the_same(source: str) -> None:
    """However it is written, whatever it kept before, in whichever mode it was left."""
    assert code(source) == ""


@pytest.mark.parametrize(
    "norm",
    ["nn.BatchNorm2d(4, momentum=0.2)", "nn.BatchNorm2d(4, momentum=None)", "nn.BatchNorm2d(4, 1e-5, 0.01)"],
)
def test_another_momentum_is_seen_here_alone(norm: str) -> None:
    """Either mode by itself computes what it should."""
    source = in_a_row(LAYERS[0], norm, LAYERS[2])
    assert_same_computation(proxy(model(source)), reference(), input_shape=(3, 8, 8))
    assert code(source) == "statistics_differ"


@pytest.mark.parametrize("drawn", ["torch.rand(1)", "random.random()", "numpy.random.rand()"])
def test_noise_in_training_is_not_blamed_on_the_statistics(drawn: str) -> None:
    """What is kept of a batch is then another thing each time."""
    noisy = OWN.replace("self.conv(x)", f"self.conv(x) + self.training * {drawn}")
    assert code(noisy) == "depends_on_mode"


def test_a_layer_that_never_trains_is_seen() -> None:
    """One that stays in evaluation keeps what it had."""
    stays = OWN.replace("        x = self.norm", "        self.norm.eval()\n        x = self.norm")
    assert code(stays) == "statistics_differ"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (in_a_row(LAYERS[0], LAYERS[1], "nn.Tanh()"), "different_computation"),
        (in_a_row(LAYERS[0], LAYERS[2]), "parameters_differ"),
        (in_a_row(*LAYERS, "nn.Flatten()"), "wrong_output_shape"),
        (in_a_row("nn.Conv2d(4, 4, 3)", *LAYERS[1:]), "forward_raised"),
        (OWN.replace("x.relu()", "x.relu() + torch.rand(1)"), "forward_not_deterministic"),
        (OWN.replace("x.relu()", "x.relu() + random.random()"), "forward_not_deterministic"),
        (OWN.replace("x.relu()", "x.relu() + numpy.random.rand()"), "forward_not_deterministic"),
        (OWN.replace("x.relu()", "(x.relu() + 1) / 0"), "infinite_values"),
        (OWN.replace("x.relu()", "x.relu() * float('nan')"), "nan_values"),
    ],
)
def test_what_differs_before_any_training_is_not_blamed_on_it(source: str, expected: str) -> None:
    """Another computation has another code, and no diagnosis: that is another check's to give."""
    assert code(source) == expected


def test_asking_leaves_no_trace() -> None:
    """The student's own statistics are not those of our batches."""
    module, expected = model(in_a_row(*LAYERS)), reference()
    before = state(module)
    assert_same_statistics(proxy(module), expected, input_shape=(3, 8, 8))
    assert state(module) == before


def test_a_reference_that_keeps_nothing_is_the_authors_mistake() -> None:
    """The check could not fail."""
    with pytest.raises(ValueError, match="remembers nothing"):
        assert_same_statistics(proxy(nn.Linear(3, 2)), nn.Linear(3, 2), input_shape=(3,))
