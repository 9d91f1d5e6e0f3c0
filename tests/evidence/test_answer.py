"""Typed access to a question's answer: what was asked for, or the verdict."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from autograder.errors import AssignmentError
from autograder.evidence.answer import Answer
from autograder.evidence.verdict import Verdict
from autograder.results import Finding, Outcome
from tests.checks.students import answer


class Base(nn.Module):
    pass


class CustomModel(Base):
    pass


class Derived(CustomModel):
    pass


class Liar(int):
    """Says it is a module."""

    __class__: Any = nn.Module


NAMES = {
    "layer": nn.Linear(2, 2),
    "losses": [],
    "model": CustomModel(),
    "row": nn.Sequential(nn.ReLU()),
    "y": torch.ones(2, 3),
    "n": 3,
    "nothing": None,
    "CustomModel": CustomModel,
    "Linear": nn.Linear,
    "liar": Liar(),
    "function": torch.relu,
}


def verdict(ask: Any, **how: Any) -> Verdict:
    with pytest.raises(Verdict) as caught:
        ask(answer(NAMES, **how))
    return caught.value


def codes(found: Verdict) -> list[str]:
    return [finding.code for finding in found.findings]


def test_what_is_there_is_returned() -> None:
    """Modules, tensors and classes, by name."""
    held = answer(NAMES)
    assert held.module("layer").name == "layer"
    assert [facts.shape for facts in held.module("layer").parameters] == [(2, 2), (2,)]
    assert held.module("row", type=nn.Sequential).parameters == ()
    assert held.tensor("y").shape == (2, 3)
    assert torch.equal(held.tensor("y").value, torch.ones(2, 3))


@pytest.mark.parametrize("kind", ["module", "tensor", "optimizer"])
def test_a_missing_name(kind: str) -> None:
    """Bound by no cell, or deleted again: named, and failed where the block answered with something else."""
    assert codes(verdict(lambda held: getattr(held, kind)("nope"))) == ["missing_name"]
    missing = verdict(lambda held: getattr(held, kind)("gone"), bound=["gone"])
    assert codes(missing) == ["missing_name"]
    assert missing.findings[0].facts == {"name": "gone"}


def test_no_name_at_all_is_no_answer() -> None:
    """A block that binds nothing was not answered, which is told from a misspelt name."""
    assert verdict(lambda held: held.module("layer"), bound=[]).outcome is Outcome.NOT_ANSWERED
    assert verdict(lambda held: held.module("nope"), bound=["layer"]).outcome is Outcome.FAILED


def test_a_name_that_an_earlier_block_bound_is_no_answer() -> None:
    """The object is there in the student's process, but not by this block; nothing is even asked."""
    held = answer(NAMES, bound=["y"])
    with pytest.raises(Verdict, match="missing_name"):
        held.module("layer")
    assert held.peer.asked == []  # type: ignore[attr-defined]  # the peer of these tests keeps a record


@pytest.mark.parametrize(
    "outcome", [Outcome.TIMEOUT, Outcome.CRASHED, Outcome.CELL_ERROR, Outcome.OUT_OF_MEMORY]
)
def test_trouble_explains_what_is_missing_and_only_that(outcome: Outcome) -> None:
    """A cell that did not run to its end is the reason for an unbound name; what it had bound still counts."""
    trouble = Verdict(outcome, [Finding(code="cell_raised")])
    assert verdict(lambda held: held.module("nope"), trouble=trouble) is trouble
    assert verdict(lambda held: held.tensor("gone"), bound=["gone"], trouble=trouble) is trouble
    assert answer(NAMES, trouble=trouble).module("layer").name == "layer"


