"""Assertions about tensors that a student computed."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from autograder.checks import recognition
from autograder.checks.inputs import Inputs
from autograder.checks.remembered import Remembered
from autograder.checks.shape_formulas import explained
from autograder.checks.tolerance import agree, coarser, largest_difference, tolerance
from autograder.checks.wording import number_text, shape_text
from autograder.errors import AssignmentError
from autograder.evidence.proxies import LiteralProxy, ModuleProxy, TensorProxy
from autograder.evidence.verdict import Verdict, failed
from autograder.messages import MESSAGES
from autograder.results import Outcome
from autograder.wire.messages import Draw, Pass, Sent
from autograder.wire.tensors import draw

MAX_DIMENSIONS = 16  # of a shape worth comparing with mistakes


def assert_shape(
    found: TensorProxy | LiteralProxy,
    expected: Sequence[int] | None = None,
    *,
    of: nn.Module | None = None,
    input_shape: Sequence[int] = (),
) -> None:
    """The tensor has, or the student wrote down, exactly this shape; else ``wrong_shape``.

    The shape is ``expected``, or what the layer ``of`` gives for an input of ``input_shape``; of several outputs
    the first is meant. A written shape is a tuple, list or ``torch.Size`` of integers, else ``not_a_shape``; of a
    wrong one ``wrong_prediction`` names the first dimension that differs, and not what is right: that is the question.
    Where one mistake alone gives the shape that was written for ``of``, it is named (:mod:`.shape_formulas`).
    """
    wanted = tuple(expected) if expected is not None else _output_shape(of, input_shape)
    if isinstance(found, LiteralProxy):
        if of is not None:
            _assert_not_mistaken(found, of, input_shape, wanted)
        _assert_predicted(found, wanted)
    elif found.shape != wanted:
        raise failed(
            "wrong_shape", name=found.name, expected=shape_text(wanted), found=shape_text(found.shape)
        )


def assert_close(
    found: TensorProxy,
    expected: Tensor,
    *,
    of: Tensor | Sequence[Tensor] = (),
    unless: Mapping[str, Tensor | Sequence[Tensor]] | None = None,
) -> None:
    """Same shape and, within rounding, the same numbers.

    Else ``wrong_shape``, ``nan_values``, ``infinite_values``, ``infinity_missing``, ``values_differ`` or, of whole
    numbers, ``exact_values_differ``.

    ``of`` are the tensors that the values are to be computed from: where one known function of them (an
    activation, a loss) alone gives what was found, it is named instead (:mod:`.recognition`). ``unless`` names
    mistakes of the author's own: a code of the catalogue → what it would give, one tensor or several. The one
    mistake that explains the numbers is named; where two do, neither is. Raises :class:`AssignmentError` for an
    unknown code.
    """
    if unknown := sorted(set(unless or ()) - MESSAGES.keys()):
        close = difflib.get_close_matches(unknown[0], MESSAGES, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(close)}? " if close else ""
        raise AssignmentError(
            f"assert_close(unless=…): no message has the code {', '.join(unknown)}. {meant}What no code means can be "
            'said by an assertion of your own before this one: assert not wrong, "…"'
        )
    expected = expected.detach()  # a loss, say, that was computed on the assignment's own model
    try:
        assert_shape(found, expected.shape)
        _assert_numbers(found, expected)
    except Verdict:
        named = [
            code
            for code, others in (unless or {}).items()
            if any(agree(one, found.value) for one in _several(others))
        ]
        if len(named) == 1:
            raise failed(named[0], name=found.name) from None
        if not named and (mistaken := recognition.explained(found.value, expected, _several(of), found.name)):
            raise Verdict(Outcome.FAILED, [mistaken]) from None
        raise


def _several(tensors: Tensor | Sequence[Tensor]) -> Sequence[Tensor]:
    return [one.detach() for one in ((tensors,) if isinstance(tensors, Tensor) else tensors)]


def assert_output_of(found: TensorProxy, module: ModuleProxy, inputs: Tensor) -> None:
    """The tensor is what the student's own ``module`` gives for ``inputs``; else ``output_not_from_input``.

    The module runs in eval mode, on the weights it has now. Of a module that returns several tensors, as an LSTM
    does, the first is meant. A module that hands its input on unchanged has computed nothing: ``output_is_input``.
    What the module gives in training mode is ``output_in_training_mode``; where that is random, and the tensor is
    something else than the output in eval mode, ``output_not_evaluated``; where that in eval mode is random,
    ``forward_not_deterministic``.
    """
    outputs = module.compute((), (_live("eval", 0),), [inputs])[0]
    output = outputs[0]
    limit = tolerance(output, coarser(output, found.value), depth=1)
    if found.value.shape != output.shape:
        if part := _part_of(found.value, outputs, found.name, module.name):
            raise part
        shapes = {"expected": shape_text(output.shape), "found": shape_text(found.shape)}
        raise failed("output_not_from_input", name=found.name, module=module.name, **shapes)
    if largest_difference(output, found.value) > limit:
        if part := _part_of(found.value, outputs, found.name, module.name):
            raise part
        raise _of_another_pass(found, module, inputs, output, limit)
    if found.value.shape == inputs.shape and largest_difference(inputs, found.value) <= limit:
        raise failed("output_is_input", name=found.name, module=module.name)


def _live(mode: Literal["train", "eval"], seed: int) -> Pass:
    return Pass(inputs=Sent(0), mode=mode, dropout="live", seed=seed)


def _of_another_pass(
    found: TensorProxy, module: ModuleProxy, inputs: Tensor, output: Tensor, limit: float
) -> Verdict:
    """What is said of a tensor of the output's shape: whether training or chance makes the module give others."""
    plain = failed("output_not_from_input", name=found.name, module=module.name)
    asked = (_live("eval", 1), _live("train", 0), _live("train", 1))
    try:
        again, training, other = (outputs[0] for outputs in module.compute((), asked, [inputs]))
    except Verdict:  # a batch norm takes no batch of one in training
        return plain
    if not _close(output, again, limit):
        return failed("forward_not_deterministic", name=module.name)
    if not _close(training, other, limit):
        return failed("output_not_evaluated", name=found.name, module=module.name)
    if agree(training, found.value):
        return failed("output_in_training_mode", name=found.name, module=module.name)
    return plain


