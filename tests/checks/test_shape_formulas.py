"""Written-down shapes: the one wrong formula that gives them is named, with the right one in the layer's numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
import torch
from torch import nn

from autograder.checks import assert_shape
from autograder.checks.shape_formulas import (
    RULE,
    TRANSPOSED_RULE,
    WRONG,
    WRONG_TRANSPOSED,
    Formula,
    Window,
    explained,
)
from autograder.evidence.proxies import LiteralProxy
from autograder.evidence.verdict import Verdict
from autograder.messages import catalogue

PADDED = nn.Conv2d(3, 8, 5, padding=2)
STRIDED = nn.Conv2d(1, 4, 3, stride=2)
DILATED = nn.Conv2d(1, 4, 3, dilation=2)
LSTM = nn.LSTM(6, 9, num_layers=2, batch_first=True)
BOTH_WAYS = nn.GRU(6, 9, bidirectional=True, batch_first=True)
LARGER = nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1)
IMAGES = (2, 3, 28, 28)


def output_shape(layer: nn.Module, inputs: Sequence[int]) -> tuple[int, ...]:
    output = layer(torch.zeros(*inputs))
    return tuple((output[0] if isinstance(output, tuple) else output).shape)


def code(layer: nn.Module, inputs: Sequence[int], given: Sequence[float]) -> str | None:
    mistake = explained(layer, inputs, output_shape(layer, inputs), given)
    return None if mistake is None else mistake.code


def worked_out(text: str) -> float:
    """A formula's text as arithmetic; ``text`` is one of ours, with its numbers filled in."""
    signs = {"⌊": "math.floor(", "⌋": ")", "⌈": "math.ceil(", "⌉": ")", "·": "*", "−": "-"}
    return float(eval("".join(signs.get(sign, sign) for sign in text), {"math": math}))


def windows(count: int) -> list[Window]:
    chance = random.Random(5)
    drawn = [
        Window(
            n=chance.randint(20, 60),
            k=chance.randint(1, 5),
            s=chance.randint(1, 4),
            p=chance.randint(0, 2),
            d=chance.randint(1, 3),
        )
        for _ in range(count)
    ]
    return [*drawn, Window(n=9, k=3, s=2, p=1, d=1, o=1)]


@pytest.mark.parametrize("formula", [*WRONG, *WRONG_TRANSPOSED], ids=lambda formula: formula.text)
def test_what_a_formula_says_is_what_it_computes(formula: Formula) -> None:
    """The arithmetic shown to a student and the number compared with theirs are the same."""
    for window in windows(200):
        assert worked_out(window.filled(formula.text)) == pytest.approx(formula.size(window))


def test_the_rules_are_pytorchs_own() -> None:
    """What is shown as right gives the size that the layer really gives."""
    for window in windows(60):
        layer = nn.Conv1d(1, 1, window.k, stride=window.s, padding=window.p, dilation=window.d)
        (_, _, size) = output_shape(layer, (1, 1, window.n))
        assert worked_out(window.filled(RULE)) == size
        larger = nn.ConvTranspose1d(
            1, 1, window.k, window.s, window.p, output_padding=window.o, dilation=window.d
        )
        (_, _, size) = output_shape(larger, (1, 1, window.n))
        assert worked_out(window.filled(TRANSPOSED_RULE)) == size


