"""Why a model is wrong: one cause for one mistake, true of what the model does; nothing where that is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from autograder.checks import assert_same_computation, assert_same_dropout
from autograder.evidence.answer import Answer
from autograder.evidence.graphs import recorded
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict
from autograder.results import Finding
from autograder.wire.messages import Computed, Performed, Replay, Reply, Request, Traced
from tests.checks.students import Here, answer, mlp, proxy


class Net(nn.Module):
    """A small residual CNN; ``run`` is its forward pass."""

    def __init__(self, run: Callable[[Any, Tensor], Tensor], **changed: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.again = nn.Conv2d(8, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.out = nn.Linear(8, 5)
        for name, module in changed.items():
            setattr(self, name, module)
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def whole(m: Any, x: Tensor) -> Tensor:
    y = torch.relu(m.norm(m.conv(x)))
    y = m.pool(m.again(y) + y)
    return torch.log_softmax(m.out(F.adaptive_avg_pool2d(y, 1).flatten(1)), dim=1)


def findings(found: nn.Module, reference: nn.Module, shape: Sequence[int]) -> tuple[Finding, ...]:
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(found), reference, input_shape=shape)
    return caught.value.findings


def without_branch(m: Any, x: Tensor) -> Tensor:
    y = m.pool(m.again(torch.relu(m.norm(m.conv(x)))))
    return torch.log_softmax(m.out(F.adaptive_avg_pool2d(y, 1).flatten(1)), dim=1)


def without_norm(m: Any, x: Tensor) -> Tensor:
    y = torch.relu(m.conv(x))
    y = m.pool(m.again(y) + y)
    return torch.log_softmax(m.out(F.adaptive_avg_pool2d(y, 1).flatten(1)), dim=1)


def other_branch(m: Any, x: Tensor) -> Tensor:
    z = m.norm(m.conv(x))
    y = m.pool(m.again(torch.relu(z)) + z)
    return torch.log_softmax(m.out(F.adaptive_avg_pool2d(y, 1).flatten(1)), dim=1)


def activation_behind(m: Any, x: Tensor) -> Tensor:
    y = m.norm(torch.relu(m.conv(x)))
    y = m.pool(m.again(y) + y)
    return torch.log_softmax(m.out(F.adaptive_avg_pool2d(y, 1).flatten(1)), dim=1)


CNN: dict[str, tuple[Net, str]] = {
    "no residual": (Net(without_branch), "branch_missing"),
    "no batch norm": (Net(without_norm), "layer_missing"),
    "the branch from before the activation": (Net(other_branch), "connected_differently"),
    "the activation in front of the norm": (Net(activation_behind), "step_moved"),
    "another kernel": (Net(whole, again=nn.Conv2d(8, 8, 5, padding=2)), "layer_setting"),
    "mean pooling": (Net(whole, pool=nn.AvgPool2d(2)), "layer_other"),
    "another width": (Net(whole, out=nn.Linear(8, 4)), "layer_resized"),
    "no bias": (Net(whole, out=nn.Linear(8, 5, bias=False)), "bias_missing"),
}


@pytest.mark.parametrize(("found", "code"), CNN.values(), ids=CNN.keys())
def test_one_mistake_is_one_cause(found: Net, code: str) -> None:
    """In a network with branches, a batch norm and pooling as in a row of layers."""
    assert [one.code for one in findings(found, Net(whole), (3, 8, 8))] == [code]


class Function(nn.Module):
    """A model without weights."""

    def __init__(self, run: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x)


class Text(nn.Module):
    """A small model of whole numbers; ``run`` is its forward pass."""

    def __init__(self, run: Callable[[Any, Tensor], Tensor], width: int = 4, **settings: Any) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, width)
        self.gru = nn.GRU(width, 5, **{"batch_first": True, **settings})
        self.out = nn.Linear(5, 3)
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def last_state(m: Any, x: Tensor) -> Tensor:
    return m.out(m.gru(m.embedding(x))[1][-1])  # type: ignore[no-any-return]


TEXT: dict[str, tuple[Text, str]] = {
    "a softmax at the end": (Text(lambda m, x: last_state(m, x).softmax(1)), "output_activation_extra"),
    "an activation": (Text(lambda m, x: m.out(m.gru(torch.relu(m.embedding(x)))[1][-1])), "activation_extra"),
    "batch and time": (Text(last_state, batch_first=False), "batch_first_differs"),
    "the first step": (Text(lambda m, x: m.out(m.gru(m.embedding(x))[0][:, 0])), "layer_setting"),
    "another width": (Text(last_state, 6), "layer_resized"),
}


@pytest.mark.parametrize(("found", "code"), TEXT.values(), ids=TEXT.keys())
def test_a_mistake_in_a_model_of_whole_numbers_is_a_cause_as_well(found: Text, code: str) -> None:
    """As one in a model of real ones."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(found), Text(last_state), input_shape=(7,), input_below=9)
    assert [one.code for one in caught.value.findings] == [code]


