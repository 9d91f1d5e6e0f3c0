"""Which wrong arithmetic gives the shape that a student wrote down?

The right size of a dimension that a window moves over is ``⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1``: n the input's size, p
the padding of each side, d the dilation, k the window, s the stride. Each :class:`Formula` is one way to get it wrong,
as text and as arithmetic. Beside the formulas there are the dimensions that a layer leaves alone, exchanges or gives
in another place. A mistake is named only if it alone gives the whole shape; where two do, neither is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

Size = int | float

RULE = "⌊(n + 2·p − d·(k − 1) − 1)/s⌋ + 1"
TRANSPOSED_RULE = "(n − 1)·s − 2·p + d·(k − 1) + o + 1"
_POOLS: Mapping[type[nn.Module], int] = {
    nn.MaxPool1d: 1,
    nn.MaxPool2d: 2,
    nn.MaxPool3d: 3,
    nn.AvgPool1d: 1,
    nn.AvgPool2d: 2,
    nn.AvgPool3d: 3,
}
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class Window:
    """One dimension that a window moves over, in numbers; ``o`` is a transposed convolution's output padding."""

    n: int
    k: int
    s: int
    p: int
    d: int
    o: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """What arithmetic about this window is written with: its settings, and what follows from them in one step."""
        steps = (2 * self.p, self.n + 2 * self.p, self.k - 1, _span(self), _span(self) + 1)
        return (self.n, self.k, self.s, self.p, self.d, self.o, *steps)

    def filled(self, formula: str) -> str:
        """The formula with these numbers for its letters."""
        return "".join(str(getattr(self, letter)) if letter in "nkspdo" else letter for letter in formula)


@dataclass(frozen=True)
class Formula:
    """A wrong formula in the letters of :class:`Window`, and the same as arithmetic."""

    code: str
    text: str
    size: Callable[[Window], Size]


@dataclass(frozen=True)
class Mistake:
    """A code of the catalogue, the shape that the mistake leads to, and what its message needs to be told."""

    code: str
    shape: tuple[Size, ...]
    facts: Mapping[str, str | int] = field(default_factory=dict)
    numbers: frozenset[int] | None = None  # that its arithmetic can be written with; None: any


def _span(window: Window) -> int:
    """What a window covers, less one."""
    return window.d * (window.k - 1)


