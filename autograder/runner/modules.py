"""Forward passes of a student's module, after which the module is as it was.

A module's parameters are found in its own dictionaries, never through its methods, which a subclass may
override. Pushed weights replace a parameter's storage and leave the student's untouched, so restoring is a
matter of putting the old storage back; attributes, buffers and modes are restored as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn

from autograder.runner.cells import raised, text_of
from autograder.runner.lazy import Part, initialised, is_lazy
from autograder.wire.gradients import reached
from autograder.wire.messages import (
    DTYPES,
    Compute,
    Computed,
    Dtype,
    Numbers,
    ParameterFacts,
    Parameters,
    Pass,
    Passed,
    Push,
    Raised,
    Sent,
    Trace,
    Traced,
)
from autograder.wire.observers import WithoutDropout
from autograder.wire.recording import Recorder
from autograder.wire.tensors import MAX_ELEMENTS, draw, keep_columns

TORCH_DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
TRACED = "_actual_script_module"  # where a module that torch.jit.trace has made keeps what it is
_MAX_MODULES = 5_000
MAX_OUTPUTS = 16
SMALL_INPUT = 1 << 14  # numbers


def parameter_facts(module: object) -> Parameters:
    """Every registered parameter once, in order of registration."""
    return _facts(parameters_of(module), {})


def _called_once(
    module: nn.Module, parameters: Sequence[Tensor], call: Callable[[], object]
) -> AbstractContextManager[None]:
    """While inside, ``module`` has been called, if it has parameters without a size."""
    if not any(map(is_lazy, parameters)):
        return nullcontext()
    return initialised(list(_modules(module)), call)


def trace(module: nn.Module, request: Trace, sent: Sequence[Tensor]) -> Traced:
    """One pass on the module's own weights: what is done, which parameters are used, in which order."""
    parameters = parameters_of(module)
    inputs = numbers_for(request.inputs, sent, TORCH_DTYPES[request.dtype])
    tensors = [parameter for _, parameter in parameters]
    recorder = Recorder(inputs, tensors)
    compiled = any(_script_of(own) is not None for _, _, own in _modules(module))
    order: Mapping[int, int] = recorder.order
    error: Raised | None = None
    result: tuple[int, ...] = ()
    with _called_once(module, tensors, lambda: module.eval()(inputs.clone())):
        with restored(module):
            try:
                module.train(request.mode == "train")
                with unprepared(inputs), torch.set_grad_enabled(compiled), recorder:
                    output = module(inputs)
                if compiled:
                    order = _used(tensors, recorder.order, reached(_tensors(output), tensors))
                else:
                    result = recorder.result(output)[:MAX_OUTPUTS]
            except BaseException as problem:  # noqa: BLE001 - student code raises anything
                error = raised(problem)
        return Traced(
            parameters=_facts(parameters, order),
            operations=() if compiled else tuple(recorder.performed),
            result=result,
            error=error,
        )


def _used(tensors: Sequence[Tensor], seen: Mapping[int, int], learning: Collection[int]) -> dict[int, int]:
    """The order of use where part of a pass ran as TorchScript, which nobody can watch: that of registration.

    What requires no gradient is taken to be used, as it cannot be told.
    """
    unseen = [
        place
        for place, tensor in enumerate(tensors)
        if place not in seen and (place in learning or not tensor.requires_grad)
    ]
    return {place: number for number, place in enumerate([*sorted(seen, key=seen.__getitem__), *unseen])}


def compute(module: nn.Module, request: Compute, sent: Sequence[Tensor]) -> tuple[Computed, list[Tensor]]:
    """The passes that were asked for, each from the same restored state, and their outputs."""
    parameters = [parameter for _, parameter in parameters_of(module)]
    dtype = TORCH_DTYPES[request.dtype]
    passed: list[Passed] = []
    outputs: list[Tensor] = []
    replaced = [parameters[push.parameter] for push in request.push]

    def first_call() -> object:
        return module.eval()(numbers_for(request.passes[0].inputs, sent, dtype))

    with _called_once(module, parameters, first_call), restored(module, replaced) as kept:
        push_into(parameters, request.push, sent)
        for one in request.passes:
            with kept.again():
                push_into(parameters, one.push, sent)
                try:
                    output = _forward(module, one, numbers_for(one.inputs, sent, dtype))
                    tensors = _tensors(output)
                    learning = reached(tensors, parameters) if one.learning else ()
                except BaseException as problem:  # noqa: BLE001 - student code raises anything
                    passed.append(Passed(error=raised(problem)))
                    continue
            if tensors:
                outputs += [tensor.detach() for tensor in tensors]
                kind = "" if isinstance(output, Tensor) else text_of(type(output).__name__, 200)
                passed.append(Passed(outputs=len(tensors), not_a_tensor=kind, reached=learning))
            else:
                passed.append(Passed(not_a_tensor=text_of(type(output).__name__, 200)))
    return Computed(passes=tuple(passed)), outputs