@pytest.mark.parametrize(
    ("layer", "inputs", "given", "expected"),
    [
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 8, 23, 23), "shape_plus_one_forgotten"),
        (PADDED, IMAGES, (2, 8, 26, 26), "shape_padding_counted_once"),
        (PADDED, IMAGES, (2, 8, 24, 24), "shape_padding_forgotten"),
        (PADDED, IMAGES, (2, 8, 25, 25), "shape_simplified_formula"),
        (nn.Conv2d(3, 8, 4, padding=1, stride=2), IMAGES, (2, 8, 12.5, 12.5), "shape_simplified_formula"),
        (DILATED, (1, 1, 20, 20), (1, 4, 17, 17), "shape_simplified_formula"),
        (DILATED, (1, 1, 20, 20), (1, 4, 18, 18), "shape_dilation_forgotten"),
        (nn.Conv2d(1, 4, 3, dilation=3), (1, 1, 20, 20), (1, 4, 12, 12), "shape_dilation_miscounted"),
        (STRIDED, (1, 1, 28, 28), (1, 4, 26, 26), "shape_stride_forgotten"),
        (STRIDED, (1, 1, 28, 28), (1, 4, 13.5, 13.5), "shape_not_rounded"),
        (nn.Conv2d(1, 4, 5, stride=2), (1, 1, 28, 28), (1, 4, 13, 13), "shape_rounded_up"),
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 8, 28, 28), "shape_window_forgotten"),
        (nn.Conv2d(3, 8, (3, 5)), IMAGES, (2, 8, 25, 23), "shape_plus_one_forgotten"),
        (nn.Conv1d(3, 8, 5), (2, 3, 28), (2, 8, 23), "shape_plus_one_forgotten"),
        (nn.Conv3d(3, 8, 5), (2, 3, 9, 9, 9), (2, 8, 4, 4, 4), "shape_plus_one_forgotten"),
        (nn.MaxPool2d(3), (2, 8, 26, 26), (2, 8, 24, 24), "shape_pool_stride_taken_as_one"),
        (nn.AvgPool2d(3, 2), (2, 8, 26, 26), (2, 8, 24, 24), "shape_stride_forgotten"),
        (nn.MaxPool2d(3, 2), (2, 8, 26, 26), (2, 8, 8, 8), "shape_window_taken_for_stride"),
        (nn.MaxPool2d(3, 2), (2, 8, 26, 26), (2, 5, 12, 12), "shape_pool_changes_channels"),
        (nn.MaxPool2d(2, 1), (2, 8, 26, 26), (2, 8, 26, 26), "shape_of_input"),
        (nn.Conv2d(3, 8, 5), IMAGES, (8, 2, 24, 24), "shape_batch_and_channels_exchanged"),
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 24, 24, 8), "shape_channels_last"),
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 3, 24, 24), "shape_input_channels_kept"),
        (nn.Conv2d(3, 8, 5), IMAGES, (8, 24, 24), "shape_batch_forgotten"),
        (nn.Conv2d(3, 8, 5), IMAGES, (1, 8, 24, 24), "shape_batch_changed"),
        (nn.Conv2d(3, 8, 5), IMAGES, (8, 3, 5, 5), "shape_of_weight"),
        (nn.Conv2d(3, 8, 5), IMAGES, IMAGES, "shape_of_input"),
        (nn.Linear(12, 7), (4, 3, 12), (4, 7), "shape_linear_flattens"),
        (nn.Linear(12, 7), (4, 5, 12), (20, 7), "shape_linear_flattens"),
        (nn.Linear(12, 7), (4, 3, 12), (3, 7), "shape_batch_forgotten"),
        (nn.Linear(12, 7), (4, 3, 12), (7, 12), "shape_of_weight"),
        (nn.Linear(12, 7), (4, 3, 12), (1, 3, 7), "shape_batch_changed"),
        (nn.Flatten(), IMAGES, (2 * 3 * 28 * 28,), "shape_batch_flattened"),
        (LSTM, (4, 12, 6), (4, 12, 18), "shape_layers_taken_for_directions"),
        (LSTM, (4, 12, 6), (2, 4, 9), "shape_state_for_output"),
        (LSTM, (4, 12, 6), (4, 2, 9), "shape_state_for_output"),
        (LSTM, (4, 12, 6), (4, 9), "shape_last_step_only"),
        (LSTM, (4, 12, 6), (12, 4, 9), "shape_batch_and_time_exchanged"),
        (nn.RNN(6, 9), (12, 4, 6), (4, 12, 9), "shape_batch_and_time_exchanged"),
        (BOTH_WAYS, (4, 12, 6), (4, 12, 9), "shape_directions_forgotten"),
        (LARGER, (1, 4, 9, 9), (1, 2, 5, 5), "shape_transposed_as_convolution"),
        (LARGER, (1, 4, 9, 9), (1, 2, 19, 19), "shape_padding_counted_once"),
        (LARGER, (1, 4, 9, 9), (1, 2, 20, 20), "shape_padding_forgotten"),
        # Nothing of the kind
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 8, 20, 20), None),
        (nn.Conv2d(3, 8, 5), IMAGES, (2, 8, 24, 23), None),
        (nn.Conv2d(3, 8, 5, padding="same"), IMAGES, (2, 8, 27, 27), None),
        (nn.MaxPool2d(3, 2, ceil_mode=True), (2, 8, 26, 26), (2, 8, 12, 12), None),
        (nn.LSTM(6, 9), (12, 6), (11, 9), None),
        (nn.MaxPool2d(2), (3, 8, 8), (5, 4, 4), None),
        (nn.ReLU(), (2, 8), (3, 8), None),
    ],
)  # fmt: skip
def test_a_mistake_is_named(
    layer: nn.Module, inputs: Sequence[int], given: Sequence[float], expected: str | None
) -> None:
    """Each mistake gives its own shape, and a shape that no mistake gives has no name."""
    assert code(layer, inputs, given) == expected


