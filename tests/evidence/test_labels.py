"""Operations in a few words, as one would write the layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from autograder.evidence.graphs import recorded
from autograder.evidence.labels import MAX_CHARACTERS, label
from autograder.evidence.normal_form import normal


class Called(nn.Module):
    def __init__(self, run: Callable[[Tensor], Any], *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.run = run

    def forward(self, x: Tensor) -> Any:
        return self.run(x)


def told(module: nn.Module, *shape: int) -> list[str]:
    graph = normal(recorded(module.eval(), torch.rand(2, *shape))[0])
    return [label(graph, place) for place in range(len(graph.operations))]


@pytest.mark.parametrize(
    ("module", "shape", "words"),
    [
        (nn.Linear(784, 128), (784,), "Linear(784, 128)"),
        (nn.Linear(4, 2, bias=False), (4,), "Linear(4, 2, bias=False)"),
        (nn.Conv2d(3, 16, 3), (3, 8, 8), "Conv2d(3, 16, kernel_size=3)"),
        (
            nn.Conv2d(4, 8, (3, 1), stride=2, groups=2),
            (4, 8, 8),
            "Conv2d(4, 8, kernel_size=(3, 1), stride=2, groups=2)",
        ),
        (
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            (8, 4, 4),
            "Conv2d(8, 8, kernel_size=3, padding=1, bias=False)",
        ),
        (nn.ConvTranspose2d(4, 6, 3), (4, 8, 8), "ConvTranspose2d(4, 6, kernel_size=3)"),
        (nn.MaxPool2d(2), (1, 8, 8), "MaxPool2d(2)"),
        (nn.MaxPool2d(2, stride=1), (1, 8, 8), "MaxPool2d(2, stride=1)"),
        (nn.AdaptiveAvgPool2d(1), (1, 8, 8), "AdaptiveAvgPool2d(1)"),
        (nn.BatchNorm2d(3), (3, 8, 8), "BatchNorm2d(3)"),
        (nn.LayerNorm(8), (8,), "LayerNorm(8)"),
        (nn.ReLU(), (4,), "ReLU"),
        (nn.LeakyReLU(0.2), (4,), "LeakyReLU(negative_slope=0.2)"),
        (nn.Softmax(dim=1), (4,), "Softmax(dim=1)"),
        (nn.Dropout(0.2), (4,), "Dropout(p=0.2)"),
        (nn.Flatten(), (2, 3), "reshape(6,)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_layer_reads_as_it_is_written(module: nn.Module, shape: tuple[int, ...], words: str) -> None:
    """With what differs from the defaults, and nothing that does not."""
    assert told(module, *shape) == [words]


def test_recurrent_layers_and_operators_read_as_well() -> None:
    """The LSTM behind its empty states; a sum as its sign; an index in brackets."""
    assert (
        told(nn.LSTM(10, 20, 2, batch_first=True), 7, 10)[-1]
        == "LSTM(10, 20, num_layers=2, batch_first=True)"
    )
    assert told(Called(lambda x: (x + x.relu())[:, 0]), 4) == ["ReLU", "+", "[:, 0]"]


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda x: x / 8**0.5, "/ 2.82843"),
        (lambda x: 3 / x, "3 /"),
        (lambda x: 1 - x, "1 -"),
        (lambda x: x * 2, "* 2"),
        (lambda x: x + x, "+"),
    ],
)
def test_the_number_of_a_calculation_is_told(run: Callable[[Tensor], Tensor], words: str) -> None:
    """On the side on which it stands; two models that use different ones do not read alike."""
    assert told(Called(run), 4) == [words]


@pytest.mark.parametrize(
    ("module", "shape", "words"),
    [
        (nn.BatchNorm2d(3, eps=0.001), (3, 8, 8), "BatchNorm2d(3, eps=0.001)"),
        (nn.BatchNorm2d(3, affine=False), (3, 8, 8), "BatchNorm2d(3, affine=False)"),
        (nn.LayerNorm(8, eps=1e-12), (8,), "LayerNorm(8, eps=1e-12)"),
    ],
)
def test_what_is_unusual_of_a_norm_is_told(module: nn.Module, shape: tuple[int, ...], words: str) -> None:
    """As it would be written."""
    assert told(module, *shape) == [words]


def test_an_embedding_reads_as_it_is_written() -> None:
    """Without what no output shows."""
    for module, words in (
        (nn.Embedding(9, 4, padding_idx=0), "Embedding(9, 4)"),
        (nn.Embedding(9, 4, max_norm=2.0), "Embedding(9, 4, max_norm=2)"),
    ):
        graph, _ = recorded(module, torch.tensor([[1, 2]]))
        assert [label(graph, place) for place in range(len(graph.operations))] == [words]


def test_what_has_no_term_is_called_by_its_own_name_and_cut() -> None:
    """Names may be anything that another process says."""
    assert told(Called(lambda x: torch.cumsum(F.relu(x), 1)), 4) == ["ReLU", "cumsum"]
    assert all(
        len(words) <= MAX_CHARACTERS
        for words in told(nn.Conv2d(1000, 1000, (31, 33), dilation=2, groups=1000), 1000, 70, 70)
    )
