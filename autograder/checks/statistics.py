"""Does a student's module remember of the batches it was trained on what the reference remembers?

A batch norm keeps running statistics: in training it uses those of the batch and moves the kept ones a little, in
evaluation it uses what it kept. :func:`~autograder.checks.computation.assert_same_computation` sees either mode by
itself; how far one pass moves what the next one uses shows only in both together.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import msgspec
import torch
from torch import nn

from autograder.checks.finite import unreal
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import Pairing, Unpaired, paired
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.wording import number_text, shape_text
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import failed
from autograder.wire.messages import Draw, Pass
from autograder.wire.observers import WithoutDropout
from autograder.wire.tensors import draw

ROWS = 6


def assert_same_statistics(
    found: ModuleProxy, reference: nn.Module, *, input_shape: Sequence[int], input_below: int | None = None
) -> None:
    """After a pass in training, ``found`` and ``reference`` evaluate inputs of ``(batch, *input_shape)`` alike.

    With ``input_below``, inputs are whole numbers from 0 to ``input_below`` - 1. Both start from the same numbers, and
    their first output is looked at. Raises the verdicts ``forward_raised``, ``parameters_differ``,
    ``wrong_output_shape``, ``nan_values``, ``infinite_values``, ``forward_not_deterministic``,
    ``different_computation`` where they differ before any training, ``depends_on_mode`` where training goes by chance,
    and ``statistics_differ``; :class:`ValueError` for a reference that remembers nothing, of which this says nothing.
    """
    drawn = Inputs.of(input_shape, input_below)
    try:
        pairing = paired(found, reference, drawn)
    except Unpaired as unpaired:  # why they differ is a question for assert_same_computation
        (finding,) = unpaired.findings
        raise failed("parameters_differ", expected=finding.expected, found=finding.found) from None
    seeds = found.seeds.of("same statistics")
    trained_on, inputs = (
        drawn.batch(ROWS, seeds.number(label), -1.5, 1.5) for label in ("training", "evaluation")
    )
    expected, without = pairing.remembered(
        (trained_on, inputs), lambda: _expected(pairing, trained_on, inputs)
    )
    limit = tolerance(expected, pairing.dtype, pairing.depth)
    if largest_difference(expected, without) <= limit:
        raise ValueError("the reference remembers nothing of a batch, so that there is nothing to compare")
    passes = [
        Pass(inputs=inputs, mode="eval", dropout="off", seed=0, after=one) for one in (None, trained_on)
    ]
    before, after = _outputs(pairing, passes, expected.shape)
    if (verdict := unreal(found.name, (before, after))) is not None:
        raise verdict
    different = largest_difference(without, before)
    if max(different, largest_difference(expected, after)) <= limit:
        return
    again = [*passes, *(msgspec.structs.replace(one, seed=1) for one in passes)]
    first, trained, other, other_trained = _outputs(pairing, again, expected.shape)
    if largest_difference(first, other) > limit:
        raise failed("forward_not_deterministic", name=found.name, batch=ROWS)
    if different > limit:
        size = number_text(different)
        raise failed("different_computation", name=found.name, batch=ROWS, max_difference=size)
    if largest_difference(trained, other_trained) > limit:
        raise failed("depends_on_mode", name=found.name)
    raise failed("statistics_differ", name=found.name)


def _outputs(pairing: Pairing, passes: Sequence[Pass], shape: torch.Size) -> list[torch.Tensor]:
    """The first output of each pass; raises ``wrong_output_shape`` where one has another shape."""
    outputs = [outputs[0] for outputs in pairing.found.compute(pairing.push, passes)]
    if other := [one for one in outputs if one.shape != shape]:
        wanted, given = shape_text(shape), shape_text(other[0].shape)
        raise failed("wrong_output_shape", name=pairing.found.name, expected=wanted, found=given)
    return outputs


def _expected(pairing: Pairing, trained_on: Draw, inputs: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """The reference's first output after a pass in training, and without one."""
    fresh = pairing.module
    trained = copy.deepcopy(fresh).train()
    with torch.no_grad(), WithoutDropout():
        trained(draw(trained_on, pairing.dtype))
        outputs = [module(draw(inputs, pairing.dtype)) for module in (trained.eval(), fresh)]
    first, second = (output if isinstance(output, torch.Tensor) else output[0] for output in outputs)
    return first, second