@pytest.mark.parametrize("kind", ["module", "tensor", "optimizer"])
def test_a_list_that_a_stopped_cell_left_is_told_with_what_stopped_it(kind: str) -> None:
    """``losses = []`` before a loop that never ends: the line that makes a tensor of it was not reached."""
    trouble = Verdict(Outcome.TIMEOUT, [Finding(code="cell_timeout")])
    found = verdict(lambda held: getattr(held, kind)("losses"), trouble=trouble)
    assert found.outcome is Outcome.TIMEOUT
    assert found.findings[0].code == "cell_timeout"
    assert found.findings[1].code.startswith("not_a")
    raised = Verdict(Outcome.CELL_ERROR, [Finding(code="cell_raised")])
    assert verdict(lambda held: getattr(held, kind)("losses"), trouble=raised).outcome is Outcome.FAILED


@pytest.mark.parametrize("name", ["y", "n", "nothing", "CustomModel", "liar", "function"])
def test_what_is_no_module(name: str) -> None:
    """A class without parentheses, a function, an object that claims another class."""
    found = verdict(lambda held: held.module(name))
    assert codes(found) == ["not_a_module"]
    assert found.findings[0].found


@pytest.mark.parametrize("name", ["layer", "n", "nothing", "Linear", "liar"])
def test_what_is_no_tensor(name: str) -> None:
    """Numbers and layers are not tensors."""
    assert codes(verdict(lambda held: held.tensor(name))) == ["not_a_tensor"]


def test_the_type_that_was_asked_for() -> None:
    """By inheritance, and said in the words of the course."""
    answer(NAMES).module("row", type=nn.Sequential)
    found = verdict(lambda held: held.module("layer", type=nn.Sequential))
    assert codes(found) == ["wrong_type"]
    assert (found.findings[0].expected, found.findings[0].found) == ("nn.Sequential", "nn.Linear")


def test_a_look_alike_is_not_the_type() -> None:
    """The student's own class called Sequential is not torch's."""
    own = type("Sequential", (nn.Module,), {})
    with pytest.raises(Verdict, match="wrong_type"):
        answer({"model": own()}).module("model", type=nn.Sequential)


def test_an_object_of_the_students_class() -> None:
    """Of that class or one derived from it, as isinstance has it."""
    answer(NAMES).module("model", of="CustomModel")
    answer(NAMES | {"model": Derived()}).module("model", of="CustomModel")
    answer(NAMES | {"Linear": nn.Linear}).module("layer", of="Linear")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({"model": nn.Sequential()}, "wrong_type"),
        ({"model": Base()}, "wrong_type"),
        ({"CustomModel": CustomModel()}, "wrong_type"),
        ({"CustomModel": nn.Linear}, "wrong_type"),
        ({"CustomModel": None}, "wrong_type"),
        ({"CustomModel": int}, "wrong_type"),
        ({"model": CustomModel}, "not_a_module"),
    ],
)
def test_an_object_of_something_else(names: dict[str, object], code: str) -> None:
    """A Sequential, the base class, the class itself, an instance under the class's name."""
    with pytest.raises(Verdict, match=code):
        answer(NAMES | names).module("model", of="CustomModel")


def test_a_class_that_was_not_defined() -> None:
    """The class is part of the answer, and missing like any name."""
    found = verdict(lambda held: held.module("model", of="Missing"))
    assert codes(found) == ["missing_name"]


def quantised() -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch is about to drop the type
        return torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.qint8)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, device="meta"),
        quantised(),
        torch.zeros(1).expand(1 << 24),
        torch.zeros((1,) * 9),
    ],
    ids=["complex", "meta", "quantised", "huge", "nine dimensions"],
)
def test_tensors_whose_numbers_cannot_be_had(tensor: torch.Tensor) -> None:
    """They fail with a reason; nothing is copied or raised."""
    with pytest.raises(Verdict, match="unusual_tensor"):
        answer({"y": tensor}).tensor("y")


