"""Does a student's optimizer update a model's parameters as the reference does?

Both start without history from the same parameters and are given the same gradients for a few steps; what the
parameters then are decides. Learning rate, momentum, betas, weight decay and the kind of optimizer all show in
it, however they were written down.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from autograder.checks.remembered import Remembered
from autograder.checks.tolerance import largest_difference
from autograder.evidence.proxies import ModuleProxy, OptimizerProxy, of_another_type
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict, failed
from autograder.results import Outcome
from autograder.wire.messages import Draw, Push
from autograder.wire.tensors import draw

DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
}  # in half precision small steps drown in rounding
# Small weights are rounded little. A tiny gradient shows a setting beside which a large one is all (eps, weight decay),
# a small one after a large one what that has left (betas, amsgrad).
WEIGHTS = 1 / 16
GRADIENTS = (1e-6, 1.0, 1e-3)  # the largest of each step
ROUNDING = 16  # ε of the largest number that a parameter has held
WAYS = ("foreach", "fused", "capturable", "differentiable")  # to the same step
MAX_PARAMETERS = 64
MAX_REMEMBERED = 1 << 16  # numbers of a trial
MAX_SIZE = 8  # of a dimension: what is stepped on stands in for the parameter
MAX_NUMBERS = 1 << 12  # of a stand-in, whose shape is the student's word
MAX_POWER = 9  # of ten, by which a rate is said to be off
Factory = Callable[[Iterable[nn.Parameter]], Optimizer]


def assert_same_optimizer(found: OptimizerProxy, factory: Factory, *, of: ModuleProxy) -> None:
    """``found`` updates the parameters of ``of`` as the optimizer that ``factory`` builds would.

    ``factory`` takes parameters, as in ``lambda parameters: torch.optim.SGD(parameters, lr=0.01)``, and builds the same
    whenever it is called: one at the top of a check file is worked out once for a class. A rate that a scheduler has
    changed since counts as the scheduler found it, and so does a momentum; ``ReduceLROnPlateau``, and ``CyclicLR``
    without ``cycle_momentum``, keep no note of that, ``OneCycleLR`` none of groups with rates of their own.
    Both step on numbers of at most 8 in every dimension, and 4,096 in all, which the parameters hold meanwhile: no rule
    knows a model's true sizes.

    Rounding of 16 ε is allowed for. Torch's own ways to the same step (``WAYS``, a rate that is a tensor) differed by
    3 ε at most in 7,000 trials of thirteen kinds with rates of 1e-4 to 1; ``betas=(0.9, 0.99)`` and ``amsgrad=True``
    differed by 40 ε and more from Adam's defaults, a weight decay of 1e-4 from SGD's by 23, in 40 trials each.

    Raises the verdicts ``optimizer_other_parameters`` (it moves none of them), ``optimizer_some_parameters``,
    ``optimizer_kind``, ``optimizer_rate_power_of_ten``, ``optimizer_default_kept``, ``optimizer_setting``,
    ``optimizer_differs``, ``optimizer_raised``, ``parameters_of_another_type``, ``parameters_without_size`` and
    ``not_comparable`` (no parameters, empty ones, too many); :class:`ValueError` for a reference that hardly moves
    anything.
    """
    own = [(place, facts) for place, facts in enumerate(of.parameters) if not facts.buffer]
    floating = tuple((place, facts.shape, facts.dtype) for place, facts in own if facts.dtype in DTYPES)
    empty = any(0 in shape for _, shape, _ in floating)
    others = len(own) - len(floating)
    if (mistyped := of_another_type(of)) is not None:
        raise mistyped
    if any(facts.dtype == "uninitialized" for _, facts in own):
        raise failed("parameters_without_size", name=of.name)
    if not floating or others or empty or len(floating) > MAX_PARAMETERS:
        raise failed("not_comparable", name=of.name)
    small = sum(math.prod(_stand_in(shape)) for _, shape, _ in floating) <= MAX_REMEMBERED
    trial = (_remembered if small else _Trial.of)(found.seeds.of("optimizer", found.name), floating)
    before, steps = trial.before, trial.steps
    after = found.stepped(of, trial.push, trial.gradients)
    if _expected(factory, trial).is_same(after):
        return
    pairs = zip(before, after, strict=True)
    still = sum(one.shape == other.shape and bool((one == other).all()) for one, other in pairs)
    idle = found.settings.get("lr") == 0  # a rate of nothing moves nothing, and is a setting like others
    if still and not idle:
        if still == len(before):
            raise failed("optimizer_other_parameters", name=found.name, module=of.name)
        counts = {"moved": len(before) - still, "count": len(before)}
        raise failed("optimizer_some_parameters", name=found.name, module=of.name, **counts)
    raise _explained(found, factory, before, steps, after)


Parameters = tuple[tuple[int, tuple[int, ...], str], ...]  # place, shape, type


@dataclass(frozen=True, eq=False)
class _Trial:
    """What an optimizer is tried on: parameters and gradients, as recipes and as numbers, which nobody may change."""

    push: list[Push]
    gradients: list[list[Draw]]
    before: list[Tensor]
    steps: list[list[Tensor]]

    @classmethod
    def of(cls, seeds: Seeds, parameters: Parameters) -> _Trial:
        def recipes(label: str, size: float) -> list[Draw]:
            return [
                Draw(seed=seeds.number(label, str(place)), shape=_stand_in(shape), low=-size, high=size)
                for place, shape, _ in parameters
            ]

        weights = recipes("weight", WEIGHTS)
        gradients = [recipes(f"gradient {number}", size) for number, size in enumerate(GRADIENTS)]
        dtypes = [DTYPES[dtype] for _, _, dtype in parameters]
        before, *steps = (list(map(draw, drawn, dtypes)) for drawn in (weights, *gradients))
        push = [Push(place, weight) for (place, _, _), weight in zip(parameters, weights, strict=True)]
        return cls(push, gradients, before, steps)


_remembered = functools.lru_cache(maxsize=64)(_Trial.of)  # a check tries everybody's on the same


def _stand_in(shape: tuple[int, ...]) -> tuple[int, ...]:
    smaller = (tuple(min(size, most) for size in shape) for most in range(MAX_SIZE, 0, -1))
    return next(one for one in smaller if math.prod(one) <= MAX_NUMBERS)


@dataclass(frozen=True, eq=False)
class _Updated:
    """What parameters are after the steps, and the size of the largest number that each has held."""

    parameters: list[Tensor]
    sizes: list[float]

    def is_same(self, found: list[Tensor]) -> bool:
        """Whether these are the same but for rounding, of which the steps' few elementwise operations do little."""
        return len(found) == len(self.parameters) and all(map(self._holds, range(len(found)), found))

    def leaves(self, before: list[Tensor]) -> bool:
        """Whether some parameter is what it was, but for rounding."""
        return any(map(self._holds, range(len(before)), before))

    def _holds(self, place: int, found: Tensor) -> bool:
        expected = self.parameters[place]
        limit = ROUNDING * torch.finfo(expected.dtype).eps * self.sizes[place]
        return expected.shape == found.shape and largest_difference(expected, found) <= limit < math.inf