@pytest.mark.parametrize(
    ("layer", "inputs", "given"),
    [
        (DILATED, (1, 1, 20, 20), (1, 4, 15, 15)),  # no + 1, or the window taken to cover d·k
        (STRIDED, (1, 1, 28, 28), (1, 4, 14, 14)),  # rounded up, or half the input
        (nn.Linear(12, 7), (4, 3, 12), (12, 7)),  # flattened, or the weight's numbers
        (LARGER, (1, 4, 9, 9), (1, 2, 17, 17)),  # no + 1, or no output padding
    ],
)
def test_where_two_mistakes_fit_neither_is_named(
    layer: nn.Module, inputs: Sequence[int], given: Sequence[float]
) -> None:
    """A wrong diagnosis is worse than none."""
    assert code(layer, inputs, given) is None


@pytest.mark.parametrize(
    ("given", "numbers", "expected"),
    [
        ((2, 8, 23, 23), {28, 5}, "shape_plus_one_forgotten"),
        ((2, 8, 23, 23), set(), "shape_plus_one_forgotten"),
        ((2, 8, 23, 23), {28, 6, 1}, None),  # 28 - 6 + 1: a number misread
        ((2, 8, 28, 28), {28}, "shape_window_forgotten"),
        ((2, 8, 28, 28), {28, 2, 5, 1}, None),  # 28 + 2·2 - 5 + 1: a padding that is not there
    ],
)
def test_arithmetic_with_other_numbers_is_another_mistake(
    given: tuple[int, ...], numbers: set[int], expected: str | None
) -> None:
    """What a student has written down as arithmetic has to be the formula's own."""
    mistake = explained(nn.Conv2d(3, 8, 5), IMAGES, (2, 8, 24, 24), given, frozenset(numbers))
    assert (mistake.code if mistake else None) == expected


def test_no_right_shape_is_a_mistake() -> None:
    """Layers in whose numbers a mistake makes no difference: the right shape stays unnamed."""
    for window in windows(200):
        layer = nn.Conv1d(2, 2, window.k, stride=window.s, padding=window.p, dilation=window.d)
        right = output_shape(layer, (2, 2, window.n))
        assert explained(layer, (2, 2, window.n), right, right) is None
        assert explained(layer, (2, 2, window.n), right, (*right[:2], 10**12)) is None


def test_a_layer_that_keeps_the_shape_is_no_mistake() -> None:
    """The shape of the input is then the right one."""
    assert_shape(LiteralProxy("a", (4, 12, 9, 9)), of=nn.BatchNorm2d(12), input_shape=(4, 12, 9, 9))  # nothing raised


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_message_is_given_what_it_tells(language: str) -> None:
    """No placeholder stays empty, and the right size is never worked out."""
    words = catalogue(language)
    for window in windows(40):
        for layer in (
            nn.Conv1d(2, 5, window.k, stride=window.s, padding=window.p, dilation=window.d),
            nn.MaxPool1d(window.k, window.s),
            nn.ConvTranspose1d(2, 5, window.k, stride=window.s, padding=window.p),
        ):
            inputs = (3, 2, window.n)
            right = output_shape(layer, inputs)
            for size in {formula.size(window) for formula in (*WRONG, *WRONG_TRANSPOSED)}:
                mistake = explained(layer, inputs, right, (*right[:-1], size))
                if mistake is not None:
                    facts = dict(mistake.facts) | {"name": "shapes['a']"}
                    said = words.text(mistake.code, **facts) + words.help(mistake.code, **facts)
                    assert "…" not in said
                    assert f"= {right[-1]}`" not in said


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((2, 8, 26, 26), "shape_padding_counted_once"),
        ([2, 8, 26, 26], "shape_padding_counted_once"),
        ((2, 8, 33, 33), "wrong_prediction"),
        ((2, 8, 28.0, 28.0), "not_a_shape"),
        ((2, 8, "28", 28), "not_a_shape"),
        ((2, 8), "wrong_number_of_dimensions"),
        (((2, 8), 28), "not_a_shape"),
        (tuple(range(1_000)), "wrong_number_of_dimensions"),
        (28, "not_a_shape"),
    ],
)
def test_the_verdict_on_a_written_shape(given: object, expected: str) -> None:
    """A mistake that is recognised is the finding; else what was seen, as before."""
    with pytest.raises(Verdict) as raised:
        assert_shape(LiteralProxy("shapes['a']", given), of=PADDED, input_shape=IMAGES)  # type: ignore[arg-type]
    (finding,) = raised.value.findings
    assert finding.code == expected
    assert finding.expected is None
