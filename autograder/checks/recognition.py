"""Which known function of the given tensors gives these values?

Asked of what is expected and of what was found. Where exactly one function gives what was found, and it is not the
expected one, the two together say what was mistaken for what: another activation, another slope, another
dimension, a loss that was summed, a softmax that a loss applies itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.checks.tolerance import agree
from autograder.checks.wording import number_text
from autograder.results import Finding

MAX_ELEMENTS = 100_000  # of tensors that are looked at
_ACTIVATIONS: tuple[nn.Module, ...] = (
    nn.ReLU(),
    nn.Sigmoid(),
    nn.Tanh(),
    nn.ELU(),
    nn.GELU(),
    nn.SiLU(),
    nn.Softplus(),
    nn.ReLU6(),
    nn.Hardtanh(),
    nn.LogSigmoid(),
)


@dataclass(frozen=True)
class Function:
    """A function of a ``kind``, with the ``setting`` that tells it from others of the kind."""

    kind: str
    setting: str = ""

    @property
    def text(self) -> str:
        return f"{self.kind}({self.setting})" if self.setting else self.kind

    @property
    def is_a_name(self) -> bool:
        """Whether the kind is one of PyTorch's own, and no description of ours."""
        return self.kind.isidentifier() and not self.kind.islower()


def explained(found: Tensor, expected: Tensor, given: Sequence[Tensor], name: str) -> Finding | None:
    """What was mistaken for what, where one known function of ``given`` alone gives ``found``."""
    if any(one.numel() > MAX_ELEMENTS for one in (found, expected, *given)) or agree(expected, found):
        return None
    is_it, meant = _recognised(found, given), _recognised(expected, given)
    if is_it is None:
        return None
    match (is_it.kind, meant.kind if meant is not None else ""):
        case ("input", _):
            code = "function_not_applied"
        case ("dropout", _):
            code = "dropped_values"
        case ("Softmax", "Softmax") | ("LogSoftmax", "LogSoftmax"):
            code = "softmax_wrong_dim"
        case ("LogSoftmax", "Softmax"):
            code = "log_softmax_for_softmax"
        case ("Softmax", "LogSoftmax"):
            code = "softmax_for_log_softmax"
        case ("LeakyReLU", "LeakyReLU"):
            code = "other_slope"
        case ("CrossEntropyLoss of softmax", _):
            code = "softmax_before_cross_entropy"
        case ("NLLLoss of scores", _):
            code = "nll_of_scores"
        case ("NLLLoss of softmax", _):
            code = "nll_of_probabilities"
        case ("MSELoss of classes", _):
            code = "mean_square_for_classes"
        case ("MSELoss of every pair", _):
            code = "loss_of_every_pair"
        case ("BCEWithLogitsLoss of sigmoid", _):
            code = "sigmoid_before_loss"
        case (kind, other) if kind == other and is_it.setting == "sum":
            code = "loss_summed"
        case (kind, other) if kind == other and is_it.setting == "none":
            code = "loss_not_reduced"
        case _:
            code = "other_function"
    expected_text = meant.text if meant is not None and meant.is_a_name else None
    facts: dict[str, str | int | float] = {"name": name, "function": is_it.text}
    found_text = is_it.text if is_it.is_a_name else None
    return Finding(code=code, expected=expected_text, found=found_text, facts=facts)


def _recognised(value: Tensor, given: Sequence[Tensor]) -> Function | None:
    """The one function that gives ``value``; None where none does, or several do."""
    known = _of_one(value, *given) if len(given) == 1 else _of_two(value, *given) if len(given) == 2 else ()
    fitting = [function for function, output in known if agree(output, value)]
    if Function("ReLU") in fitting:  # which differs from it on large numbers only
        fitting = [function for function in fitting if function.kind != "ReLU6"]
    return fitting[0] if len(fitting) == 1 else None


