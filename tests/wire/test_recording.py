"""What the recorder notes of a pass: terms, values, parameters, and nothing that could not be performed again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from autograder.wire.messages import Performed
from autograder.wire.recording import MAX_OPERATIONS, Recorder
from autograder.wire.terms import TERMS, bound

X = torch.rand(2, 3, generator=torch.Generator().manual_seed(1)) - 0.5
IMAGE = torch.rand(2, 3, 8, 8)


def recorded(
    function: Callable[[Tensor], Any], inputs: Tensor = X, parameters: list[Tensor] | None = None
) -> Recorder:
    """The recorder of one call, its result noted."""
    recorder = Recorder(inputs, parameters or [])
    with torch.no_grad(), recorder:
        function(inputs)
    return recorder


def terms(function: Callable[[Tensor], Any], inputs: Tensor = X) -> list[str]:
    return [one.term for one in recorded(function, inputs).performed]


@pytest.mark.parametrize(
    ("term", "spellings"),
    [
        (
            "relu",
            [nn.ReLU(), F.relu, torch.relu, Tensor.relu, lambda x: x.clone().relu_(), nn.ReLU(inplace=True)],
        ),
        ("sigmoid", [nn.Sigmoid(), torch.sigmoid, Tensor.sigmoid, F.sigmoid]),
        (
            "softmax",
            [nn.Softmax(1), lambda x: F.softmax(x, 1), lambda x: x.softmax(1), lambda x: torch.softmax(x, 1)],
        ),
        ("dropout", [nn.Dropout(0.2), lambda x: F.dropout(x, 0.2), lambda x: torch.dropout(x, 0.2, True)]),
        ("linear", [nn.Linear(3, 2), lambda x: F.linear(x, torch.rand(2, 3))]),
        ("add", [lambda x: x + 1, lambda x: 1 + x, lambda x: torch.add(x, 1), lambda x: x.clone().add_(1)]),
        ("sub", [lambda x: x - 1, lambda x: 1 - x]),
        ("matmul", [lambda x: x @ x.T, lambda x: torch.mm(x, x.t()), lambda x: x.matmul(x.transpose(0, 1))]),
        ("reshape", [lambda x: x.view(-1), lambda x: x.reshape(6), lambda x: torch.reshape(x, (3, 2))]),
        ("flatten", [nn.Flatten(), lambda x: torch.flatten(x, 1), lambda x: x.flatten(1)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_spelling_is_one_term(term: str, spellings: list[Callable[[Tensor], Any]]) -> None:
    """Layers, functions, methods and operators that do the same have one name."""
    for spelling in spellings:
        assert term in terms(spelling)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.ConvTranspose2d(3, 4, 3),
        nn.MaxPool2d(2),
        nn.AvgPool2d(2, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.AdaptiveMaxPool2d(2),
        nn.BatchNorm2d(3),
        nn.GroupNorm(1, 3),
        nn.InstanceNorm2d(3),
        nn.Dropout2d(0.5),
        nn.PReLU(),
        nn.Hardtanh(),
        nn.GELU(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_are_one_operation_with_a_term(layer: nn.Module) -> None:
    """What a layer does inside is not recorded beside it."""
    (operation,) = recorded(layer.eval(), IMAGE).performed[-1:]
    assert operation.term in TERMS


def test_values_and_parameters_are_numbered() -> None:
    """0 is the input, outputs get the next numbers, parameters are -1, -2, … by place."""
    layer = nn.Linear(3, 2)
    recorder = recorded(lambda x: torch.relu(layer(x)), parameters=list(layer.parameters()))
    assert recorder.performed == [
        Performed("linear", {"input": 0, "weight": -1, "bias": -2}, {}, ((2, 2),)),
        Performed("relu", {"input": 1}, {}, ((2, 2),)),
    ]
    assert recorder.order == {0: 0, 1: 1}


def test_several_outputs_have_numbers_of_their_own() -> None:
    """An LSTM's output and states are three values; what is taken of them shows."""
    lstm = nn.LSTM(3, 4)
    recorder = Recorder(X[None], list(lstm.parameters()))
    with torch.no_grad(), recorder:
        output = lstm(X[None])
    assert recorder.performed[-1].term == "lstm"
    assert len(recorder.result(output)) == 3
    assert recorder.result(output[1][0]) == (recorder.result(output)[1],)


def test_loops_and_branches_are_as_they_ran() -> None:
    """Three turns are three operations; the branch that was not taken is not there."""

    def looped(x: Tensor) -> Tensor:
        for _ in range(3):
            x = torch.tanh(x)
        return x.sigmoid() if x.dim() == 2 else x.relu()

    assert terms(looped) == ["tanh", "tanh", "tanh", "sigmoid"]


def test_what_has_no_term_keeps_its_name_and_what_it_took() -> None:
    """Opaque steps are named; tensors that come from nowhere are constants, with their number if they have one."""
    (operation,) = recorded(lambda x: torch.cumsum(x, 1)).performed
    assert operation.term == "torch.cumsum"
    assert operation.operands == {"inputs": (0,)}
    constant, maximum = recorded(lambda x: torch.maximum(x, torch.zeros(()))).performed
    assert constant == Performed("constant", {}, {"value": 0.0}, ((),))
    assert maximum.operands == {"input": 0, "other": 1}


def test_what_vmap_hands_on_has_no_number_of_its_own() -> None:
    """A row that stands for all rows is a constant without a number; which parameters it meets is seen."""
    layer = nn.Linear(3, 3)
    recorder = Recorder(X, list(layer.parameters()))
    with torch.no_grad(), recorder:
        torch.vmap(layer)(X)
    assert recorder.performed[0].term == "constant"
    assert recorder.performed[0].settings == {}
    assert recorder.order == {0: 0, 1: 1}


def test_an_index_is_written_down() -> None:
    """As one writes it."""
    (operation,) = recorded(lambda x: x[:, -1]).performed
    assert operation.settings == {"index": ":, -1"}


def test_a_pass_that_is_too_long_has_no_graph_but_an_order() -> None:
    """Endless loops do not fill memory, and parameters that come late are still seen."""
    layer = nn.Linear(3, 3)

    def long(x: Tensor) -> Any:
        for _ in range(MAX_OPERATIONS + 10):
            x = x + 1
        return layer(x)

    recorder = Recorder(X, list(layer.parameters()))
    with torch.no_grad(), recorder:
        output = long(X)
    assert recorder.result(output) == ()
    assert len(recorder.performed) == MAX_OPERATIONS
    assert recorder.order == {0: 0, 1: 1}


def test_a_call_with_arguments_of_its_own_is_not_bound() -> None:
    """What the table does not know is opaque, never half understood."""
    assert bound(F.relu, (X,), {"strange": 1}) is None
    assert bound(F.relu, (X, False, 3, 4), {}) is None
    assert bound(torch.fft.rfft, (X,), {}) is None
