"""Layers without a size are asked as they are after a call, and are as they were before any."""

from __future__ import annotations

import torch
from torch import nn

from autograder.runner.lazy import is_lazy
from autograder.runner.probes import answer
from autograder.wire.messages import Draw, Look, Seen, Trace, Traced


def test_what_is_asked_after_a_call_has_no_size_before_and_afterwards() -> None:
    """Also where the call fails half way; a first call of the student's own is still the first."""
    model = nn.Sequential(nn.LazyLinear(4), nn.Linear(3, 2))
    inputs = Draw(seed=1, shape=(5,), rows=2)
    seen, _ = answer({"model": model}, Look(name="model"), ())
    traced, _ = answer({"model": model}, Trace(name="model", inputs=inputs, dtype="float32"), ())
    assert isinstance(seen, Seen)
    assert isinstance(traced, Traced)
    assert [one.dtype for one in seen.parameters] == ["uninitialized"] * 2 + ["float32"] * 2
    assert [one.shape for one in traced.parameters] == [(4, 5), (4,), (2, 3), (2,)]
    assert traced.error is not None
    assert isinstance(model[0], nn.LazyLinear)
    assert is_lazy(model[0].weight)
    assert model[0](torch.zeros(2, 7)).shape == (2, 4)
    assert model[0].weight.shape == (4, 7)


def test_a_forward_that_ends_the_process_does_not() -> None:
    """What a call raises is told by the pass that was asked for."""

    class Ending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lazy = nn.LazyLinear(2)

        def forward(self, x: torch.Tensor) -> None:
            raise SystemExit(3)

    traced, _ = answer({"model": Ending()}, Trace(name="model", inputs=Draw(1, (5,), rows=2), dtype="float32"), ())
    assert isinstance(traced, Traced)
    assert traced.error is not None
    assert traced.error.name == "SystemExit"
