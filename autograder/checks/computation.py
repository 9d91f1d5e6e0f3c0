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

from autograder.checks import misconceptions
from autograder.checks.pairing import Pairing, paired
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.wording import number_text, shape_text
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Draw, Pass
from autograder.wire.tensors import draw

BATCHES = (5, 1, 16)


def assert_same_computation(found: ModuleProxy, reference: nn.Module, *, input_shape: Sequence[int]) -> None:
    """``found`` and ``reference`` map every input of ``(batch, *input_shape)`` to the same output.

    Raises the verdicts ``forward_raised``, ``parameters_differ``, ``bias_missing``, ``wrong_shape``,
    ``depends_on_batch_size``, one that names a misconception, or ``different_computation``.

    A right module fails only through rounding beyond :mod:`~autograder.checks.tolerance`. A module that
    computes another function passes only if it agrees on all 22 random inputs under random weights.
    """
    pairing = paired(found, reference, input_shape, "same computation")
    seeds = found.seeds.of("same computation")
    inputs = [
        Draw(seed=seeds.number("input", str(batch)), shape=(batch, *input_shape), low=-1.5, high=1.5)
        for batch in BATCHES
    ]
    passes = [Pass(inputs=one, mode="eval", dropout="off", seed=0) for one in inputs]
    outputs = pairing.found.compute(pairing.push, passes)
    expected = [_run(pairing, pairing.reference, one) for one in inputs]
    differing = [place for place in range(len(inputs)) if not _same(pairing, expected[place], outputs[place])]
    if differing:
        raise _verdict(pairing, inputs, expected, outputs, differing)


def _run(pairing: Pairing, module: nn.Module, inputs: Draw) -> Tensor:
    with torch.no_grad():
        output = module(draw(inputs, pairing.dtype))
    if not isinstance(output, Tensor):
        raise TypeError(f"the reference returns {type(output).__name__}, not a tensor")
    return output


def _same(pairing: Pairing, expected: Tensor, found: Tensor) -> bool:
    if expected.shape != found.shape:
        return False
    return largest_difference(expected, found) <= tolerance(expected, pairing.dtype, pairing.depth)


def _verdict(
    pairing: Pairing,
    inputs: Sequence[Draw],
    expected: Sequence[Tensor],
    outputs: Sequence[Tensor],
    differing: Sequence[int],
) -> Verdict:
    first = differing[0]
    if expected[first].shape != outputs[first].shape:
        shapes = {"expected": shape_text(expected[first].shape), "found": shape_text(outputs[first].shape)}
        return failed("wrong_shape", name=pairing.found.name, **shapes)
    if any(bool(output.isnan().any()) for output in outputs):
        return failed("nan_values", name=pairing.found.name)
    explanations = [
        explanation
        for explanation, variant in misconceptions.variants(pairing.reference)
        if all(
            _same(pairing, _run(pairing, variant, one), output)
            for one, output in zip(inputs, outputs, strict=True)
        )
    ]
    if len(explanations) == 1:
        return explanations[0]
    if len(differing) < len(inputs):
        batches = ", ".join(str(BATCHES[place]) for place in differing)
        return failed("depends_on_batch_size", name=pairing.found.name, batch=batches)
    difference = number_text(max(largest_difference(expected[p], outputs[p]) for p in differing))
    return failed(
        "different_computation", name=pairing.found.name, batch=BATCHES[first], max_difference=difference
    )
