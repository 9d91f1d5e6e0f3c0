"""Values: the one known function that gives them is named, and what was mistaken for what."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.checks import assert_close
from autograder.checks.recognition import explained
from autograder.evidence.proxies import TensorProxy
from autograder.evidence.verdict import Verdict
from autograder.messages import catalogue

X = torch.tensor([[-2.0, -0.5, 0.0, 1.5, 3.0], [0.25, -1.0, 2.0, -3.0, 0.5]])
SCORES = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -2.0], [-1.0, 3.0, 0.0], [1.0, 1.5, -0.5]])
CLASSES = torch.tensor([0, 1, 2, 1])
GUESSES, TARGETS = torch.tensor([1.0, 4.0, -0.5]), torch.tensor([2.0, 2.0, 0.25])
CHANCES = torch.tensor([1.0, 0.0, 1.0])


def code(found: Tensor, expected: Tensor, *given: Tensor) -> str | None:
    finding = explained(found, expected, given, "output")
    return None if finding is None else finding.code


@pytest.mark.parametrize(
    ("found", "expected", "wanted", "texts"),
    [
        (X.tanh(), X.sigmoid(), "other_function", ("Sigmoid", "Tanh")),
        (X.relu(), X.tanh(), "other_function", ("Tanh", "ReLU")),
        (functional.gelu(X), X.relu(), "other_function", ("ReLU", "GELU")),
        (X.softmax(1), X.sigmoid(), "other_function", ("Sigmoid", "Softmax(dim=1)")),
        (functional.leaky_relu(X, 0.1), functional.leaky_relu(X), "other_slope", ("LeakyReLU(0.01)", "LeakyReLU(0.1)")),
        (functional.leaky_relu(X, 0.2), X.relu(), "other_function", ("ReLU", "LeakyReLU(0.2)")),
        (X.softmax(0), X.softmax(1), "softmax_wrong_dim", ("Softmax(dim=1)", "Softmax(dim=0)")),
        (X.log_softmax(0), X.log_softmax(1), "softmax_wrong_dim", ("LogSoftmax(dim=1)", "LogSoftmax(dim=0)")),
        (X.log_softmax(1), X.softmax(1), "log_softmax_for_softmax", ("Softmax(dim=1)", "LogSoftmax(dim=1)")),
        (X.softmax(1), X.log_softmax(1), "softmax_for_log_softmax", ("LogSoftmax(dim=1)", "Softmax(dim=1)")),
        (X, X.relu(), "function_not_applied", ("ReLU", None)),
        (2 * X * (X > 0.3), X, "dropped_values", (None, None)),
        (X.relu() + 0.1, X.relu(), None, None),
        (X.abs(), X.relu(), None, None),
        (X.relu(), X.relu(), None, None),
        (X[0].relu(), X.relu(), None, None),
        (X.relu() * (X < 2), X.relu(), None, None),
    ],
)  # fmt: skip
def test_functions_of_one_tensor(
    found: Tensor, expected: Tensor, wanted: str | None, texts: tuple[str | None, str | None] | None
) -> None:
    """Another activation, slope or dimension, the input itself, dropped values; nothing else has a name."""
    finding = explained(found, expected, (X,), "output")
    assert (finding.code if finding else None) == wanted
    if finding is not None:
        assert (finding.expected, finding.found) == texts


def test_two_functions_that_agree_are_not_told_apart() -> None:
    """Of positive numbers a ReLU gives the numbers themselves: neither is named. A ReLU6 is taken for a ReLU."""
    positive = X.abs() + 0.5
    assert code(positive, positive.sigmoid(), positive) is None
    finding = explained(X.relu(), X.sigmoid(), (X,), "output")
    assert finding is not None
    assert finding.found == "ReLU"


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (functional.mse_loss(GUESSES, TARGETS, reduction="sum"), "loss_summed"),
        (functional.mse_loss(GUESSES, TARGETS, reduction="none"), "loss_not_reduced"),
        (functional.l1_loss(GUESSES, TARGETS), "other_function"),
        (functional.mse_loss(GUESSES, TARGETS).sqrt(), "other_function"),
        (((GUESSES.unsqueeze(1) - TARGETS) ** 2).mean(), "loss_of_every_pair"),
        (torch.tensor(0.5), None),
    ],
)
def test_losses_of_numbers(found: Tensor, wanted: str | None) -> None:
    """Sums, unreduced ones, other losses, and a table of all pairs."""
    assert code(found, functional.mse_loss(GUESSES, TARGETS), GUESSES, TARGETS) == wanted


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (functional.cross_entropy(SCORES.softmax(1), CLASSES), "softmax_before_cross_entropy"),
        (functional.nll_loss(SCORES, CLASSES), "nll_of_scores"),
        (functional.nll_loss(SCORES.softmax(1), CLASSES), "nll_of_probabilities"),
        (functional.mse_loss(SCORES.argmax(1).float(), CLASSES.float()), "mean_square_for_classes"),
        (functional.mse_loss(SCORES, functional.one_hot(CLASSES, 3).float()), "mean_square_for_classes"),
        (functional.cross_entropy(SCORES, CLASSES, reduction="sum"), "loss_summed"),
        (functional.cross_entropy(SCORES, CLASSES, reduction="none"), "loss_not_reduced"),
        (functional.cross_entropy(SCORES, CLASSES, label_smoothing=0.1), None),
    ],
)
def test_losses_of_classes(found: Tensor, wanted: str | None) -> None:
    """A softmax too many or too few, quantities made of classes, reductions."""
    assert code(found, functional.cross_entropy(SCORES, CLASSES), SCORES, CLASSES) == wanted


def test_a_log_softmax_before_a_cross_entropy_is_right() -> None:
    """A log-softmax of a log-softmax is itself, so that the values are the expected ones."""
    again = functional.cross_entropy(SCORES.log_softmax(1), CLASSES)
    assert code(again, functional.cross_entropy(SCORES, CLASSES), SCORES, CLASSES) is None


def test_a_sigmoid_too_many() -> None:
    """``BCEWithLogitsLoss`` applies its own."""
    expected = functional.binary_cross_entropy_with_logits(GUESSES, CHANCES)
    found = functional.binary_cross_entropy_with_logits(GUESSES.sigmoid(), CHANCES)
    assert code(found, expected, GUESSES, CHANCES) == "sigmoid_before_loss"


@pytest.mark.parametrize("given", [(), (X, X, X), (X.long(),), (CLASSES, SCORES), (SCORES, CLASSES + 1)])
def test_tensors_that_no_function_takes(given: tuple[Tensor, ...]) -> None:
    """Whatever the author names, nothing is raised and nothing is recognised."""
    assert code(X.tanh(), X.relu(), *given) is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_verdict(language: str) -> None:
    """assert_close names what it recognised, in words that are given all they tell; else what was seen."""
    with pytest.raises(Verdict, match="other_slope") as raised:
        assert_close(TensorProxy("y", functional.leaky_relu(X, 0.1)), nn.LeakyReLU()(X), of=X)
    (finding,) = raised.value.findings
    facts = dict(finding.facts) | {"expected": finding.expected or "", "found": finding.found or ""}
    assert "…" not in catalogue(language).text(finding.code, **facts)
    with pytest.raises(Verdict, match="values_differ"):
        assert_close(TensorProxy("y", X.abs()), X.relu(), of=X)
    with pytest.raises(Verdict, match="values_differ"):
        assert_close(TensorProxy("y", X.tanh()), X.relu())
    with pytest.raises(Verdict, match="softmax_wrong_dim"):
        assert_close(TensorProxy("y", X.tanh()), X.relu(), of=X, unless={"softmax_wrong_dim": [X, X.tanh()]})
