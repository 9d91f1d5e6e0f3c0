"""What learns from an output is read from autograd's graph."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autograder.wire.gradients import reached


def places(model: nn.Module, output: Tensor) -> tuple[int, ...]:
    return reached([output], list(model.parameters()))


def test_what_a_gradient_comes_to_is_what_backward_fills() -> None:
    """Of layers that are shared, cut off, frozen or not used."""
    model = nn.ModuleList(nn.Linear(3, 3, bias=False) for _ in range(5))
    model[3].requires_grad_(False)
    x = torch.zeros(2, 3)
    output = model[0](model[0](x)) + model[3](model[1](x)) + model[2](x).detach()
    assert places(model, output) == (0, 1)
    output.sum().backward()
    assert [place for place, one in enumerate(model.parameters()) if one.grad is not None] == [0, 1]


def test_nothing_learns_where_nothing_is_recorded() -> None:
    """Without gradients, and of whole numbers."""
    model = nn.Linear(3, 3)
    x = torch.zeros(2, 3)
    with torch.no_grad():
        assert places(model, model(x)) == ()
    assert places(model, model(x).argmax(1)) == ()


def test_a_long_way_is_walked() -> None:
    """Deeper than recursion goes."""
    model = nn.Linear(3, 3)
    output = model(torch.zeros(2, 3))
    for _ in range(5_000):
        output = output + 1
    assert places(model, output) == (0, 1)
