"""Parameters of one shape are told apart by what they do, where graphs are written differently."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from autograder.checks import assert_same_computation
from autograder.evidence.verdict import Verdict
from tests.checks.students import proxy


class Attention(nn.Module):
    """Queries, keys and values from three maps of one size."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.softmax(self.q(x) @ self.k(x).transpose(1, 2), dim=2)
        return torch.as_tensor(weights @ self.v(x))


class OtherWay(nn.Module):
    """The same: values first, keys by an opaque step, matrices kept the other way round, other names."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Parameter(torch.rand(6, 6))
        self.d = nn.Parameter(torch.rand(6))
        self.a = nn.Linear(6, 6)
        self.b = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        values = x @ self.c + self.d
        keys = torch.einsum("bti,oi->bto", x, self.b.weight) + self.b.bias
        return torch.einsum("bts,bso->bto", (self.a(x) @ keys.mT).softmax(-1), values)


def test_parts_are_found_whatever_the_names_order_and_spelling() -> None:
    """Shapes say nothing here, the graphs are not alike, and first use comes in another order: under 20 seeds."""
    for seed in range(20):
        assert_same_computation(proxy(OtherWay(), seed), Attention(), input_shape=(5, 6))


def test_a_part_that_is_missing_is_not_made_up() -> None:
    """Keys that are queries again are another function under every match."""

    class Wrong(OtherWay):
        def forward(self, x: Tensor) -> Tensor:
            keys = torch.einsum("bti,oi->bto", x, self.a.weight) + self.b.bias
            return torch.einsum(
                "bts,bso->bto", (self.a(x) @ (keys + 0 * self.b(x)).mT).softmax(-1), x @ self.c + self.d
            )

    with pytest.raises(Verdict):
        assert_same_computation(proxy(Wrong()), Attention(), input_shape=(5, 6))


def test_matrices_of_exchanged_sides_are_told_apart() -> None:
    """(3, 8) kept as (8, 3) beside (8, 3): either could be either."""

    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down = nn.Parameter(torch.rand(8, 3))
            self.up = nn.Linear(3, 8, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            hidden = torch.where((y := x @ self.down) > 0, y, 0 * y)  # a ReLU without a term
            return torch.tanh(self.up(hidden))

    reference = nn.Sequential(nn.Linear(8, 3, bias=False), nn.ReLU(), nn.Linear(3, 8, bias=False), nn.Tanh())
    for seed in range(20):
        assert_same_computation(proxy(Turned(), seed), reference, input_shape=(8,))
