"""Optimizers are judged by the steps they take, and a check that cannot tell never passes."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import nn

from autograder.checks import assert_same_optimizer, optimizers
from autograder.checks.optimizers import Factory
from autograder.evidence.verdict import Verdict
from autograder.wire.messages import Draw, Step
from tests.checks.students import Here, answer

Parameters = Iterable[nn.Parameter]


def sgd(parameters: Parameters) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9)


def adam(parameters: Parameters) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=1e-3)


def empty() -> nn.Module:
    module = nn.Module()
    module.weight = nn.Parameter(torch.empty(0, 3))
    return module


def judge(optimizer: torch.optim.Optimizer, model: nn.Module, factory: Factory, seed: int = 0) -> list[str]:
    """The codes of the findings; [] for full marks."""
    student = answer({"optimizer": optimizer, "model": model}, seed=seed)
    try:
        assert_same_optimizer(student.optimizer("optimizer"), factory, of=student.module("model"))
    except Verdict as verdict:
        return [finding.code for finding in verdict.findings]
    return []


@pytest.mark.parametrize("factory", [sgd, adam])
@pytest.mark.parametrize(
    "model", [nn.Linear(3, 2), nn.Linear(3, 2).double(), nn.Sequential(nn.Linear(784, 16))]
)
def test_the_same_optimizer_passes_and_keeps_its_history(factory: Factory, model: nn.Module) -> None:
    """Trained before or not, in either precision; afterwards numbers, gradients and state are as they were."""
    optimizer = factory(model.parameters())
    dtype = next(model.parameters()).dtype
    inputs = next(model.parameters()).shape[1]
    model(torch.ones(1, inputs, dtype=dtype)).sum().backward()
    optimizer.step()
    before = [(one.clone(), one.grad) for one in model.parameters()]
    state = {id(one): dict(held) for one, held in optimizer.state.items()}
    assert judge(optimizer, model, factory) == []
    for one, (numbers, gradient) in zip(model.parameters(), before, strict=True):
        assert torch.equal(one, numbers)
        assert one.grad is gradient
    assert {id(one): dict(held) for one, held in optimizer.state.items()} == state


@pytest.mark.parametrize(
    "compiled",
    [
        torch.jit.script(nn.Linear(3, 2)),
        torch.jit.trace(nn.Linear(3, 2), torch.zeros(1, 3)),  # type: ignore[no-untyped-call]
    ],
)
def test_the_parameters_of_a_torchscript_model_are_parameters(compiled: nn.Module) -> None:
    """They are stepped on as any others."""
    assert judge(adam(compiled.parameters()), compiled, adam) == []
    assert judge(adam(nn.Linear(3, 2).parameters()), compiled, adam) == ["optimizer_other_parameters"]


@pytest.mark.parametrize(
    ("made", "factory", "codes"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), sgd, ["optimizer_rate_power_of_ten"]),
        (lambda p: torch.optim.SGD(p, lr=0.0001, momentum=0.9), sgd, ["optimizer_rate_power_of_ten"]),
        (lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9), sgd, ["optimizer_setting"]),
        (lambda p: torch.optim.SGD(p, momentum=0.9), sgd, ["optimizer_setting"]),  # the default is a tenth
        (lambda p: torch.optim.SGD(p, lr=0.01), sgd, ["optimizer_default_kept"]),
        (lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5), sgd, ["optimizer_setting"]),
        (
            lambda p: torch.optim.SGD(p, lr=0.1),
            sgd,
            ["optimizer_rate_power_of_ten", "optimizer_default_kept"],
        ),
        (lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True), sgd, ["optimizer_setting"]),
        (lambda p: torch.optim.RMSprop(p, lr=1e-3), adam, ["optimizer_kind"]),
        (lambda p: torch.optim.SGD(p, lr=0.0, momentum=0.9), sgd, ["optimizer_setting"]),
        (lambda p: sgd(list(p)[:1]), sgd, ["optimizer_some_parameters"]),
    ],
)
def test_another_optimizer_fails_with_its_codes(made: Factory, factory: Factory, codes: list[str]) -> None:
    """Another rate, a default that was kept, both at once, another kind; part of the parameters, or no movement."""
    model = nn.Linear(3, 2)
    assert judge(made(model.parameters()), model, factory) == codes


def rmsprop(parameters: Parameters) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(parameters, lr=1e-3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("factory", "setting"),
    [
        (adam, {"betas": (0.9, 0.99)}),
        (adam, {"eps": 1e-6}),
        (adam, {"eps": 1e-7}),
        (adam, {"eps": 1e-9}),
        (adam, {"amsgrad": True}),
        (adam, {"weight_decay": 1e-5}),
        (sgd, {"weight_decay": 1e-4}),
        (sgd, {"dampening": 1e-3}),
        (rmsprop, {"eps": 1e-7}),
        (rmsprop, {"alpha": 0.999}),
        (rmsprop, {"centered": True}),
        (rmsprop, {"weight_decay": 1e-5}),
    ],
)
def test_a_setting_that_shows_late_or_little_is_seen(factory: Factory, setting: dict[str, Any], seed: int) -> None:
    """What only small gradients show, or what a large one leaves behind."""
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 3))

    def changed(parameters: Parameters) -> torch.optim.Optimizer:
        built = factory(parameters)
        given = {name: built.defaults[name] for name in inspect.signature(type(built)).parameters if name != "params"}
        return type(built)(parameters, **given | setting)

    assert judge(changed(list(model.parameters())), model, lambda p: factory(list(p)), seed) == ["optimizer_setting"]


WAYS: tuple[dict[str, Any], ...] = ({"foreach": True}, {"foreach": False}, {"fused": True}, {"lr": torch.tensor(0.01)})


@pytest.mark.parametrize("way", WAYS, ids=[str(way) for way in WAYS])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 1e-3}),
        (torch.optim.Adam, {}),
        (torch.optim.Adam, {"amsgrad": True, "weight_decay": 0.1}),
        (torch.optim.AdamW, {"weight_decay": 0.1}),
        (torch.optim.RMSprop, {"momentum": 0.9, "centered": True}),
        (torch.optim.Adagrad, {"weight_decay": 0.1}),
        (torch.optim.NAdam, {}),
        (torch.optim.RAdam, {}),
        (torch.optim.Adamax, {}),
        (torch.optim.Adadelta, {}),
    ],
)
def test_another_way_to_the_same_step_is_right(kind: Any, settings: dict[str, Any], way: dict[str, Any]) -> None:
    """Rounding differs, and nothing else."""
    if not way.keys() <= inspect.signature(kind).parameters.keys():
        pytest.skip("no such way")
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 3))
    made = kind(model.parameters(), **{"lr": 0.01, **settings, **way})
    for seed in range(10):
        assert judge(made, model, lambda p: kind(p, lr=0.01, **settings), seed) == []


def test_a_model_that_was_replaced_is_noticed() -> None:
    """An optimizer over the parameters of the model before trains nothing of this one."""
    assert judge(sgd(nn.Linear(3, 2).parameters()), nn.Linear(3, 2), sgd) == ["optimizer_other_parameters"]


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (nn.Linear(3, 2).half(), "parameters_of_another_type"),
        (nn.Linear(3, 2).bfloat16(), "parameters_of_another_type"),
        (nn.ReLU(), "not_comparable"),
        (empty(), "not_comparable"),
    ],
)
def test_a_model_on_which_nothing_can_be_told_earns_nothing(model: nn.Module, code: str) -> None:
    """In half precision small steps drown in rounding, and empty tensors are always equal."""
    trained = list(model.parameters()) or [nn.Parameter(torch.zeros(1))]
    assert judge(torch.optim.Adagrad(trained, lr=1e-9), model, sgd) == [code]


@pytest.mark.parametrize("model", [nn.LazyLinear(2), nn.Sequential(nn.Linear(3, 2), nn.LazyLinear(2))])
def test_parameters_without_a_size_are_told(model: nn.Module) -> None:
    """A lazy layer that was never called has nothing to update."""
    assert judge(sgd(list(model.parameters())), model, sgd) == ["parameters_without_size"]


def test_a_reference_that_moves_nothing_is_the_authors_mistake() -> None:
    """A check that could not fail says so instead of passing."""
    model = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="too little"):
        judge(sgd(model.parameters()), model, lambda p: torch.optim.SGD(p, lr=1e-12))


def test_what_is_kept_but_not_trained_is_no_parameter() -> None:
    """A batch norm's running statistics are moved by passes, not by optimizers."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    assert judge(sgd(model.parameters()), model, sgd) == []
    assert judge(sgd(model[0].parameters()), model, sgd) == ["optimizer_some_parameters"]


