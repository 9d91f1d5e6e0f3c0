"""Does a student's module do what its graph says? Asked before a graph is shown as a reason.

The graph is performed by a process of its own that has seen nothing of the student's, with the parameters and inputs
that the student's module is given. Only where both give the same is the graph true of the behaviour. Together with
it go graphs in which one difference is undone: where that changes nothing, the difference is no cause.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from autograder.checks.inputs import Inputs
from autograder.checks.pairing import TRACE_ROWS
from autograder.checks.tolerance import same_outputs
from autograder.evidence.graphs import Graph
from autograder.evidence.proxies import ModuleProxy
from autograder.wire.messages import Claim, Pass, Push, Replay

SIZES = (1.5, 1.5, 10.0)  # inputs lie within ± this
MAX_CLAIMS = 16
Outputs = Sequence[tuple[Tensor, ...] | None]  # one a pass; None: it raised


def passes(found: ModuleProxy, inputs: Inputs, *, live: bool = False) -> list[Pass]:
    """What both are asked: a few inputs, without dropout in evaluation, or with it in training."""
    seeds = found.seeds.of("replay")
    return [
        Pass(
            inputs=inputs.batch(TRACE_ROWS, seeds.number("input", str(number)), -size, size),
            mode="train" if live else "eval",
            dropout="live" if live else "off",
            seed=seeds.number("mask", str(number)),
        )
        for number, size in enumerate(SIZES)
    ]


def replayed(
    found: ModuleProxy, graphs: Sequence[Graph], push: Sequence[Push], asked: Sequence[Pass]
) -> list[Outputs] | None:
    """Each graph's outputs for each pass; None where the process that performs them does not answer."""
    claims = tuple(Claim(graph.operations, graph.result) for graph in graphs[:MAX_CLAIMS])
    answer = found.peer.ask_afresh(Replay(claims, found.dtype, tuple(push), tuple(asked)))
    if answer is None:
        return None
    reply, tensors = answer
    rest = iter(tensors)
    flat = [
        None if one.error is not None else tuple(next(rest) for _ in range(one.outputs))
        for one in reply.passes
    ]
    return [flat[start : start + len(asked)] for start in range(0, len(flat), len(asked))]


def agree(found: ModuleProxy, one: Outputs, other: Outputs, depth: int) -> bool:
    """Whether two rows of outputs are the same within rounding."""
    dtype: torch.dtype = getattr(torch, found.dtype)
    return len(one) == len(other) and all(
        first is not None and second is not None and same_outputs(first, second, dtype, depth, size)
        for first, second, size in zip(one, other, SIZES, strict=True)
    )