@pytest.mark.parametrize(
    ("found", "expected", "code", "words"),
    [
        (lambda x: x.relu() / 4, lambda x: x.relu() / 2, "number_differs", ("/ 2", "/ 4")),
        (lambda x: 2 - x.tanh(), lambda x: 1 - x.tanh(), "number_differs", ("1 -", "2 -")),
    ],
)
def test_another_number_is_told_with_the_one_that_was_asked_for(
    found: Callable[[Tensor], Tensor],
    expected: Callable[[Tensor], Tensor],
    code: str,
    words: tuple[str, str],
) -> None:
    """As in attention that is scaled by another width: both read alike but for the number."""
    (finding,) = findings(Function(found), Function(expected), (4,))
    assert (finding.code, finding.expected, finding.found) == (code, *words)


def test_another_setting_of_a_norm_is_told() -> None:
    """And so is one that learns no scale and no shift: that is more than a missing bias."""
    for setting in ("eps=0.1", "affine=False"):
        norm = nn.BatchNorm2d(3, **{"eps": 0.1} if "eps" in setting else {"affine": False})
        (finding,) = findings(norm, nn.BatchNorm2d(3), (3, 4, 4))
        assert (finding.code, finding.facts["setting"]) == ("layer_setting", setting.partition("=")[0])
        assert (finding.expected, finding.found) == ("BatchNorm2d(3)", f"BatchNorm2d(3, {setting})")


class PostNorm(nn.Module):
    """Half a Transformer block: what is added is normalised behind the sum. ``added`` are the sums that there are."""

    def __init__(self, *added: int) -> None:
        super().__init__()
        self.steps = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(6) for _ in range(2))
        self.added = added

    def forward(self, x: Tensor) -> Tensor:
        for place, (step, norm) in enumerate(zip(self.steps, self.norms, strict=True)):
            y = torch.tanh(step(x))
            x = norm(x + y if place in self.added else y)
        return x


@pytest.mark.parametrize("added", [(0,), (1,), ()])
def test_a_residual_that_is_missing_in_front_of_a_norm_is_seen(added: tuple[int, ...]) -> None:
    """The branch is put back as it was, from the input too; twice a value is to a norm the value itself."""
    named = findings(PostNorm(*added), PostNorm(0, 1), (5, 6))
    assert {one.code for one in named} == {"branch_missing"}


def test_a_cause_is_shown_between_its_neighbours_and_in_both_models() -> None:
    """Expected and found name the place; the steps show all of it, and which of them differ."""
    (finding,) = findings(nn.Sequential(*[x for x in mlp() if not isinstance(x, nn.ReLU)]), mlp(), (784,))
    assert finding.code == "activation_missing"
    assert finding.expected == (
        "Linear(784, 128) → ReLU → Linear(128, 64) · Linear(128, 64) → ReLU → Linear(64, 10)"
    )
    assert [(step.expected, step.found, step.differs) for step in finding.steps][:2] == [
        ("Linear(784, 128)", "Linear(784, 128)", False),
        ("ReLU", None, True),
    ]


def test_a_window_that_the_checks_input_is_too_small_for_is_compared_on_a_larger_one() -> None:
    """The question's own input may be large enough: what is said is which setting is another one."""
    (found,) = findings(nn.Conv2d(3, 3, 16), nn.Conv2d(3, 16, 3), (3, 12, 10))
    assert (found.code, found.expected) == ("layer_resized", "Conv2d(3, 16, kernel_size=3)")
    assert found.found == "Conv2d(3, 3, kernel_size=16)"
    (raised,) = findings(nn.Sequential(nn.Conv2d(3, 16, 3), nn.MaxPool2d(20)), nn.Conv2d(3, 16, 3), (3, 12, 10))
    assert raised.code == "forward_raised"  # its parameters are right ones


def test_what_changes_nothing_is_no_cause() -> None:
    """A second ReLU behind the first is not why the softmax is wrong."""
    layers = [nn.Linear(784, 128), nn.ReLU(), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)]
    told = findings(nn.Sequential(*layers, nn.Softmax(1)), mlp(), (784,))
    assert [one.code for one in told] == ["softmax_for_log_softmax"]


