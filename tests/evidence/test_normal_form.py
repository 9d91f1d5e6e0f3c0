"""Programs that mean the same have one normal form; programs that do not have another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from autograder.evidence.graphs import Graph, is_same, places_in_order, recorded
from autograder.evidence.normal_form import normal

Program = Callable[["Net", Tensor], Any]


class Net(nn.Module):
    """Some parameters, and a forward pass over them."""

    a: Any
    b: Any

    def __init__(self, forward: Program, last_first: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        for name in ("b", "a") if last_first else ("a", "b"):
            setattr(self, name, nn.Linear(6, 6))
        self.turned = nn.Parameter(torch.rand(6, 6))
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
        self.run = forward

    def forward(self, x: Tensor) -> Any:
        return self.run(self, x)


def form(forward: Program, **options: bool) -> Graph:
    torch.manual_seed(1)
    return normal(recorded(Net(forward, **options).eval(), torch.rand(2, 6))[0])


def terms(graph: Graph) -> list[str]:
    return [operation.term for operation in graph.operations]


SAME: dict[str, tuple[Program, Program]] = {
    "matrix product": (lambda m, x: m.a(x), lambda m, x: x @ m.a.weight.T + m.a.bias),
    "product and bias the other way": (
        lambda m, x: m.a(x),
        lambda m, x: m.a.bias + torch.matmul(x, m.a.weight.t()),
    ),
    "addmm": (lambda m, x: m.a(x), lambda m, x: torch.addmm(m.a.bias, x, m.a.weight.T)),
    "clamp": (lambda m, x: x.relu(), lambda m, x: x.clamp(min=0)),
    "maximum": (lambda m, x: x.relu(), lambda m, x: torch.maximum(torch.tensor(0.0), x)),
    "threshold": (lambda m, x: x.relu(), lambda m, x: F.threshold(x, 0, 0)),
    "clamp to six": (lambda m, x: F.relu6(x), lambda m, x: F.hardtanh(x, 0.0, 6.0)),
    "exp of log_softmax": (lambda m, x: x.softmax(1), lambda m, x: x.log_softmax(-1).exp()),
    "log of softmax": (lambda m, x: x.log_softmax(1), lambda m, x: x.softmax(1).log()),
    "a sigmoid by hand": (lambda m, x: x.sigmoid(), lambda m, x: 1 / (1 + (-x).exp())),
    "a mean over an image": (
        lambda m, x: F.adaptive_avg_pool2d(m.conv(x.view(2, 1, 2, 3)), 1).flatten(1),
        lambda m, x: m.conv(x.view(2, 1, 2, 3)).mean((2, 3)),
    ),
    "logsumexp": (lambda m, x: x.log_softmax(1), lambda m, x: x - x.logsumexp(1, keepdim=True)),
    "exponentials": (lambda m, x: x.softmax(1), lambda m, x: (e := x.exp()) / e.sum(1, keepdim=True)),
    "views": (lambda m, x: m.a(x), lambda m, x: m.a(x.view(2, 2, 3).flatten(1).contiguous())),
    "transposed twice": (lambda m, x: x.relu(), lambda m, x: x.T.t().relu()),
    "nothing": (lambda m, x: x.relu(), lambda m, x: (x.relu() * 1 + 0) / 1 - 0),
    "unused": (lambda m, x: m.a(x), lambda m, x: (m.b(x).relu(), m.a(x))[1]),
    "a sum the other way": (lambda m, x: m.a(x) + x, lambda m, x: x + m.a(x)),
    "branches in another order": (
        lambda m, x: m.a(x).relu() + m.b(x).tanh(),
        lambda m, x: (lambda t: t + m.a(x).relu())(m.b(x).tanh()),
    ),
    "a pooling's stride": (
        lambda m, x: F.max_pool1d(x, 2),
        lambda m, x: F.max_pool1d(x, kernel_size=(2,), stride=2, padding=0),
    ),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_what_means_the_same_has_one_form(one: Program, other: Program) -> None:
    """Whatever it is spelt as."""
    assert is_same(form(one), form(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda m, x: x.relu(), lambda m, x: x.clamp(min=0.1)),
        (lambda m, x: x.softmax(1), lambda m, x: x.softmax(0)),
        (lambda m, x: x.softmax(1), lambda m, x: x.exp() / x.sum(1, keepdim=True)),
        (lambda m, x: x.log_softmax(1), lambda m, x: x - x.logsumexp(0, keepdim=True)),
        (lambda m, x: m.a(x), lambda m, x: x @ m.a.weight + m.a.bias.relu()),
        (lambda m, x: m.a(x) - x, lambda m, x: x - m.a(x)),
        (lambda m, x: F.leaky_relu(x, 0.1), lambda m, x: F.leaky_relu(x, 0.01)),
        (lambda m, x: m.a(m.b(x).relu()), lambda m, x: m.a(m.b(x)).relu()),
    ],
)
def test_what_means_something_else_has_another(one: Program, other: Program) -> None:
    """Near misses of the rules above."""
    assert not is_same(form(one), form(other))


def test_the_order_of_parameters_is_that_of_their_parts() -> None:
    """Not that of registration or of running: the same part has the same place in the row."""

    def one(m: Net, x: Tensor) -> Any:
        return m.a(x).relu() + m.b(x).tanh()

    def other(m: Net, x: Tensor) -> Any:
        late = m.b(x).tanh()
        return late + m.a(x).relu()

    graphs = [form(one), form(other), form(one, last_first=True)]
    first, second, third = (places_in_order(graph)[0][0] for graph in graphs)
    names = [name for name, _ in Net(one).named_parameters()]
    other_names = [name for name, _ in Net(one, last_first=True).named_parameters()]
    assert names[first] == names[second] == other_names[third]


def test_dropouts_can_be_left_out() -> None:
    """For the question what is computed without them; else they stay, whatever their mode."""
    module = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.2), nn.ReLU()).eval()
    graph = recorded(module, torch.rand(2, 6))[0]
    assert terms(normal(graph)) == ["linear", "dropout", "relu"]
    assert terms(normal(graph, dropout=False)) == ["linear", "relu"]


def test_a_weight_kept_the_other_way_round_is_a_linear_map() -> None:
    """``x @ w`` takes the transposed parameter."""
    graph = form(lambda m, x: x @ m.turned)
    assert terms(graph) == ["permute", "linear"]