def _expected(factory: Factory, trial: _Trial) -> _Updated:
    """What the reference makes of the parameters: worked out once, for a ``factory`` that lives on."""
    known = _known.of(factory)
    if trial not in known:
        expected = _updated(factory, trial.before, trial.steps)
        if expected.leaves(trial.before):
            raise ValueError(
                "the reference moves a parameter too little to tell it from one that does nothing"
            )
        known[trial] = expected
    return known[trial]


_known: Remembered[WeakKeyDictionary[_Trial, _Updated]] = Remembered(WeakKeyDictionary)


def _explained(
    found: OptimizerProxy,
    factory: Factory,
    before: list[Tensor],
    steps: list[list[Tensor]],
    after: list[Tensor],
) -> Verdict:
    """The verdict: another kind, or the settings that explain the difference, or that it differs.

    One setting if it is enough, else all that differ together, each in a finding of its own.
    """
    model = factory([nn.Parameter(torch.zeros(1))])
    wanted = f"optim.{type(model).__name__}"
    if found.kind != wanted:
        return failed("optimizer_kind", name=found.name, expected=wanted, found=found.kind)
    expected = _settings(model.defaults)
    differing = {name: value for name, value in found.settings.items() if expected.get(name, value) != value}

    def explains(settings: dict[str, float]) -> bool:
        try:
            return _updated(_with(factory, settings), before, steps).is_same(after)
        except Exception:  # noqa: BLE001 - what the student's process says they are may be any numbers
            return False

    single = [name for name, value in differing.items() if explains({name: value})]
    if len(single) != 1 and not (differing and explains(differing)):
        return failed("optimizer_differs", name=found.name)
    findings = [
        _setting(found.name, name, type(model), expected[name], differing[name])
        for name in (single if len(single) == 1 else differing)
    ]
    return Verdict(Outcome.FAILED, [finding for verdict in findings for finding in verdict.findings])