def _close(one: Tensor, other: Tensor, limit: float) -> bool:
    return one.shape == other.shape and largest_difference(one, other) <= limit


def _part_of(found: Tensor, outputs: Sequence[Tensor], name: str, module: str) -> Verdict | None:
    """Whether it is another part of what a layer gives: its states, its last step, an example without its batch."""
    output, *states = outputs
    if any(agree(one, found) for one in states):
        return failed("states_for_output", name=name, module=module)
    last = (output[:, -1], output[-1]) if output.dim() == 3 and output.numel() else ()
    if states and any(agree(one, found) for one in last):
        return failed("last_step_for_output", name=name, module=module)
    if not states and output.dim() > 1 and len(output) == 1 and agree(output[0], found):
        return failed("output_without_batch", name=name, module=module)
    return None


def assert_maps(
    found: ModuleProxy,
    *,
    input_shape: Sequence[int],
    output_shape: Sequence[int],
    input_below: int | None = None,
) -> None:
    """``found`` takes ``(batch, *input_shape)`` to ``(batch, *output_shape)``; else ``wrong_output_shape``.

    With ``input_below``, inputs are whole numbers from 0 to ``input_below`` - 1. Of several outputs the first is
    meant. Raises ``forward_raised`` where the pass fails.
    """
    seed = found.seeds.number("maps")
    inputs = [Inputs.of(input_shape, input_below).batch(rows, seed) for rows in (3, 1)]
    sent = [_with_the_largest(one) for one in inputs] if input_below else []
    asked = [Sent(place) for place in range(len(sent))] or inputs
    passes = [Pass(inputs=one, mode="eval", dropout="live", seed=seed) for one in asked]
    for one, outputs in zip(inputs, found.compute((), passes, sent), strict=True):
        wanted, shape = (one.shape[0], *output_shape), outputs[0].shape
        if tuple(shape) != wanted:
            raise failed(
                "wrong_output_shape", name=found.name, expected=shape_text(wanted), found=shape_text(shape)
            )


