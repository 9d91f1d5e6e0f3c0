"""What a reference drops: found by watching its own forward pass, never the student's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from autograder.evidence.graphs import Graph
from autograder.wire.messages import Draw
from autograder.wire.tensors import draw
from autograder.wire.terms import DROPOUT_FUNCTIONS, DROPOUTS


@dataclass(frozen=True)
class Site:
    """A reference's only dropout: its share ``p``, the weight (out, in) it feeds, if any, and a row's output shape."""

    p: float
    feeds: nn.Parameter | None
    output_shape: tuple[int, ...]

    def dropped(self, reference: nn.Module, inputs: Draw, dtype: torch.dtype) -> Tensor:
        """What goes into the dropout for one input, without a batch dimension."""
        batch = msgspec.structs.replace(inputs, rows=2)  # a batch norm refuses to be trained on one
        return _watched(reference, batch, dtype, seed=0).inputs[0][0]

    def kept(self, reference: nn.Module, inputs: Draw, dtype: torch.dtype, seed: int) -> Tensor:
        """Where torch's own mask, drawn from ``seed``, keeps an element: booleans (batch, …)."""
        watch = _watched(reference, inputs, dtype, seed)
        return (watch.outputs[0] != 0) | (watch.inputs[0] == 0)


def site_of(reference: nn.Module, inputs: Draw, dtype: torch.dtype) -> Site | None:
    """The reference's one dropout; None where there is none or more than one, or no output that is one tensor."""
    watch = _watched(reference, inputs, dtype, seed=0)
    if len(watch.inputs) != 1 or watch.output_shape is None:
        return None
    return Site(watch.shares[0], watch.feeds, watch.output_shape)


def shares_of(graph: Graph) -> tuple[float, ...]:
    """The shares that a graph drops, each once; those between the layers of an LSTM or GRU among them."""
    found: dict[float, None] = {}
    for operation in graph.operations:
        share = operation.settings.get("p" if operation.term in DROPOUTS else "dropout", 0.0)
        if isinstance(share, int | float) and 0 < share <= 1:
            found[float(share)] = None
    return tuple(found)


def drops_between_layers(graph: Graph) -> bool:
    """Whether an LSTM or GRU drops in the mode of this graph: that cannot be left out as other dropouts can."""
    return any(one.settings.get("dropout") and one.settings.get("train") for one in graph.operations)


def dropouts_of(graph: Graph) -> list[tuple[str, str]]:
    """Every dropout's kind and share, in no order of the graph's."""
    dropouts = [one for one in graph.operations if one.term in DROPOUTS]
    return sorted((one.term, str(one.settings.get("p"))) for one in dropouts)


class _Watch(TorchFunctionMode):
    """Keeps every dropout's share, input and output, and the first matrix parameter used after one."""

    def __init__(self, matrices: dict[int, nn.Parameter]) -> None:
        super().__init__()
        self._matrices = matrices
        self.shares: list[float] = []
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.feeds: nn.Parameter | None = None
        self.output_shape: tuple[int, ...] | None = None

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        output = function(*args, **named)
        if function in DROPOUT_FUNCTIONS:
            self.shares.append(float(args[1] if len(args) > 1 else named.get("p", 0.5)))
            self.inputs.append(args[0] if args else named["input"])
            self.outputs.append(output)
        elif self.shares and self.feeds is None:
            self.feeds = next((self._matrices[id(item)] for item in args if id(item) in self._matrices), None)
        return output


def _watched(reference: nn.Module, inputs: Draw, dtype: torch.dtype, seed: int) -> _Watch:
    matrices = {id(item): item for item in reference.parameters() if item.dim() == 2}
    watch = _Watch(matrices)
    state = torch.get_rng_state()
    reference.train()
    try:
        torch.default_generator.manual_seed(seed)
        with torch.no_grad(), watch:
            output = reference(draw(inputs, dtype))
    finally:
        reference.eval()
        torch.set_rng_state(state)
    watch.output_shape = tuple(output.shape[1:]) if isinstance(output, Tensor) else None
    return watch
