"""Does a student's optimizer update a model's parameters as the reference does?

Both start without history from the same parameters and are given the same gradients for a few steps; what the
parameters then are decides. Learning rate, momentum, betas, weight decay and the kind of optimizer all show in
it, however they were written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from autograder.checks.tolerance import largest_difference
from autograder.evidence.proxies import ModuleProxy, OptimizerProxy
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Draw, Push
from autograder.wire.tensors import draw

DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
}  # in half precision small steps drown in rounding
STEPS = 3
MAX_PARAMETERS = 64
MAX_SIZE = 8  # of a dimension: what is stepped on stands in for the parameter
Factory = Callable[[Iterable[nn.Parameter]], Optimizer]


def assert_same_optimizer(found: OptimizerProxy, factory: Factory, *, of: ModuleProxy) -> None:
    """``found`` updates the parameters of ``of`` as the optimizer that ``factory`` builds would.

    ``factory`` takes parameters, as in ``lambda parameters: torch.optim.SGD(parameters, lr=0.01)``. Both step on
    numbers of at most 8 in every dimension, which the parameters hold meanwhile: no rule knows a model's true sizes.
    Raises the verdicts ``optimizer_other_parameters``, ``optimizer_kind``, ``optimizer_setting``,
    ``optimizer_differs``, ``optimizer_raised`` and ``not_comparable`` (no parameters, empty ones, too many, or
    of another type than float32 and float64); :class:`ValueError` for a reference that hardly moves anything.
    """
    floating = [(place, facts) for place, facts in enumerate(of.parameters) if facts.dtype in DTYPES]
    empty = any(0 in facts.shape for _, facts in floating)
    others = len(of.parameters) - len(floating)
    if not floating or others or empty or len(floating) > MAX_PARAMETERS:
        raise failed("not_comparable", name=of.name)
    seeds = found.seeds.of("optimizer", found.name)

    def recipe(label: str, place: int, shape: tuple[int, ...]) -> Draw:
        stand_in = tuple(min(size, MAX_SIZE) for size in shape)
        return Draw(seed=seeds.number(label, str(place)), shape=stand_in, low=-1.0, high=1.0)

    push = [Push(place, recipe("weight", place, facts.shape)) for place, facts in floating]
    gradients = [
        [recipe(f"gradient {number}", place, facts.shape) for place, facts in floating]
        for number in range(STEPS)
    ]
    dtypes = [DTYPES[facts.dtype] for _, facts in floating]
    before = [_drawn(one.numbers, dtype) for one, dtype in zip(push, dtypes, strict=True)]
    after = found.stepped(of, push, gradients)
    steps = [[_drawn(one, dtype) for one, dtype in zip(step, dtypes, strict=True)] for step in gradients]
    expected = _updated(factory, before, steps)
    if any(_same([one], [other]) for one, other in zip(before, expected, strict=True)):
        raise ValueError("the reference moves a parameter too little to tell it from one that does nothing")
    if _same(expected, after):
        return
    if any(
        one.shape == other.shape and bool((one == other).all())
        for one, other in zip(before, after, strict=True)
    ):
        raise failed("optimizer_other_parameters", name=found.name, module=of.name)
    raise _explained(found, factory, before, steps, after)


def _explained(
    found: OptimizerProxy,
    factory: Factory,
    before: list[Tensor],
    steps: list[list[Tensor]],
    after: list[Tensor],
) -> Verdict:
    """The verdict: another kind, or the one setting that explains the difference, or that it differs."""
    model = factory([nn.Parameter(torch.zeros(1))])
    wanted = f"optim.{type(model).__name__}"
    if found.kind != wanted:
        return failed("optimizer_kind", name=found.name, expected=wanted, found=found.kind)
    for setting, value in found.settings.items():
        expected = model.defaults.get(setting)
        if isinstance(expected, bool) or not isinstance(expected, int | float) or expected == value:
            continue

        def variant(
            parameters: Iterable[nn.Parameter], setting: str = setting, value: float = value
        ) -> Optimizer:
            built = factory(parameters)
            for group in built.param_groups:
                group[setting] = value
            return built

        if _same(_updated(variant, before, steps), after):
            texts = {"expected": f"{setting}={expected:g}", "found": f"{setting}={value:g}"}
            return failed("optimizer_setting", name=found.name, setting=setting, **texts)
    return failed("optimizer_differs", name=found.name)


def _updated(factory: Factory, before: list[Tensor], steps: list[list[Tensor]]) -> list[Tensor]:
    parameters = [nn.Parameter(one.clone()) for one in before]
    optimizer = factory(parameters)
    for gradients in steps:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
    return [parameter.detach() for parameter in parameters]


def _same(expected: list[Tensor], found: list[Tensor]) -> bool:
    """Equal within 64 ε: the steps are a few elementwise operations on numbers of size 1."""
    return all(
        one.shape == other.shape and largest_difference(one, other) <= 64 * torch.finfo(one.dtype).eps
        for one, other in zip(expected, found, strict=True)
    )


def _drawn(numbers: object, dtype: torch.dtype) -> Tensor:
    assert isinstance(numbers, Draw)
    return draw(numbers, dtype)