def test_a_reference_that_lives_on_is_worked_out_once_for_each_kind_of_model() -> None:
    """Whoever hands in such a model is compared with the same steps; right and wrong ones in any order."""
    built = []

    def counted(parameters: Parameters) -> torch.optim.Optimizer:
        built.append(1)
        return adam(parameters)

    for shape in ((3, 2), (3, 2), (3, 4)):
        model = nn.Linear(*shape)
        assert judge(torch.optim.Adam(model.parameters(), lr=1e-3), model, counted) == []
    assert len(built) == 2
    model = nn.Linear(3, 2)
    assert judge(torch.optim.Adam(model.parameters(), lr=1e-2), model, counted) == ["optimizer_rate_power_of_ten"]
    model = nn.Linear(3, 2)
    assert judge(torch.optim.Adam(model.parameters(), lr=1e-3), model, counted) == []


def test_numbers_of_a_large_model_are_not_kept() -> None:
    """Its owner chooses their number."""
    model = nn.Module()
    for number in range(20):
        model.register_parameter(f"weight{number}", nn.Parameter(torch.zeros(8, 8, 8, 8)))
    optimizers._remembered.cache_clear()
    assert judge(sgd(model.parameters()), model, sgd) == []
    assert optimizers._remembered.cache_info().currsize == 0


