"""Which of a model's numbers are drawn afresh, and which are part of what it computes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from autograder.checks import assert_same_computation
from autograder.evidence.verdict import Verdict
from tests.checks.students import model, proxy

TABLE = torch.arange(12.0).reshape(4, 3).sin()


class Encoding(nn.Module):
    """Adds a table, as a positional encoding does, and then a linear layer."""

    table: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", TABLE.clone())
        self.layer = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.layer(x + self.table))


REFERENCE = Encoding()


def encoding(kept: str, used: str = "self.table") -> str:
    """Source of a model that keeps ``table`` in this way, and uses it in that."""
    return f"""
class Encoding(nn.Module):
    def __init__(self):
        super().__init__()
        table = torch.arange(12.0).reshape(4, 3).sin()
        {kept}
        self.layer = nn.Linear(3, 3)
    def forward(self, x):
        return self.layer(x + {used})
model = Encoding()
"""


def code(source: str) -> str:
    """What ``model`` of this source fails with; empty if it passes."""
    try:
        assert_same_computation(proxy(model(source)), REFERENCE, input_shape=(4, 3))
    except Verdict as verdict:
        return verdict.findings[0].code
    return ""


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        ("self.register_buffer('table', table)", "self.table"),
        ("self.register_buffer('pe', table.unsqueeze(0))", "self.pe[:, :x.shape[1]]"),
        ("self.table = table", "self.table"),
        ("self.table = nn.Parameter(table, requires_grad=False)", "self.table"),
        ("self.rows = nn.Embedding.from_pretrained(table)", "self.rows(torch.arange(4))"),
        ("pass", "torch.arange(12.0).reshape(4, 3).sin()"),
    ],
)
def test_a_constant_may_be_kept_in_any_way(kept: str, used: str) -> None:
    """As a buffer of any name and shape, an attribute, a parameter that never learns, or not at all."""
    assert code(encoding(kept, used)) == ""


@pytest.mark.parametrize(
    "kept",
    [
        "self.register_buffer('table', table.cos())",
        "self.register_buffer('table', table.flip(0))",
        "self.register_buffer('table', torch.zeros(4, 3))",
        "self.table = nn.Parameter(table.cos(), requires_grad=False)",
    ],
)
def test_another_constant_is_another_model(kept: str) -> None:
    """What training does not change is not drawn: in its place would be numbers that hide what it held."""
    assert code(encoding(kept)) != ""


def test_a_constant_that_learns_is_a_weight_too_many() -> None:
    """It holds the right numbers only until the first step."""
    assert code(encoding("self.table = nn.Parameter(table)")) == "parameters_differ"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("torch.relu(x + self.table)", "activation_extra"),
        ("x * self.table", "layer_other"),
        ("torch.tanh(x) + self.table", "activation_extra"),
    ],
)
@pytest.mark.parametrize(
    "kept", ["self.register_buffer('table', table)", "self.table = nn.Parameter(table, requires_grad=False)"]
)
def test_what_is_wrong_beside_a_constant_is_named(kept: str, step: str, expected: str) -> None:
    """An activation behind it too, which numbers that are positive wherever they are would hide."""
    assert code(encoding(kept).replace("x + self.table", step)) == expected


def test_what_training_changes_is_drawn() -> None:
    """A model that was trained keeps other statistics, and is as right."""

    class Mean(nn.Module):
        mean: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                self.mean = 0.5 * self.mean + x.detach().mean(0)
            return x - self.mean

    for make in (Mean, lambda: nn.BatchNorm1d(3)):
        trained, reference = make(), make()
        trained(torch.rand(5, 3))
        assert_same_computation(proxy(trained), reference, input_shape=(3,))


class Norms(nn.Module):
    """Two norms, or one that is used twice, with a step between them that has no term."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(3) for _ in range(count))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.norms[0](x)
        return torch.as_tensor(self.norms[-1](y.cumsum(1)))


def test_a_norm_that_is_missing_is_no_missing_bias() -> None:
    """Its scale and its shift have one dimension, as a bias has."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(Norms(1)), Norms(2), input_shape=(3,))
    assert [finding.code for finding in caught.value.findings] == ["parameters_differ"]
