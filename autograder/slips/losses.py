"""PyTorch's complaints about predictions and targets."""

from __future__ import annotations

import re

from autograder.results import Finding
from autograder.slips.errors import Slip, rule


def _decimals(slip: Slip) -> Finding:
    return Finding(code="classes_as_decimals", facts={"given": slip.text()})


def _one_hot(_: Slip) -> Finding:
    return Finding(code="classes_as_rows")


def _columns(_: Slip) -> Finding:
    return Finding(code="classes_in_columns")


def _batches(slip: Slip) -> Finding:
    return Finding(code="batches_do_not_meet", facts={"given": slip.number(1), "wanted": slip.number(2)})


def _class(slip: Slip) -> Finding:
    return Finding(code="class_out_of_range", facts={"number": slip.number()})


def _no_graph(_: Slip) -> Finding:
    return Finding(code="loss_without_graph")


def _whole_numbers(slip: Slip) -> Finding | None:
    """A softmax was asked of whole numbers: by a cross-entropy, if the block has no other."""
    text = "\n".join(slip.around.block)
    if re.search(r"cross_entropy|CrossEntropyLoss", text) and not re.search("log_softmax|LogSoftmax", text):
        return Finding(code="loss_arguments_swapped")
    return None


RULES = (
    rule("RuntimeError", r"expected target dtype to be Long or Byte, but got (\w+)", _decimals),
    rule(
        "RuntimeError",
        r"Expected floating point type for target with class probabilities, got Long",
        _one_hot,
    ),
    rule("RuntimeError", r"0D or 1D target tensor expected, multi-target not supported", _columns),
    rule(
        "ValueError",
        r"Expected input batch_size \((\d{1,9})\) to match target batch_size \((\d{1,9})\)",
        _batches,
    ),
    rule("RuntimeError", r"element 0 of tensors does not require grad and does not have a grad_fn", _no_graph),
    rule("IndexError", r"Target (-?\d{1,9}) is out of bounds", _class),
    rule(
        "NotImplementedError RuntimeError",
        r"\"log_softmax_\w{1,60}\" not implemented for '(?:Long|Int)'",
        _whole_numbers,
    ),
)
