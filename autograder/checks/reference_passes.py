"""What the reference gives for the passes that a student's module is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from autograder.wire.messages import Draw, Pass
from autograder.wire.observers import WithoutDropout
from autograder.wire.tensors import draw


def performed(module: nn.Module, passes: Sequence[Pass], dtype: torch.dtype) -> list[object]:
    """What each pass gives, on the weights that the module has; what it remembers of a pass is not put back."""
    outputs: list[object] = []
    state = torch.get_rng_state()
    try:
        for one in passes:
            assert isinstance(one.inputs, Draw)
            inputs = draw(one.inputs, dtype)
            torch.default_generator.manual_seed(one.seed)
            with torch.no_grad(), WithoutDropout() if one.dropout == "off" else nullcontext():
                outputs.append(module.train(one.mode == "train")(inputs))
    finally:
        module.eval()
        torch.set_rng_state(state)
    return outputs


def outputs_of(module: nn.Module, passes: Sequence[Pass], dtype: torch.dtype) -> list[Tensor]:
    """As :func:`performed`; raises :class:`ValueError` for a module that returns something else than one tensor."""
    outputs: list[Tensor] = []
    for output in performed(module, passes, dtype):
        if not isinstance(output, Tensor):
            raise ValueError(
                f"the reference returns {type(output).__name__}, and assert_same_dropout compares one tensor: "
                "wrap it in a module that returns the tensor that shows the dropout"
            )
        outputs.append(output)
    return outputs