def _setting(name: str, setting: str, kind: type[Optimizer], expected: float, found: float) -> Verdict:
    """What is wrong with one setting: a default was kept, or a learning rate is off by powers of ten."""
    parameters = inspect.signature(kind).parameters.values()
    defaults = {parameter.name: parameter.default for parameter in parameters}
    kept = _settings(defaults).get(setting) == found
    switch = isinstance(defaults.get(setting), bool)
    wanted, given = (f"{bool(one)}" if switch else f"{one:g}" for one in (expected, found))
    texts = {"expected": f"{setting}={wanted}", "found": f"{setting}={given}"}
    rates = setting == "lr" and 0 < found < math.inf and expected > 0
    power = round(math.log10(found) - math.log10(expected)) if rates else 0
    shifted = 0 < abs(power) <= MAX_POWER and math.isclose(found, expected * 10.0**power, rel_tol=1e-6)
    if shifted and not kept:
        times = f"{10.0**power:g}"
        return failed("optimizer_rate_power_of_ten", name=name, times=times, **texts)
    if kept and not shifted:
        return failed("optimizer_default_kept", name=name, setting=setting, **texts)
    return failed("optimizer_setting", name=name, setting=setting, **texts)


def _settings(given: Mapping[str, object]) -> dict[str, float]:
    """The numbers and switches among settings that change a step, a tuple's by name and place, as a runner has them."""
    found: dict[str, float] = {}
    for name, value in given.items():
        if name in WAYS:
            continue
        if isinstance(value, int | float):
            found[name] = float(value)
        elif isinstance(value, tuple) and all(isinstance(one, int | float) for one in value):
            found |= {f"{name}[{place}]": float(one) for place, one in enumerate(value)}
    return found


def _with(factory: Factory, settings: dict[str, float]) -> Factory:
    """The reference with other settings."""

    def changed(parameters: Iterable[nn.Parameter]) -> Optimizer:
        built = factory(parameters)
        for group in built.param_groups:
            for setting, value in settings.items():
                name, _, place = setting.rstrip("]").partition("[")
                if place:
                    whole = list(group[name])
                    whole[int(place)] = value
                    group[name] = tuple(whole)
                else:
                    group[name] = bool(value) if isinstance(group[name], bool) else value
        return built

    return changed


def _updated(factory: Factory, before: list[Tensor], steps: list[list[Tensor]]) -> _Updated:
    parameters = [nn.Parameter(one.clone()) for one in before]
    sizes = [_size(one) for one in before]
    optimizer = factory(parameters)
    for gradients in steps:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
        sizes = [max(size, _size(one)) for size, one in zip(sizes, parameters, strict=True)]
    return _Updated([parameter.detach() for parameter in parameters], sizes)


def _size(numbers: Tensor) -> float:
    return float(numbers.detach().abs().max())