@pytest.mark.parametrize(
    "scheduled",
    [
        lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5),
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4),
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=9),
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=0.1, total_steps=9, cycle_momentum=False
        ),
        lambda optimizer: torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.001, max_lr=0.1),
    ],
    ids=["StepLR", "CosineAnnealingLR", "OneCycleLR", "OneCycleLR of the rate alone", "CyclicLR"],
)
def test_a_rate_that_a_scheduler_has_changed_is_that_of_the_beginning(
    scheduled: Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler],
) -> None:
    """Right work stays right however long it trained, another rate stays wrong, and the optimizer goes on as it was."""
    for factory, code in ((sgd, []), (adam, ["optimizer_kind"])):
        model = nn.Linear(3, 2)
        optimizer = sgd(model.parameters())
        scheduler = scheduled(optimizer)
        for _ in range(3):
            model(torch.ones(1, 3)).sum().backward()
            optimizer.step()
            scheduler.step()
        before = dict(optimizer.param_groups[0])
        assert before["lr"] != 0.01
        assert judge(optimizer, model, factory) == code
        assert optimizer.param_groups[0] == before
    model = nn.Linear(3, 2)
    other = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    scheduled(other)
    assert judge(other, model, sgd) == ["optimizer_setting"]


@pytest.mark.parametrize(("beta", "codes"), [(0.9, []), (0.8, ["optimizer_setting"])])
def test_a_beta_that_a_scheduler_cycles_is_that_of_the_beginning(beta: float, codes: list[str]) -> None:
    """It replaces Adam's first beta as it replaces the momentum of SGD."""
    model = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(beta, 0.999))
    torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=9)
    assert judge(optimizer, model, adam) == codes


def nesterov(parameters: Parameters) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True)