def _tensors(output: object) -> list[Tensor]:
    """The tensors of an output in order, those of nested tuples and lists included; [] if it holds else."""
    if isinstance(output, Tensor):
        return [output] if output.numel() <= MAX_ELEMENTS else []
    if not isinstance(output, tuple | list) or len(output) > MAX_OUTPUTS:
        return []
    parts = [_tensors(part) for part in output]
    found = [tensor for part in parts for tensor in part]
    return found if all(parts) and len(found) <= MAX_OUTPUTS else []


def _forward(module: nn.Module, one: Pass, inputs: Tensor) -> Any:
    with unprepared(inputs):
        return _passed(module, one, inputs)


def _passed(module: nn.Module, one: Pass, inputs: Tensor) -> Any:
    if one.after is not None:
        module.train(True)
        with under(one):
            module(draw(one.after, inputs.dtype))
    module.train(one.mode == "train")
    with under(one):
        return module(inputs)


@contextmanager
def unprepared(inputs: Tensor) -> Iterator[None]:
    """While inside, oneDNN is left out if the inputs are small.

    It compiles a convolution or an LSTM for every new shape, which takes 1 ms and more: a small pass takes less
    without it. A large one takes two to five times as long.
    """
    before = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(before and inputs.numel() > SMALL_INPUT)
    try:
        yield
    finally:
        torch._C._set_mkldnn_enabled(before)


@contextmanager
def under(one: Pass) -> Iterator[None]:
    """While inside, torch's generator, gradients and dropouts are as the pass asks."""
    torch.default_generator.manual_seed(one.seed)  # torch.manual_seed also prepares for CUDA: 0.3 ms
    with torch.set_grad_enabled(one.gradients):
        if one.dropout == "live":
            yield
        else:
            with WithoutDropout():
                yield


def push_into(parameters: Sequence[Tensor], pushes: Sequence[Push], sent: Sequence[Tensor]) -> None:
    """Load numbers into parameters by exchanging their storage."""
    for push in pushes:
        parameter = parameters[push.parameter]
        parameter.data = pushed(push, parameter.dtype, sent).reshape(parameter.shape)  # (n,) to (1, n), say


def pushed(push: Push, dtype: torch.dtype, sent: Sequence[Tensor] = ()) -> Tensor:
    """The numbers as the parameter holds them."""
    numbers = numbers_for(push.numbers, sent, dtype)
    if push.columns is not None:
        numbers = keep_columns(numbers, push.columns)
    return numbers.t().contiguous() if push.transposed else numbers


def numbers_for(numbers: Numbers, sent: Sequence[Tensor], dtype: torch.dtype) -> Tensor:
    """The numbers themselves: drawn, or those that travelled; whole ones stay whole, as an embedding needs them."""
    if isinstance(numbers, Sent):
        travelled = sent[numbers.place]
        return travelled.to(dtype if travelled.is_floating_point() else travelled.dtype, copy=True)
    return draw(numbers, dtype)


def _modules(root: object) -> Iterator[Part]:
    """Every submodule with its prefix and own ``__dict__``, once each, the root first."""
    seen: set[int] = set()
    pending: list[tuple[str, object]] = [("", root)]
    while pending and len(seen) < _MAX_MODULES:
        prefix, module = pending.pop()
        if id(module) in seen or not isinstance(module, nn.Module):
            continue
        seen.add(id(module))
        own: dict[str, Any] = object.__getattribute__(module, "__dict__")
        yield prefix, module, own
        if TRACED in own:
            pending.append((prefix, own[TRACED]))
        children = own.get("_modules") or {}
        pending += [(f"{prefix}{name}.", child) for name, child in reversed(list(children.items()))]


