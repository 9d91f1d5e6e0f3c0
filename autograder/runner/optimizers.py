"""Steps of a student's optimizer, after which optimizer and module are as they were.

A learning rate scheduler changes its optimizer's rate as it goes, and keeps what it began with as ``initial_lr``. What
the optimizer was made with is what a question asks for, so that is what is told and stepped with. ``OneCycleLR`` and
``CyclicLR`` begin with a rate of their own and cycle the momentum as well: what was there before them is left in
``defaults`` alone, which knows nothing of groups with settings of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from autograder.runner.cells import raised, text_of
from autograder.runner.modules import numbers_for, parameters_of, restored
from autograder.wire.messages import Raised, Step, Stepped
from autograder.wire.tensors import draw

CYCLED = ("momentum", "betas")  # whichever the optimizer has


def settings(optimizer: object) -> dict[str, float]:
    """The numbers among the first group's settings; a tuple's (Adam's betas) by name and place."""
    own = object.__getattribute__(optimizer, "__dict__")
    groups = own.get("param_groups") or [{}]
    found: dict[str, float] = {}
    for name, value in _as_made(groups[0], own).items() if isinstance(groups[0], dict) else ():
        values = value if isinstance(value, tuple | list) else (value,)
        numbers = [float(one) for one in values if isinstance(one, int | float)]
        if name != "params" and len(numbers) == len(values) and len(found) + len(numbers) <= 64:
            plain = text_of(name, 150)
            found |= {
                plain if len(numbers) == 1 else f"{plain}[{place}]": one for place, one in enumerate(numbers)
            }
    return found


def _as_made(group: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The group's settings before a scheduler changed them; ``own`` are its optimizer's attributes."""
    made = dict(group)
    rate = made.pop("initial_lr", None)
    if rate is not None:
        made["lr"] = rate
    cycled = ("lr", *CYCLED) if "max_momentum" in made else ("lr",) if "max_lr" in made else ()
    written = own.get("defaults") or {}
    return made | {name: written[name] for name in cycled if name in made and name in written}


def step(optimizer: Optimizer, module: nn.Module, request: Step) -> tuple[Stepped, Sequence[Tensor]]:
    """The pushed parameters after the steps, from a state without history."""
    parameters = [parameter for _, parameter in parameters_of(module)]
    pushed = [parameters[push.parameter] for push in request.push]
    error: Raised | None = None
    after: list[Tensor] = []
    with restored(module, replaced=pushed), _without_history(optimizer, parameters):
        try:
            for (
                push
            ) in request.push:  # of the shape that was drawn, which may be a smaller one than the parameter's
                parameters[push.parameter].data = numbers_for(
                    push.numbers, (), parameters[push.parameter].dtype
                )
            for gradients in request.gradients:
                for parameter, gradient in zip(pushed, gradients, strict=True):
                    parameter.grad = draw(gradient, parameter.dtype)
                optimizer.step()
            after = [parameter.detach().clone() for parameter in pushed]
        except BaseException as problem:  # noqa: BLE001 - student code raises anything
            error = raised(problem)
    return Stepped(outputs=len(after), error=error), after


@contextmanager
def _without_history(optimizer: Optimizer, restored_elsewhere: Sequence[Tensor]) -> Iterator[None]:
    """The optimizer as newly built and not yet scheduled; afterwards state, settings and parameters are as before."""
    own: dict[str, Any] = object.__getattribute__(optimizer, "__dict__")
    before = dict(own)
    groups = [dict(group) for group in own["param_groups"]]
    known = {id(parameter) for parameter in restored_elsewhere}
    others = [
        (one, one.data, one.grad) for group in groups for one in group["params"] if id(one) not in known
    ]
    own["state"] = defaultdict(dict)
    for group in own["param_groups"]:
        group.update(_as_made(group, own))
    for tensor, data, _ in others:
        tensor.data = data.clone()
    try:
        yield
    finally:
        own.clear()
        own.update(before)
        for group, old in zip(own["param_groups"], groups, strict=False):
            group.clear()
            group.update(old)
        for tensor, data, gradient in others:
            tensor.data = data
            tensor.grad = gradient