def test_a_sparse_tensor_costs_its_check_alone() -> None:
    """It has no dense numbers to fetch, which is a verdict like any other."""
    with pytest.raises(Verdict):
        answer({"y": torch.zeros(2, 2).to_sparse()}).tensor("y")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(3.0),
        torch.zeros(0, 3),
        torch.tensor([True, False]),
        torch.arange(4),
        torch.ones(2, requires_grad=True) * 2,
        nn.Parameter(torch.ones(2)),
        torch.arange(6.0).view(2, 3).T,
        torch.ones(3).bfloat16(),
    ],
    ids=["0-dim", "empty", "bool", "int", "non-leaf", "parameter", "transposed", "bfloat16"],
)
def test_every_plain_tensor_arrives(tensor: torch.Tensor) -> None:
    """With its shape and numbers, detached."""
    found = answer({"y": tensor}).tensor("y").value
    assert torch.equal(found.double(), tensor.detach().double())
    assert not found.requires_grad


def test_given_values_are_the_assignments_own() -> None:
    """The trusted side's tensor, each time a fresh copy; whatever the student bound to that name."""
    given = torch.ones(2)
    held = answer({"x": torch.zeros(2)}, givens={"x": given, "n": 3})
    held.given("x").zero_()
    assert torch.equal(held.given("x"), torch.ones(2))


def test_a_given_module_is_a_copy() -> None:
    """Asked for by its type; what a check does to it changes nothing for the next one."""
    held = answer({}, givens={"net": nn.Linear(2, 1)})
    nn.init.zeros_(held.given("net", type=nn.Linear).weight)
    assert isinstance(held.given("net", type=nn.Module), nn.Linear)
    assert bool(held.given("net", type=nn.Linear).weight.any())
    with pytest.raises(AssignmentError, match=r"defines a Tensor 'net'.*net"):
        held.given("net")


@pytest.mark.parametrize("name", ["nope", "n"])
def test_an_unknown_given_is_the_authors_mistake(name: str) -> None:
    """The error names the question, the name, and what there is."""
    held = Answer("linear", answer({}).peer, answer({}).seeds, frozenset(), {"n": 3, "x": torch.ones(1)})
    with pytest.raises(AssignmentError, match=rf"'linear'.*'{name}'.*n, x"):
        held.given(name)


class Hostile(nn.Linear):
    """Lies and raises wherever it is looked at."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = nn.Module.__hash__

    def named_parameters(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError

    def parameters(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError


def test_a_module_that_raises_when_looked_at() -> None:
    """Is looked at without its own methods."""
    held = answer({"layer": Hostile(2, 3)}).module("layer", type=nn.Linear)
    assert [facts.shape for facts in held.parameters] == [(3, 2), (3,)]


def test_a_module_that_was_not_initialised() -> None:
    """``super().__init__()`` left out, or a lazy layer that has seen no input: seen as it is, no error of ours."""
    bare = CustomModel.__new__(CustomModel)
    assert answer({"model": bare}).module("model").parameters == ()
    lazy = answer({"model": nn.LazyLinear(3)}).module("model").parameters
    assert [(one.name, one.dtype) for one in lazy] == [("weight", "uninitialized"), ("bias", "uninitialized")]


@pytest.mark.parametrize(
    "ask",
    [
        lambda held: held.tensor("tabel"),
        lambda held: held.module("tabel"),
        lambda held: held.optimizer("tabel"),
        lambda held: held.literal("tabel"),
        lambda held: held.module("layer", of="tabel"),
    ],
    ids=["tensor", "module", "optimizer", "literal", "of"],
)
@pytest.mark.parametrize("trouble", [None, Verdict(Outcome.CELL_ERROR, [Finding(code="cell_raised")])])
def test_a_name_that_no_answer_can_have_is_the_authors_mistake(ask: Any, trouble: Verdict | None) -> None:
    """Else a slip in the check would cost every student its points. What may be found is named."""
    names = NAMES | {"tabel": torch.ones(1)}
    held = replace(answer(names, bound=["layer"], trouble=trouble), defines=frozenset(["layer", "table"]))
    with pytest.raises(AssignmentError, match=r"questions\.question\.defines.*'tabel'.*layer, table"):
        ask(held)
    assert held.module("layer").name == "layer"
    assert held.module("model", anywhere=True).name == "model"