WRONG = (
    Formula(
        "shape_plus_one_forgotten",
        "⌊(n + 2·p − d·(k − 1) − 1)/s⌋",
        lambda w: (w.n + 2 * w.p - _span(w) - 1) // w.s,
    ),
    Formula(
        "shape_padding_counted_once",
        "⌊(n + p − d·(k − 1) − 1)/s⌋ + 1",
        lambda w: (w.n + w.p - _span(w) - 1) // w.s + 1,
    ),
    Formula(
        "shape_padding_forgotten",
        "⌊(n − d·(k − 1) − 1)/s⌋ + 1",
        lambda w: (w.n - _span(w) - 1) // w.s + 1,
    ),
    Formula("shape_simplified_formula", "⌊(n − k + p)/s⌋", lambda w: (w.n - w.k + w.p) // w.s),
    Formula("shape_simplified_formula", "(n − k + p)/s", lambda w: (w.n - w.k + w.p) / w.s),
    Formula("shape_stride_forgotten", "(n + 2·p − d·(k − 1) − 1)/1 + 1", lambda w: w.n + 2 * w.p - _span(w)),
    Formula(
        "shape_window_taken_for_stride",
        "⌊(n + 2·p − d·(k − 1) − 1)/k⌋ + 1",
        lambda w: (w.n + 2 * w.p - _span(w) - 1) // w.k + 1,
    ),
    Formula(
        "shape_dilation_forgotten",
        "⌊(n + 2·p − (k − 1) − 1)/s⌋ + 1",
        lambda w: (w.n + 2 * w.p - w.k) // w.s + 1,
    ),
    Formula(
        "shape_dilation_miscounted",
        "⌊(n + 2·p − d·k)/s⌋ + 1",
        lambda w: (w.n + 2 * w.p - w.d * w.k) // w.s + 1,
    ),
    Formula(
        "shape_rounded_up",
        "⌈(n + 2·p − d·(k − 1) − 1)/s⌉ + 1",
        lambda w: -(-(w.n + 2 * w.p - _span(w) - 1) // w.s) + 1,
    ),
    Formula("shape_window_forgotten", "⌊(n + 2·p)/s⌋", lambda w: (w.n + 2 * w.p) // w.s),
    Formula("shape_window_forgotten", "⌊n/s⌋", lambda w: w.n // w.s),
    Formula("shape_window_forgotten", "⌈n/s⌉", lambda w: -(-w.n // w.s)),
)
WRONG_TRANSPOSED = (
    Formula(
        "shape_transposed_as_convolution",
        RULE,
        lambda w: (w.n + 2 * w.p - _span(w) - 1) // w.s + 1,
    ),
    Formula(
        "shape_plus_one_forgotten",
        "(n − 1)·s − 2·p + d·(k − 1) + o",
        lambda w: (w.n - 1) * w.s - 2 * w.p + _span(w) + w.o,
    ),
    Formula(
        "shape_padding_counted_once",
        "(n − 1)·s − p + d·(k − 1) + o + 1",
        lambda w: (w.n - 1) * w.s - w.p + _span(w) + w.o + 1,
    ),
    Formula(
        "shape_padding_forgotten",
        "(n − 1)·s + d·(k − 1) + o + 1",
        lambda w: (w.n - 1) * w.s + _span(w) + w.o + 1,
    ),
    Formula(
        "shape_output_padding_forgotten",
        "(n − 1)·s − 2·p + d·(k − 1) + 1",
        lambda w: (w.n - 1) * w.s - 2 * w.p + _span(w) + 1,
    ),
    Formula(
        "shape_dilation_forgotten",
        "(n − 1)·s − 2·p + (k − 1) + o + 1",
        lambda w: (w.n - 1) * w.s - 2 * w.p + w.k + w.o,
    ),
    Formula("shape_window_forgotten", "n·s", lambda w: w.n * w.s),
)


def explained(
    layer: nn.Module,
    input_shape: Sequence[int],
    right: Sequence[int],
    given: Sequence[Size],
    numbers: frozenset[int] = frozenset(),
) -> Mistake | None:
    """The one mistake that gives ``given`` where ``layer`` gives ``right``; None where none or several do.

    ``numbers`` are those that a student's own arithmetic is written with: a formula whose numbers are others, or that
    leaves out what they have counted, is not theirs, even if it comes to the same.
    """
    found = tuple(given)
    if found == tuple(right):
        return None
    if found == tuple(input_shape):
        return Mistake("shape_of_input", found)
    fitting: dict[str, Mistake] = {}
    for mistake in _mistakes(layer, tuple(input_shape), tuple(right), found):
        if mistake.shape == found and _may_be_written(mistake, numbers):
            fitting.setdefault(mistake.code, mistake)
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def _may_be_written(mistake: Mistake, numbers: frozenset[int]) -> bool:
    """Whether its arithmetic has all these numbers; 1 and 2 are in the formulas themselves."""
    return mistake.numbers is None or numbers <= mistake.numbers | {1, 2}


def _mistakes(
    layer: nn.Module, inputs: tuple[int, ...], right: tuple[int, ...], given: tuple[Size, ...]
) -> Iterator[Mistake]:
    if isinstance(weight := getattr(layer, "weight", None), torch.Tensor):
        yield Mistake("shape_of_weight", tuple(weight.shape))
        if isinstance(layer, nn.Linear):
            yield Mistake("shape_of_weight", tuple(weight.shape)[::-1])
    if isinstance(layer, nn.RNNBase):
        yield from _recurrent(layer, inputs, right)
    elif isinstance(layer, nn.Linear):
        yield from _linear(inputs, right)
    elif windows := _windows(layer, inputs):
        yield from _moved(layer, windows, right, given)
        if len(right) == len(windows) + 2:
            yield from _channels(layer, inputs, right, given)
    elif isinstance(layer, nn.Flatten) and layer.start_dim == 1:
        yield Mistake("shape_batch_flattened", (math.prod(right),))
    if _batch_is_first(layer, inputs) and len(right) > 1:
        yield Mistake("shape_batch_changed", (*given[:1], *right[1:]), {"batch": inputs[0]})


def _moved(
    layer: nn.Module, windows: list[Window], right: tuple[int, ...], given: tuple[Size, ...]
) -> Iterator[Mistake]:
    """Mistakes in the sizes that a window leaves."""
    transposed = isinstance(layer, _TRANSPOSED)
    kept, first = right[: -len(windows)], windows[0]
    facts: dict[str, str | int] = {
        "dimension": len(kept),
        "rule": TRANSPOSED_RULE if transposed else RULE,
        "right": first.filled(TRANSPOSED_RULE if transposed else RULE),
    }
    whole = [math.floor(size) for size in given if math.isfinite(size)]
    if tuple(whole) == right and tuple(whole) != given and any(size % 1 for size in given):
        yield Mistake("shape_not_rounded", given, facts)
    pool = type(layer) in _POOLS
    for formula in WRONG_TRANSPOSED if transposed else WRONG:
        code = formula.code
        if code == "shape_simplified_formula" and all(one.p == 0 and one.d == 1 for one in windows):
            continue  # then all that is wrong with it is the + 1
        if code == "shape_window_taken_for_stride" and not pool:
            continue
        if code == "shape_stride_forgotten" and pool and all(one.s == one.k for one in windows):
            code = "shape_pool_stride_taken_as_one"
        sizes = [formula.size(one) for one in windows]
        wrong = f"{first.filled(formula.text)} = {sizes[0]:g}"
        used = frozenset(number for one in windows for number in one.numbers)
        window = frozenset(one.k for one in windows) if code == "shape_window_forgotten" else frozenset()
        told = facts | {"wrong": wrong, "stride": first.s}
        yield Mistake(code, (*kept, *sizes), told, used - window)


def _channels(
    layer: nn.Module, inputs: tuple[int, ...], right: tuple[int, ...], given: tuple[Size, ...]
) -> Iterator[Mistake]:
    """Mistakes in the two dimensions before those that a window moves over."""
    batch, channels, *sizes = right
    yield Mistake("shape_batch_and_channels_exchanged", (channels, batch, *sizes))
    yield Mistake("shape_channels_last", (batch, *sizes, channels))
    yield Mistake("shape_batch_forgotten", (channels, *sizes))
    if type(layer) in _POOLS:
        yield Mistake("shape_pool_changes_channels", (batch, *given[1:2], *sizes))
    else:
        yield Mistake("shape_input_channels_kept", (batch, inputs[1], *sizes))


def _linear(inputs: tuple[int, ...], right: tuple[int, ...]) -> Iterator[Mistake]:
    *leading, features = right
    if len(leading) > 1:
        yield Mistake("shape_linear_flattens", (leading[0], features))
        yield Mistake("shape_linear_flattens", (math.prod(leading), features))
    if leading:
        yield Mistake("shape_batch_forgotten", (*leading[1:], features))


def _recurrent(layer: nn.RNNBase, inputs: tuple[int, ...], right: tuple[int, ...]) -> Iterator[Mistake]:
    if len(inputs) != 3:
        return
    first, second, features = right
    directions = 2 if layer.bidirectional else 1
    batch = first if layer.batch_first else second
    size = features // directions
    states = layer.num_layers * directions
    yield Mistake("shape_batch_and_time_exchanged", (second, first, features))
    yield Mistake("shape_state_for_output", (states, batch, size))
    yield Mistake("shape_state_for_output", (batch, states, size))
    yield Mistake("shape_last_step_only", (batch, features))
    if layer.bidirectional:
        yield Mistake("shape_directions_forgotten", (first, second, size))
    if layer.num_layers > 1:
        taken = (first, second, layer.num_layers * features)
        yield Mistake("shape_layers_taken_for_directions", taken, {"layers": layer.num_layers})


def _batch_is_first(layer: nn.Module, inputs: tuple[int, ...]) -> bool:
    if isinstance(layer, nn.RNNBase):
        return layer.batch_first and len(inputs) == 3
    if windows := _windows(layer, inputs):
        return len(inputs) == len(windows) + 2
    return isinstance(layer, nn.Linear | nn.Flatten) and len(inputs) > 1


def _windows(layer: nn.Module, inputs: tuple[int, ...]) -> list[Window]:
    """The dimensions that the layer's window moves over; none where no formula above describes them."""
    if isinstance(layer, (*_CONVOLUTIONS, *_TRANSPOSED)):
        rank = len(layer.kernel_size)
    elif type(layer) in _POOLS and not getattr(layer, "ceil_mode", False):
        rank = _POOLS[type(layer)]
    else:
        return []
    if isinstance(layer.padding, str):  # "same" need not be the same on both sides
        return []
    settings = [
        _each(getattr(layer, name, missing), rank)
        for name, missing in (
            ("kernel_size", 1),
            ("stride", 1),
            ("padding", 0),
            ("dilation", 1),
            ("output_padding", 0),
        )
    ]
    return [Window(n, *numbers) for n, *numbers in zip(inputs[-rank:], *settings, strict=True)]


def _each(setting: int | Sequence[int], rank: int) -> tuple[int, ...]:
    return (setting,) * rank if isinstance(setting, int) else tuple(setting)