def _of_one(value: Tensor, given: Tensor) -> Iterator[tuple[Function, Tensor]]:
    if not given.is_floating_point():
        return
    yield Function("input"), given
    for module in _ACTIVATIONS:
        yield Function(type(module).__name__), module(given)
    for dim in range(given.dim()):
        yield Function("Softmax", f"dim={dim}"), given.softmax(dim)
        yield Function("LogSoftmax", f"dim={dim}"), given.log_softmax(dim)
    if value.shape == given.shape:
        yield from _fitted(value, given)


def _fitted(value: Tensor, given: Tensor) -> Iterator[tuple[Function, Tensor]]:
    """Functions whose number is read from the values themselves: a slope below zero, a dropout's share."""
    negative = given < 0
    if bool(negative.any()):
        slope = float((value[negative].double() / given[negative].double()).median())
        if 0 < slope < 1:
            yield Function("LeakyReLU", number_text(slope)), functional.leaky_relu(given, slope)
    kept = value != 0
    if bool(kept.any()) and not bool(kept.all()) and bool((given[kept] != 0).all()):
        scale = float((value[kept].double() / given[kept].double()).median())
        if scale > 1:
            yield Function("dropout"), given * kept * scale


def _of_two(value: Tensor, predictions: Tensor, targets: Tensor) -> Iterator[tuple[Function, Tensor]]:
    if not predictions.is_floating_point():
        return
    if targets.dtype == torch.int64 and predictions.dim() == 2 and targets.shape == predictions.shape[:1]:
        yield from _of_classes(predictions, targets)
    elif targets.is_floating_point() and predictions.shape == targets.shape:
        yield from _of_numbers(predictions, targets)


def _of_numbers(predictions: Tensor, targets: Tensor) -> Iterator[tuple[Function, Tensor]]:
    losses: tuple[tuple[str, Callable[..., Tensor]], ...] = (
        ("MSELoss", functional.mse_loss),
        ("L1Loss", functional.l1_loss),
        ("SmoothL1Loss", functional.smooth_l1_loss),
    )
    for kind, loss in losses:
        yield from _reduced(kind, loss, predictions, targets)
    yield Function("RMSE"), functional.mse_loss(predictions, targets).sqrt()
    if (
        predictions.dim() == 1 and len(predictions) > 1
    ):  # shapes (n, 1) and (n,) are spread out against each other
        pairs = (predictions.unsqueeze(1) - targets.unsqueeze(0)) ** 2
        yield Function("MSELoss of every pair"), pairs.mean()
    if bool(((targets >= 0) & (targets <= 1)).all()):
        entropy = functional.binary_cross_entropy_with_logits
        yield from _reduced("BCEWithLogitsLoss", entropy, predictions, targets)
        yield Function("BCEWithLogitsLoss of sigmoid"), entropy(predictions.sigmoid(), targets)


def _of_classes(scores: Tensor, classes: Tensor) -> Iterator[tuple[Function, Tensor]]:
    if not bool(((classes >= 0) & (classes < scores.shape[1])).all()):
        return
    yield from _reduced("CrossEntropyLoss", functional.cross_entropy, scores, classes)
    yield Function("CrossEntropyLoss of softmax"), functional.cross_entropy(scores.softmax(1), classes)
    yield Function("NLLLoss of scores"), functional.nll_loss(scores, classes)
    yield Function("NLLLoss of softmax"), functional.nll_loss(scores.softmax(1), classes)
    one_hot = functional.one_hot(classes, scores.shape[1]).to(scores.dtype)
    for guess, right in (
        (scores.argmax(1).to(scores.dtype), classes.to(scores.dtype)),
        (scores, one_hot),
        (scores.softmax(1), one_hot),
    ):
        yield Function("MSELoss of classes"), functional.mse_loss(guess, right)


def _reduced(
    kind: str, loss: Callable[..., Tensor], predictions: Tensor, targets: Tensor
) -> Iterator[tuple[Function, Tensor]]:
    for reduction in ("mean", "sum", "none"):
        setting = "" if reduction == "mean" else reduction
        yield Function(kind, setting), loss(predictions, targets, reduction=reduction)
