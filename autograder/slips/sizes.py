"""PyTorch's complaints about shapes, dimensions and data types."""

from __future__ import annotations

import math

from autograder.results import Finding
from autograder.slips.errors import Slip, rule


def _matrices(slip: Slip) -> Finding:
    rows, given, wanted = (slip.number(group) for group in (1, 2, 3))
    times = rows // slip.error.batch if slip.error.batch and rows % slip.error.batch == 0 else 1
    if (
        times > 1 and times * given == wanted
    ):  # each example has as many numbers as are wanted, in several rows
        return Finding(code="input_not_flattened", facts={"given": given, "wanted": wanted})
    return Finding(code="layers_do_not_meet", facts={"given": given, "wanted": wanted})


def _recurrent(slip: Slip) -> Finding:
    return Finding(code="layers_do_not_meet", facts={"given": slip.number(2), "wanted": slip.number(1)})


def _channels(slip: Slip) -> Finding:
    out, wanted, given = (slip.number(group) for group in (1, 2, 3))
    return Finding(code="channels_do_not_meet", facts={"given": given, "wanted": wanted, "out": out})


def _normalised(slip: Slip) -> Finding:
    return Finding(code="norm_does_not_meet", facts={"given": slip.text(1), "wanted": slip.text(2)})


def _layer_norm(slip: Slip) -> Finding:
    return Finding(code="norm_does_not_meet", facts={"given": slip.text(2), "wanted": slip.text(1)})


def _dimensions(slip: Slip) -> Finding:
    first, second = slip.number(1), slip.number(2)
    return Finding(code="wrong_number_of_input_dimensions", facts={"wanted": f"{first}, {second}"})


def _too_small(slip: Slip) -> Finding:
    size = " x ".join(slip.text().replace(" ", "").split("x"))
    return Finding(code="window_larger_than_input", facts={"size": size})


def _elementwise(slip: Slip) -> Finding:
    first, second, dimension = (slip.number(group) for group in (1, 2, 3))
    return Finding(code="sizes_do_not_meet", facts={"first": first, "second": second, "dimension": dimension})


def _view(slip: Slip) -> Finding | None:
    shape = [int(size) for size in slip.text(1).split(",")]
    size, batch = slip.number(2), slip.error.batch
    if batch and -1 not in shape and shape[0] != batch and batch * math.prod(shape[1:]) == size:
        return Finding(code="view_fixed_batch", facts={"found": shape[0]})
    return Finding(code="view_does_not_fit", facts={"shape": f"({slip.text(1)})", "size": size})


def _no_dimension(slip: Slip) -> Finding:
    low, high, found = (slip.number(group) for group in (1, 2, 3))
    return Finding(code="dimension_out_of_range", facts={"low": low, "high": high, "number": found})


def _no_row(_: Slip) -> Finding:
    return Finding(code="embedding_too_small")


def _types(slip: Slip) -> Finding:
    return Finding(code="dtypes_do_not_meet", facts={"given": slip.text(1), "wanted": slip.text(2)})


def _types_expected_first(slip: Slip) -> Finding:
    return Finding(code="dtypes_do_not_meet", facts={"given": slip.text(2), "wanted": slip.text(1)})


def _decimal(_: Slip) -> Finding:
    return Finding(code="size_is_decimal")


def _probability(slip: Slip) -> Finding:
    return Finding(code="probability_out_of_range", facts={"number": slip.text()})


N = r"(\d{1,9})"
RULES = (
    rule("RuntimeError", rf"mat1 and mat2 shapes cannot be multiplied \({N}x{N} and {N}x", _matrices),
    rule(
        "RuntimeError", rf"input\.size\(-1\) must be equal to input_size\. Expected {N}, got {N}", _recurrent
    ),
    rule(
        "RuntimeError",
        rf"weight of size \[{N}, .{{1,60}}\], expected input\[.{{1,60}}\] to have {N} channels, but got {N} channels",
        _channels,
    ),
    rule("RuntimeError", rf"running_mean should contain {N} elements not {N}", _normalised),
    rule(
        "RuntimeError",
        r"normalized_shape=\[([\d, ]{1,40})\], expected input with shape \[.{1,60}\], but got input of "
        r"size ?\[([\d, ]{1,60})\]",
        _layer_norm,
    ),
    rule("RuntimeError", rf"Expected {N}D \(unbatched\) or {N}D \(batched\) input to", _dimensions),
    rule("RuntimeError", rf"non-empty {N}D or {N}D \(batch mode\) tensor expected", _dimensions),
    rule("ValueError RuntimeError", rf"Expected input to be {N}D or {N}D, got \d+D instead", _dimensions),
    rule(
        "RuntimeError",
        r"input size per channel: \((\d[\dx ]{0,40})\)\. .{1,60} Kernel size can't be greater",
        _too_small,
    ),
    rule(
        "RuntimeError",
        r"Given input size: \(\d{1,9}x(\d[\dx]{0,40})\)\. .{1,80} Output size is too small",
        _too_small,
    ),
    rule(
        "RuntimeError",
        rf"size of tensor a \({N}\) must match the size of tensor b \({N}\) at non-singleton dimension {N}",
        _elementwise,
    ),
    rule(
        "RuntimeError",
        rf"shape '\[(-?\d{{1,9}}(?:, -?\d{{1,9}}){{0,9}})\]' is invalid for input of size {N}",
        _view,
    ),
    rule(
        "IndexError",
        r"Dimension out of range \(expected to be in range of \[(-?\d{1,3}), (-?\d{1,3})\], but got (-?\d{1,9})\)",
        _no_dimension,
    ),
    rule("IndexError", r"^index out of range in self$", _no_row),
    rule("RuntimeError", r"mat1 and mat2 must have the same dtype, but got (\w+) and (\w+)", _types),
    rule(
        "RuntimeError",
        r"Input type \(([\w ]{1,40})\) and (?:bias|weight) type \(([\w ]{1,40})\) should be the same",
        _types,
    ),
    rule("RuntimeError", r"expected scalar type (\w+) but found (\w+)", _types_expected_first),
    rule("TypeError", r"argument 'size' .*type must be tuple of ints, ?but got float", _decimal),
    rule(
        "ValueError",
        r"dropout probability has to be between 0 and 1, but got (-?[\d.e+-]{1,20})",
        _probability,
    ),
)