def _with_the_largest(recipe: Draw) -> Tensor:
    """Whole numbers, the largest there can be among them: at that one an embedding that is too small fails."""
    numbers = draw(recipe)
    numbers.view(-1)[-1:] = recipe.below - 1
    return numbers


def _output_shape(layer: nn.Module | None, input_shape: Sequence[int]) -> tuple[int, ...]:
    """What the layer gives; a check file's own layer is asked once, as it is then, and not for every submission."""
    if layer is None:
        raise TypeError("assert_shape needs the expected shape, or a layer and its input's shape")
    known = _output_shapes.of(layer)
    asked = tuple(input_shape)
    if asked not in known:
        with torch.no_grad():
            output = layer(torch.zeros(*asked))
        known[asked] = tuple((output[0] if isinstance(output, tuple) else output).shape)
    return known[asked]


_output_shapes: Remembered[dict[tuple[int, ...], tuple[int, ...]]] = Remembered(dict)


def _assert_not_mistaken(
    found: LiteralProxy, layer: nn.Module, input_shape: Sequence[int], wanted: tuple[int, ...]
) -> None:
    value = found.value
    if not isinstance(value, tuple | list) or len(value) > MAX_DIMENSIONS:
        return
    numbers = [item for item in value if isinstance(item, int | float)]
    if len(numbers) == len(value) and (
        mistake := explained(layer, input_shape, wanted, numbers, found.numbers)
    ):
        raise failed(mistake.code, name=found.name, found=reprlib.repr(value), **mistake.facts)


def _assert_predicted(found: LiteralProxy, wanted: tuple[int, ...]) -> None:
    value = found.value
    text = reprlib.repr(value)  # a value written down in few characters may be as large as memory
    if not isinstance(value, tuple | list) or not all(isinstance(item, int) for item in value):
        raise failed("not_a_shape", name=found.name, found=text)
    if len(value) != len(wanted):
        raise failed("wrong_number_of_dimensions", name=found.name, found=text)
    for dimension, (right, given) in enumerate(zip(wanted, value, strict=True)):
        if right != given:
            raise failed("wrong_prediction", name=found.name, dimension=dimension, found=text)


def _assert_numbers(found: TensorProxy, expected: Tensor) -> None:
    if bool(found.value.isnan().any()) and not bool(expected.isnan().any()):
        raise failed("nan_values", name=found.name)
    if not agree(expected, found.value):
        if infinity := _infinity(expected, found.value):
            raise failed(infinity, name=found.name)
        difference = number_text(largest_difference(expected, found.value))
        code = "exact_values_differ" if _are_exact(expected, found.value) else "values_differ"
        raise failed(code, name=found.name, max_difference=difference)


def _infinity(expected: Tensor, found: Tensor) -> str | None:
    """What is said where they differ by an infinity, which no number measures."""
    differ = expected.double() != found.double()
    if bool((differ & found.isinf()).any()):
        return "infinite_values"
    return "infinity_missing" if bool((differ & expected.isinf()).any()) else None


def _are_exact(expected: Tensor, found: Tensor) -> bool:
    """Whether no rounding can be in what was asked for: whole numbers, or a single one that was answered with one."""
    if not expected.is_floating_point():
        return True
    return expected.numel() == 1 and not any(bool(one.double() % 1) for one in (expected, found))
