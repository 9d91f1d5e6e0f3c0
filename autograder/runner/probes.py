"""Answers questions about the objects that a notebook's cells left behind.

Every answer is this process's own word. The other end checks what matters by behaviour, on weights and
inputs of its choosing; nothing here needs to be believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from autograder.runner import modules, optimizers, replays
from autograder.runner.cells import text_of
from autograder.wire.messages import (
    Compute,
    Fetch,
    Fetched,
    Look,
    Raised,
    Replay,
    Reply,
    Request,
    Seen,
    Sent,
    Step,
    TensorFacts,
    Trace,
)
from autograder.wire.tensors import MAX_DIMENSIONS, obstacle

_mro = type.__dict__["__mro__"].__get__
_qualname = type.__dict__["__qualname__"].__get__


def sent_tensors(request: Request) -> int:
    """How many tensors a request's blob must hold."""
    match request:
        case Trace(inputs=inputs):
            return int(isinstance(inputs, Sent))
        case Compute(push=push, passes=passes):
            numbers = [item.numbers for item in push]
            for one in passes:
                numbers += [one.inputs, *(item.numbers for item in one.push)]
            return max((item.place + 1 for item in numbers if isinstance(item, Sent)), default=0)
        case _:
            return 0


def answer(
    namespace: Mapping[str, object], request: Request, sent: Sequence[Tensor]
) -> tuple[Reply, Sequence[Tensor]]:
    """The reply to a probe, and the tensors that travel with it."""
    match request:
        case Look(name=name):
            return _seen(namespace, name), ()
        case Fetch(name=name):
            return _fetched(namespace.get(name))
        case Trace(name=name):
            return modules.trace(_module(namespace, name), request, sent), ()
        case Compute(name=name):
            return modules.compute(_module(namespace, name), request, sent)
        case Replay():
            return replays.replay(request)
        case Step(name=name, module=module):
            optimizer = namespace.get(name)
            if not is_a(optimizer, torch.optim.Optimizer):
                raise TypeError(f"{name} is not an optimizer")
            return optimizers.step(optimizer, _module(namespace, module), request)  # type: ignore[arg-type]
        case _:
            raise TypeError(type(request).__name__)


def _module(namespace: Mapping[str, object], name: str) -> nn.Module:
    module = namespace.get(name)
    if not is_a(module, nn.Module):
        raise TypeError(f"{name} is not a module")
    return module  # type: ignore[return-value]  # is_a looks at the true type, which mypy cannot follow


def is_a(value: object, kind: type) -> bool:
    """``isinstance`` by the true type alone: ``__class__`` and ``__instancecheck__`` have no say."""
    return kind in _mro(type(value))


def _seen(namespace: Mapping[str, object], name: str) -> Seen:
    if name not in namespace:
        return Seen(kind="missing")
    value = namespace[name]
    classes = _names(type(value))
    if is_a(value, nn.Module):
        return Seen(kind="module", classes=classes, parameters=modules.parameter_facts(value))
    if is_a(value, Tensor):
        return Seen(kind="tensor", classes=classes, tensor=_facts(value))
    if is_a(value, torch.optim.Optimizer):
        return Seen(kind="optimizer", classes=classes, settings=optimizers.settings(value))
    if is_a(value, type):
        return Seen(kind="class", classes=_names(value))
    return Seen(kind="other", classes=classes)


def _names(kind: object) -> tuple[str, ...]:
    return tuple(_class_name(cls) for cls in _mro(kind)[:64])


def _class_name(cls: type) -> str:
    """``module.qualname`` by the true type's own means: a metaclass may lie, or raise."""
    module, name = type.__dict__["__dict__"].__get__(cls).get("__module__", ""), _qualname(cls)
    return f"{text_of(module, 100)}.{text_of(name, 99)}"


def _facts(value: object) -> TensorFacts:
    tensor = plain(value)
    shape = tuple(tensor.shape)
    fits = len(shape) <= MAX_DIMENSIONS and all(size <= 1 << 24 for size in shape)
    return TensorFacts(
        shape=shape if fits else (),
        dtype=str(tensor.dtype).removeprefix("torch."),
        layout=str(tensor.layout).removeprefix("torch.")
        if tensor.device.type == "cpu"
        else tensor.device.type,
    )


def _fetched(value: object) -> tuple[Reply, Sequence[Tensor]]:
    if not is_a(value, Tensor):
        return Raised(name="TypeError", message="not a tensor"), ()
    facts = _facts(value)
    tensor = plain(value).detach()
    if problem := obstacle(tensor):
        return Fetched(facts=facts, problem=problem), ()
    return Fetched(facts=facts), (tensor,)


def plain(value: object) -> Tensor:
    """The same numbers as torch's own kind of tensor, whatever subclass they came as."""
    if type(value) is Tensor:
        return value  # a sparse one cannot be taken as anything
    with torch._C.DisableTorchFunctionSubclass():
        return torch.Tensor.as_subclass(value, torch.Tensor)  # type: ignore[arg-type]