def _script_of(own: Mapping[str, Any]) -> Any:
    """Where a TorchScript module keeps what is not Python's, its mode among it; None for any other module."""
    script = own.get("_c")
    return script if isinstance(script, torch._C.ScriptModule) else None


def parameters_of(module: object) -> list[tuple[str, Tensor]]:
    """(dotted name, parameter) as registered, each once; after them the buffers that hold real numbers."""
    found: dict[int, tuple[str, Tensor]] = {}
    modules = list(_modules(module))
    for kind in ("_parameters", "_buffers"):
        for prefix, _, own in modules:
            for name, tensor in (own.get(kind) or {}).items():
                if isinstance(tensor, Tensor) and (kind == "_parameters" or tensor.is_floating_point()):
                    found.setdefault(id(tensor), (f"{prefix}{name}", tensor))
    return list(found.values())[:2_000]


def _facts(parameters: Sequence[tuple[str, Tensor]], order: Mapping[int, int]) -> Parameters:
    """``order``: place → when it was first used."""
    return tuple(
        ParameterFacts(
            name=text_of(name, 200),
            shape=() if is_lazy(parameter) else tuple(parameter.shape),
            dtype="uninitialized" if is_lazy(parameter) else _dtype_name(parameter.dtype),
            buffer=not isinstance(parameter, nn.Parameter),
            frozen=isinstance(parameter, nn.Parameter) and not parameter.requires_grad,
            order=order.get(place, -1),
        )
        for place, (name, parameter) in enumerate(parameters)
    )


def _dtype_name(dtype: torch.dtype) -> Dtype:
    name = str(dtype).removeprefix("torch.")
    return cast(Dtype, name) if name in DTYPES else "other"


@contextmanager
def restored(module: nn.Module, replaced: Iterable[Tensor] = ()) -> Iterator[_Kept]:
    """Whatever happens inside, the module is afterwards as it was, and warnings are not heard.

    The parameters stand on copies of their numbers meanwhile, so that a forward which changes them in place does not
    change the student's; those ``replaced`` are given other numbers anyway. Lists, dictionaries and sets among a
    module's attributes get their entries back; what lies deeper is not looked at.
    """
    kept = _Kept(module)
    try:
        kept.stand_on_copies({id(tensor) for tensor in replaced})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield kept
    finally:
        kept.put_back()


class _Kept:
    """What a module and its submodules were: their containers' entries, their tensors' numbers and gradients."""

    def __init__(self, module: nn.Module) -> None:
        self._containers: list[tuple[Any, Any]] = []
        self._modes: list[tuple[Any, bool]] = []
        tensors: dict[int, Tensor] = {}
        for _, _, own in _modules(module):
            for container in (own, *(value for value in own.values() if type(value) in (dict, list, set))):
                self._containers.append((container, container.copy()))
            if (script := _script_of(own)) is not None and script.hasattr("training"):
                self._modes.append((script, script.getattr("training")))
            for held in (own.get("_parameters") or {}, own.get("_buffers") or {}):
                tensors |= {id(tensor): tensor for tensor in held.values() if isinstance(tensor, Tensor)}
        self._tensors = list(tensors.values())
        self._buffers = [tensor for tensor in self._tensors if not isinstance(tensor, nn.Parameter)]
        self._numbers = self._current()

    def stand_on_copies(self, replaced: Collection[int]) -> None:
        """Give every tensor a copy of its numbers, but for those with these ids."""
        for tensor in self._tensors:
            if id(tensor) not in replaced:
                tensor.data = tensor.data.clone()

    @contextmanager
    def again(self) -> Iterator[None]:
        """Afterwards everything is as it was, and the tensors have the numbers that they have now."""
        numbers = self._current()
        for tensor in self._buffers:
            tensor.data = tensor.data.clone()
        try:
            yield
        finally:
            self._put_back(numbers)

    def put_back(self) -> None:
        self._put_back(self._numbers)

    def _current(self) -> list[tuple[Tensor, Tensor, Tensor | None]]:
        return [(tensor, tensor.data, tensor.grad) for tensor in self._tensors]

    def _put_back(self, numbers: Sequence[tuple[Tensor, Tensor, Tensor | None]]) -> None:
        for container, before in self._containers:
            if container or before:
                container.clear()
                (container.extend if type(container) is list else container.update)(before)
        for script, mode in self._modes:
            script.setattr("training", mode)
        for tensor, data, gradient in numbers:
            tensor.data = data
            tensor.grad = gradient
