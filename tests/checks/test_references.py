"""What is known of a reference is worked out once, and is always that of the numbers it is asked about."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn

from autograder.checks import assert_same_computation, references
from autograder.checks.references import REMEMBERED, Reference, reference_of
from autograder.wire.messages import Draw
from autograder.wire.tensors import draw
from tests.checks.students import proxy

INPUTS = Draw(seed=0, shape=(2, 3))


class Counted(nn.Linear):
    """A linear map that counts its passes, those of its copies included."""

    passes = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        type(self).passes += 1
        return super().forward(x)


def numbers(seed: int) -> tuple[tuple[int, Draw], ...]:
    return ((0, Draw(seed, (2, 3))), (1, Draw(seed + 1, (2,))))


def test_a_reference_is_read_once_for_a_class() -> None:
    """The second student of a run costs it no pass, and a third with another seed costs it some."""
    Counted.passes = 0
    reference = Counted(3, 2)
    spent = []
    for seed in (1, 1, 2):
        before = Counted.passes
        assert_same_computation(proxy(nn.Linear(3, 2), seed), reference, input_shape=(3,))
        spent.append(Counted.passes - before)
    assert spent[0] > spent[2] > spent[1] == 0


def test_the_authors_module_is_left_alone() -> None:
    """Neither its numbers nor its mode nor its type are touched."""
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).double().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    own = reference_of(module, INPUTS, torch.float32)
    own.holding(((0, Draw(5, (2, 3))),))(torch.zeros(2, 3))
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_it_holds_what_it_was_given_last() -> None:
    """Numbers, other numbers, values, and the numbers again."""
    own = Reference(nn.Linear(3, 2), INPUTS, torch.float32)
    x = torch.ones(1, 3)
    first, second = (own.holding(numbers(seed))(x).detach() for seed in (1, 7))
    assert not torch.equal(first, second)
    assert torch.equal(own.given({0: torch.zeros(2, 3), 1: torch.ones(2)})(x), torch.ones(1, 2))
    assert torch.equal(own.holding(numbers(7))(x), second)
    assert torch.equal(own.holding(numbers(1))(x), first)


def test_what_was_half_done_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal's alarm may strike between two parameters: what was held before is not held any more."""
    reference = Reference(nn.Linear(3, 2), INPUTS, torch.float32)
    reference.holding(numbers(1))
    first = [tensor.clone() for tensor in reference.tensors]

    def struck(recipe: Draw, dtype: torch.dtype) -> torch.Tensor:
        if recipe.seed == 6:
            raise TimeoutError
        return draw(recipe, dtype)

    with monkeypatch.context() as patch:
        patch.setattr(references, "draw", struck)
        with pytest.raises(TimeoutError):
            reference.holding(numbers(5))
    reference.holding(numbers(1))
    assert all(torch.equal(one, other) for one, other in zip(first, reference.tensors, strict=True))


def test_a_pass_in_training_leaves_no_trace() -> None:
    """Running statistics start anew, whether they were given numbers or are the module's first."""
    own = Reference(nn.BatchNorm1d(3), INPUTS, torch.float32)
    variance = next(
        place for place, one in enumerate(own.tensors) if one is own.holding(()).get_buffer("running_var")
    )
    for given in ((), ((variance, Draw(3, (3,), 0.5, 1.5)),)):
        x = torch.rand(4, 3)
        before = own.holding(given)(x)
        own.holding(given).train()(x * 9)
        module = own.holding(given)
        assert not module.training
        assert torch.equal(module(x), before)


def test_values_start_from_the_first_buffers_too() -> None:
    """Whoever trained it before, and however it keeps what it learned."""

    class Mean(nn.Module):
        mean: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                self.mean = 0.5 * self.mean + x.mean(0)
            return self.weight * (x - self.mean)

    for module in (Mean(), nn.BatchNorm1d(3)):
        own = Reference(module, INPUTS, torch.float32)
        x = torch.rand(4, 3)
        first = own.given({0: torch.full((3,), 2.0)})(x)
        own.holding(()).train()(x * 9)
        assert torch.equal(own.given({0: torch.full((3,), 2.0)})(x), first)


def test_what_is_remembered_is_bounded() -> None:
    """The oldest goes; what was asked for again stays."""
    own = Reference(nn.Linear(3, 2), INPUTS, torch.float32)
    for question in range(REMEMBERED):
        own.remembered(question, lambda: "old")
    own.remembered(0, lambda: "new")
    own.remembered("one more", lambda: "new")
    assert own.remembered(0, lambda: "new") == "old"
    assert own.remembered(1, lambda: "new") == "new"


def test_nothing_outlives_the_authors_module() -> None:
    """A reference that is built inside a check is forgotten with it."""
    module = nn.Linear(3, 2)
    known = weakref.ref(reference_of(module, INPUTS, torch.float32))
    assert reference_of(module, INPUTS, torch.float32) is known()
    assert reference_of(module, INPUTS, torch.float64) is not known()
    del module
    gc.collect()
    assert known() is None