def test_too_many_differences_are_shown_and_not_named() -> None:
    """Whoever wrote another model altogether gets both beside each other and no list of reproaches."""
    odd = nn.Sequential(
        nn.Tanh(), nn.Linear(784, 300), nn.Sigmoid(), nn.LayerNorm(300), nn.Linear(300, 7),
        nn.GELU(), nn.Linear(7, 20), nn.ELU(), nn.Linear(20, 3), nn.Softmax(0),
    )  # fmt: skip
    (finding,) = findings(odd, mlp(), (784,))
    assert finding.code == "parameters_differ"
    assert finding.steps


def test_an_unknown_step_leaves_the_plain_verdict() -> None:
    """Where a step has no term, behaviour alone decides, and nothing is guessed."""

    class Odd(nn.Sequential):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cumsum(super().forward(x), 1)  # type: ignore[no-untyped-call]

    assert [one.code for one in findings(Odd(*mlp()), mlp(), (784,))] == ["different_computation"]


@dataclass
class Liar(Here):
    """A process that says of its module what another one does."""

    told: tuple[Performed, ...] = ()

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        reply, sent = super().ask(request, tensors)
        if isinstance(reply, Traced):
            reply = msgspec.structs.replace(reply, operations=self.told)
        return reply, sent


def lying(found: nn.Module, told: tuple[Performed, ...]) -> Answer:
    return Answer("question", Liar({"model": found}, told=told), Seeds.of_run(0), frozenset(["model"]), {})


def told_of(module: nn.Module) -> tuple[Performed, ...]:
    return recorded(module.eval(), torch.rand(2, 784))[0].operations


def test_a_graph_that_the_behaviour_denies_is_not_shown() -> None:
    """A model without its second ReLU that claims to lack the first is wrong, and that is all that is said."""
    without_second = nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.Linear(64, 10), nn.LogSoftmax(1)
    )
    without_first = nn.Sequential(
        nn.Linear(784, 128), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10), nn.LogSoftmax(1)
    )
    module = lying(without_second, told_of(without_first)).module("model")
    with pytest.raises(Verdict) as caught:
        assert_same_computation(module, mlp(), input_shape=(784,))
    (finding,) = caught.value.findings
    assert finding.code == "different_computation"
    assert not finding.steps


def test_a_graph_never_earns_a_point() -> None:
    """Claiming the reference's own graph changes nothing."""
    wrong = nn.Sequential(*[x for x in mlp() if not isinstance(x, nn.ReLU)])
    module = lying(wrong, told_of(mlp())).module("model")
    with pytest.raises(Verdict, match="different_computation"):
        assert_same_computation(module, mlp(), input_shape=(784,))


def test_nobody_who_performs_a_graph_means_no_explanation() -> None:
    """Where the other process gives no answer in time, the verdict stands and is plain."""

    class Alone(Here):
        def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
            return None

    module = nn.Sequential(*list(mlp())[:-1])
    own = Answer("question", Alone({"model": module}), Seeds.of_run(0), frozenset(["model"]), {}).module(
        "model"
    )
    with pytest.raises(Verdict, match="different_computation"):
        assert_same_computation(own, mlp(), input_shape=(784,))


def test_a_dropout_that_stands_elsewhere_without_effect_is_remarked_on() -> None:
    """``relu(dropout(x))`` is ``dropout(relu(x))``: full points, and a word about it."""
    layers = list(mlp())
    layers[1], layers[2] = layers[2], layers[1]
    for module, codes in ((nn.Sequential(*layers), ["dropout_position_equivalent"]), (mlp(), [])):
        own = answer({"model": module})
        assert_same_dropout(own.module("model"), mlp(), input_shape=(784,))
        assert own.remarks == codes


@pytest.mark.parametrize("kind", ["one row", "few rows", "many rows", "mode", "gradients", "calls"])
def test_a_model_that_adapts_is_wrong(kind: str) -> None:
    """To the number of rows, the mode, the gradients or the calls before: every kind of pass is compared."""
    calls: list[int] = []

    def run(m: Any, x: Tensor) -> Tensor:
        calls.append(len(x))
        wrong = {
            "one row": len(x) == 1,
            "few rows": len(x) == 2,
            "many rows": len(x) > 8,
            "mode": m.training,
            "gradients": torch.is_grad_enabled(),
            "calls": len(calls) % 2 == 0,
        }[kind]
        return whole(m, x) * (2 if wrong else 1)

    with pytest.raises(Verdict):
        assert_same_computation(proxy(Net(run)), Net(whole), input_shape=(3, 8, 8))
