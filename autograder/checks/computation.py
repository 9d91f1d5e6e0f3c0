"""Does a student's module compute what the reference computes?

Both get the same weights, drawn here, and the same inputs, in several batch sizes. The question is asked
without dropout, which is judged on its own (:func:`~autograder.checks.dropout.assert_same_dropout`), so that one
mistake costs its points once. Only the outputs count: layers, functions, operators, loops and names are all
the same. No weight, setting or operation of the student's is executed here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autograder.checks import explanation
from autograder.checks.pairing import Pairing, Unpaired, paired
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.wording import number_text, shapes_text
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Draw, Pass
from autograder.wire.tensors import draw

BATCHES = (5, 1, 16, 4)  # rows
SIZES = (1.5, 1.5, 1.5, 10.0)  # inputs lie within ± this; only large numbers show some things (ReLU6)
Outputs = tuple[Tensor, ...]


def assert_same_computation(found: ModuleProxy, reference: nn.Module, *, input_shape: Sequence[int]) -> None:
    """``found`` and ``reference`` map every input of ``(batch, *input_shape)`` to the same output.

    Raises the verdicts ``forward_raised``, ``parameters_differ``, ``bias_missing``, ``wrong_output_shape``,
    ``depends_on_batch_size``, one that names a misconception, or ``different_computation``.

    A right module fails only through rounding beyond :mod:`~autograder.checks.tolerance`. A module that
    computes another function passes only if it agrees on all 26 random inputs under random weights.
    """
    try:
        pairing = paired(found, reference, input_shape, "same computation")
    except Unpaired as unpaired:
        raise _explained(unpaired, explanation.of_parameters(unpaired, input_shape)) from None
    seeds = found.seeds.of("same computation")
    inputs = [
        Draw(seed=seeds.number("input", str(rows)), shape=(rows, *input_shape), low=-size, high=size)
        for rows, size in zip(BATCHES, SIZES, strict=True)
    ]
    passes = [Pass(inputs=one, mode="eval", dropout="off", seed=0) for one in inputs]
    raw = [_forward(pairing, pairing.reference, one) for one in inputs]
    outputs = pairing.found.compute(pairing.push, passes, bare=isinstance(raw[0], Tensor))
    expected = [_flat(one) for one in raw]
    differing = [
        place
        for place, one in enumerate(inputs)
        if not _same(pairing, expected[place], outputs[place], one.high)
    ]
    if differing:
        plain = _verdict(pairing, expected, outputs, differing)
        raise _explained(plain, explanation.of_outputs(pairing, input_shape))


def _explained(plain: Verdict, why: explanation.Explanation | None) -> Verdict:
    return plain if why is None else why.instead_of(plain)


def _forward(pairing: Pairing, module: nn.Module, inputs: Draw) -> object:
    with torch.no_grad():
        return module(draw(inputs, pairing.dtype))


def _flat(output: object) -> Outputs:
    """A reference's output as a tuple of tensors; raises :class:`TypeError` if it holds anything else."""
    if isinstance(output, Tensor):
        return (output,)
    if not isinstance(output, tuple | list):
        raise TypeError(f"the reference returns {type(output).__name__}, not tensors")
    return tuple(tensor for part in output for tensor in _flat(part))


def _same(pairing: Pairing, expected: Outputs, found: Outputs, size: float) -> bool:
    """Whether the outputs agree; numbers inside a model grow with its inputs' ``size``, and rounding with them."""
    return [one.shape for one in expected] == [one.shape for one in found] and all(
        (difference := largest_difference(one, other)) == 0
        or difference <= max(size, 1.0) * tolerance(one, pairing.dtype, pairing.depth)
        for one, other in zip(expected, found, strict=True)
    )


def _verdict(
    pairing: Pairing,
    expected: Sequence[Outputs],
    outputs: Sequence[Outputs],
    differing: Sequence[int],
) -> Verdict:
    name = pairing.found.name
    if any(one.is_floating_point() and bool(one.isnan().any()) for output in outputs for one in output):
        return failed("nan_values", name=name)
    first = differing[0]
    wanted, given = expected[first], outputs[first]
    if [one.shape for one in wanted] != [one.shape for one in given]:
        shapes = {
            "expected": shapes_text(one.shape for one in wanted),
            "found": shapes_text(one.shape for one in given),
        }
        return failed("wrong_output_shape", name=name, **shapes)
    ordinary = [place for place, size in enumerate(SIZES) if size == SIZES[0]]
    if 0 < len(set(differing) & set(ordinary)) < len(ordinary):
        batches = ", ".join(str(BATCHES[place]) for place in differing)
        return failed("depends_on_batch_size", name=name, batch=batches)
    difference = max(
        largest_difference(one, other)
        for place in differing
        for one, other in zip(expected[place], outputs[place], strict=True)
    )
    return failed(
        "different_computation", name=name, batch=BATCHES[first], max_difference=number_text(difference)
    )