def fast(parameters: Parameters) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=0.1)


@pytest.mark.parametrize(
    ("made", "factory", "told"),
    [
        (nesterov, sgd, [("optimizer_setting", "nesterov=False", "nesterov=True")]),
        (sgd, nesterov, [("optimizer_default_kept", "nesterov=True", "nesterov=False")]),
        (
            lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, maximize=True),
            sgd,
            [("optimizer_setting", "maximize=False", "maximize=True")],
        ),
        (
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.9, 0.99)),
            fast,
            [("optimizer_setting", "betas[1]=0.999", "betas[1]=0.99")],
        ),
        (
            fast,
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.999)),
            [("optimizer_default_kept", "betas[0]=0.8", "betas[0]=0.9")],
        ),
        (
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), foreach=True),
            fast,
            [
                ("optimizer_setting", "betas[0]=0.9", "betas[0]=0.8"),
                ("optimizer_setting", "betas[1]=0.999", "betas[1]=0.99"),
            ],
        ),
        (
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.9, 0.3), amsgrad=True),
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.9, 0.3)),
            [("optimizer_setting", "amsgrad=False", "amsgrad=True")],
        ),
    ],
)
def test_switches_and_betas_are_settings_too(
    made: Factory, factory: Factory, told: list[tuple[str, str, str]]
) -> None:
    """Each is named with what was asked for; how torch goes through the parameters is nobody's question."""
    model = nn.Linear(784, 16)
    student = answer({"optimizer": made(model.parameters()), "model": model})
    with pytest.raises(Verdict) as caught:
        assert_same_optimizer(student.optimizer("optimizer"), factory, of=student.module("model"))
    assert [(one.code, one.expected, one.found) for one in caught.value.findings] == told


@pytest.mark.parametrize("betas", [(1.0, 0.999), (0.9, 2.0), (math.nan, 0.999), (1e300, 0.999)])
def test_a_setting_that_no_optimizer_can_have_explains_nothing(betas: tuple[float, float]) -> None:
    """Whoever writes it into the groups afterwards, and steps in another way than torch, is wrong, and no more."""

    class Odd(torch.optim.Adam):
        def step(self, closure: object = None) -> None:  # type: ignore[override]
            for parameter in self.param_groups[0]["params"]:
                parameter.data -= 1

    Odd.__module__, Odd.__qualname__ = torch.optim.Adam.__module__, "Adam"
    model = nn.Linear(3, 2)
    optimizer = Odd(model.parameters(), lr=1e-3)
    optimizer.param_groups[0]["betas"] = betas
    assert judge(optimizer, model, adam) == ["optimizer_differs"]


@pytest.mark.parametrize("rate", [math.inf, 1e308, 5e-324, -math.inf, math.nan, -1e308])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_rate_beyond_all_bounds_is_a_setting_like_others(rate: float, dtype: torch.dtype) -> None:
    """Student data raises nothing but a verdict, in an explanation neither."""
    model = nn.Linear(3, 2).to(dtype)
    optimizer = sgd(model.parameters())
    optimizer.param_groups[0]["lr"] = rate
    (code,) = judge(optimizer, model, sgd)
    assert code.startswith("optimizer_")


def test_a_parameter_of_many_dimensions_costs_little() -> None:
    """Sizes are the student's word, and a tensor that was expanded takes no memory: one of eight dimensions, 64 MB."""
    model = nn.Module()
    model.weight = nn.Parameter(torch.zeros(1).expand([8] * 8))
    asked = answer({"optimizer": sgd(model.parameters()), "model": model})
    with suppress(Verdict):
        assert_same_optimizer(asked.optimizer("optimizer"), sgd, of=asked.module("model"))
    assert isinstance(asked.peer, Here)
    (step,) = (one for one in asked.peer.asked if isinstance(one, Step))
    (push,) = step.push
    assert isinstance(push.numbers, Draw)
    assert math.prod(push.numbers.shape) <= optimizers.MAX_NUMBERS
