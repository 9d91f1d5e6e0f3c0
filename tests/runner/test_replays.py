"""A claimed graph, acted out: what the module gives, or an error, and never anything else."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from autograder.evidence.graphs import recorded, tensors_of
from autograder.evidence.normal_form import normal
from autograder.runner import replays
from autograder.wire.messages import Claim, Draw, Pass, Performed, Push, Replay
from autograder.wire.tensors import draw

INPUTS = Draw(1, (2, 3, 8, 8))


class Net(nn.Module):
    """Convolution, norm, a branch, pooling, an index and a transposed product."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.matrix = nn.Parameter(torch.rand(3, 4))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm(self.conv(x))) + x
        y = nn.functional.max_pool2d(y, 2).mean((2, 3))
        return torch.softmax(y[:, :3] @ self.matrix, dim=1)


def acted_out(module: nn.Module, inputs: Draw, *, in_normal_form: bool) -> tuple[Tensor, Tensor]:
    """What the module gives and what its graph gives, on the same numbers."""
    tensors = tensors_of(module.eval())
    pushes = tuple(
        Push(place, Draw(place, tuple(tensor.shape), 0.1, 1.0)) for place, tensor in enumerate(tensors)
    )
    for push, tensor in zip(pushes, tensors, strict=True):
        assert isinstance(push.numbers, Draw)
        tensor.data = draw(push.numbers)
    graph, _ = recorded(module, draw(inputs))
    graph = normal(graph) if in_normal_form else graph
    one = Pass(inputs, "eval", "off", 0)
    reply, outputs = replays.replay(
        Replay((Claim(graph.operations, graph.result),), "float32", pushes, (one,))
    )
    assert reply.passes[0].error is None, reply.passes[0].error
    with torch.no_grad():
        return module(draw(inputs)), outputs[0]


@pytest.mark.parametrize("in_normal_form", [False, True])
@pytest.mark.parametrize(
    ("module", "inputs"),
    [
        (Net(), INPUTS),
        (nn.LSTM(3, 5, 2, batch_first=True), Draw(1, (2, 4, 3))),
        (nn.GRU(3, 5), Draw(1, (4, 2, 3))),
        (nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.LayerNorm(4), nn.LogSoftmax(1)), Draw(1, (2, 3))),
    ],
    ids=["CNN", "LSTM", "GRU", "MLP"],
)
def test_a_graph_gives_what_its_module_gives(module: nn.Module, inputs: Draw, in_normal_form: bool) -> None:
    """As recorded and in normal form, to the last digits."""

    class First(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, x: Tensor) -> Tensor:
            found = self.inner(x)
            first: Tensor = found[0] if isinstance(found, tuple) else found
            return first

    expected, found = acted_out(First(), inputs, in_normal_form=in_normal_form)
    assert torch.allclose(expected, found, atol=1e-6)


@pytest.mark.parametrize(
    "operation",
    [
        Performed("exec", {"input": 0}, {}, ((2, 3),)),
        Performed("relu", {}, {}, ((2, 3),)),
        Performed("linear", {"input": 0, "weight": -9}, {}, ((2, 3),)),
        Performed("softmax", {"input": 0}, {"dim": 99}, ((2, 3),)),
        Performed("getitem", {"input": 0}, {"index": "__import__('os')"}, ((2, 3),)),
        Performed("constant", {}, {"value": "inf("}, ((2, 3),)),
        Performed("reshape", {"input": 0}, {"shape": (1 << 40,)}, ((2, 3),)),
    ],
    ids=lambda one: one.term,
)
def test_a_claim_that_cannot_be_performed_is_an_error(operation: Performed) -> None:
    """Terms are looked up and never evaluated."""
    claim = Claim((operation,), (1,))
    reply, outputs = replays.replay(
        Replay((claim,), "float32", (), (Pass(Draw(1, (2, 3)), "eval", "off", 0),))
    )
    assert reply.passes[0].error is not None
    assert not outputs


def test_the_generator_is_left_as_it_was() -> None:
    """Where students check their own work, it is their process that acts it out."""
    before = torch.get_rng_state()
    one = Pass(Draw(1, (2, 3)), "train", "live", 5)
    claim = Claim((Performed("dropout", {"input": 0}, {"p": 0.5, "training": True}, ((2, 3),)),), (1,))
    _, outputs = replays.replay(Replay((claim,), "float32", (), (one,)))
    assert bool((outputs[0] == 0).any())
    assert torch.equal(torch.get_rng_state(), before)
