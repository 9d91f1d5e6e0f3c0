"""What is known of an author's object is kept with it, and no longer."""

from __future__ import annotations

import gc
from collections.abc import Iterable

import pytest
import torch
from torch import nn

from autograder.checks import assert_same_optimizer, assert_shape
from autograder.checks.remembered import Remembered
from autograder.evidence.proxies import LiteralProxy
from tests.checks.students import answer


def test_an_object_has_its_own_as_long_as_it_lives() -> None:
    """Another has another, and nothing is left of one that is gone."""
    known: Remembered[list[int]] = Remembered(list)
    one, other = nn.Linear(1, 1), nn.Linear(1, 1)
    known.of(one).append(1)
    assert known.of(one) == [1]
    assert known.of(other) == []
    del one
    gc.collect()
    assert len(known._known) == 1


class Unhashable:
    __hash__ = None  # type: ignore[assignment]

    def __call__(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.1)


class Slotted:
    __slots__ = ()

    def __call__(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.1)


@pytest.mark.parametrize("factory", [Unhashable(), Slotted()], ids=["no hash", "no weak reference"])
def test_what_cannot_be_a_key_is_worked_out_each_time(factory: Unhashable | Slotted) -> None:
    """An author may write a factory as any callable."""
    model = nn.Linear(3, 2)
    own = answer({"model": model, "sgd": torch.optim.SGD(model.parameters(), lr=0.1)})
    assert_same_optimizer(own.optimizer("sgd"), factory, of=own.module("model"))


def test_a_layer_without_a_hash_has_a_shape() -> None:
    """A dataclass that is a module, say."""

    class Layer(nn.Linear):
        __hash__ = None  # type: ignore[assignment]

    assert_shape(LiteralProxy("shape", (4, 2)), of=Layer(3, 2), input_shape=(4, 3))
