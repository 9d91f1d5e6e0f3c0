"""Arguments and parentheses: what was called with what, and what was not called at all."""

from __future__ import annotations

import ast
import inspect

import torch
from torch import nn

from autograder.results import Finding
from autograder.slips.errors import Slip, rule
from autograder.slips.names import close_to

_LAYERS = frozenset(name for name in dir(nn) if isinstance(getattr(nn, name), type))
_OPTIMIZERS = frozenset(name for name in dir(torch.optim) if isinstance(getattr(torch.optim, name), type))


def called(function: ast.expr) -> str:
    """The last name of what is called: ``ReLU`` of ``torch.nn.ReLU``."""
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def built_with_values(call: ast.Call) -> bool:
    """Whether a layer or loss is being made of something else than settings written down in the call."""
    name = called(call.func)
    return name in _LAYERS and name not in _CONTAINERS and any(map(_is_value, call.args))


_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "Parameter", "DataParallel")


def _is_value(argument: ast.expr) -> bool:
    """A name, or what a call or an operation on names gives; not a number, a tuple of them, or arithmetic on them."""
    return not isinstance(argument, ast.Starred) and any(
        isinstance(node, ast.Name) for node in ast.walk(argument)
    )


def _ambiguous(slip: Slip) -> Finding | None:
    """Tensors where the settings belong: a loss or layer asks them whether they are true."""
    layers = {
        called(call.func)
        for call in slip.around.calls(slip.error.cell, slip.error.line)
        if built_with_values(call)
    }
    if len(layers) != 1:
        return None
    return Finding(code="layer_built_with_values", facts={"layer": layers.pop()})


def _too_many(slip: Slip) -> Finding | None:
    owner, method, takes, given = slip.text(1), slip.text(2), slip.number(3), slip.number(4)
    if owner in _LAYERS and method == "__init__" and slip.around.class_(owner) is None:
        made = [
            call
            for call in slip.around.calls(slip.error.cell, slip.error.line)
            if called(call.func) == owner and built_with_values(call)
        ]
        if made:
            return Finding(code="layer_built_with_values", facts={"layer": owner})
    facts: dict[str, str | int | float] = {
        "function": _function(owner, method),
        "takes": max(takes - 1, 0),
        "given": max(given - 1, 0),
    }
    return Finding(code="arguments_too_many", facts=facts)


def _without_dim(slip: Slip) -> Finding:
    return Finding(code="softmax_without_dim", facts={"function": slip.text()})


def _missing(slip: Slip) -> Finding:
    owner, method, missing = slip.text(1), slip.text(2), slip.text(3)
    if missing == "'self'":
        return Finding(code="class_without_parentheses", facts={"function": f"{owner}.{method}"})
    facts: dict[str, str | int | float] = {
        "function": _function(owner, method),
        "argument": missing.replace("'", ""),
    }
    return Finding(code="argument_missing", facts=facts)


def _unknown(slip: Slip) -> Finding:
    owner, method, argument = slip.text(1), slip.text(2), slip.text(3)
    function = _function(owner, method)
    kind = getattr(nn, owner, None) or getattr(torch.optim, owner, None)
    if method == "__init__" and isinstance(kind, type) and slip.around.class_(owner) is None:
        known = set(inspect.signature(kind).parameters)
        close = close_to(argument, known, cutoff=0.85)
        if close is not None:
            return Finding(
                code="argument_misspelt", facts={"function": function, "argument": argument, "close": close}
            )
    return Finding(code="argument_unknown", facts={"function": function, "argument": argument})


def _not_a_module(slip: Slip) -> Finding | None:
    module, _, name = slip.text().rpartition(".")
    if name in ("list", "tuple", "generator", "dict") and not module:
        return Finding(code="list_in_sequential", facts={"found": name})
    if module.startswith("torch.nn.modules."):
        return Finding(code="layer_without_parentheses", facts={"layer": name})
    if module.startswith("torch"):
        return Finding(code="function_in_sequential", facts={"function": name})
    own = slip.around.class_(name)
    if own is not None and own.bases:
        return Finding(code="layer_without_parentheses", facts={"layer": name})
    return None


def _not_a_tensor(slip: Slip) -> Finding | None:
    function, found = slip.text(1), slip.text(2)
    facts: dict[str, str | int | float] = {"function": function}
    if found == "tuple":
        return Finding(code="tuple_taken_for_tensor", facts=facts)
    if found == "NoneType":
        return Finding(code="none_taken_for_tensor", facts=facts)
    if found in _LAYERS or slip.around.class_(found) is not None:
        return Finding(code="layer_taken_for_tensor", facts=facts | {"layer": found})
    return None


def _tuple_attribute(slip: Slip) -> Finding:
    return Finding(code="tuple_taken_for_tensor", facts={"function": slip.text()})


def _uncalled(_: Slip) -> Finding:
    return Finding(code="method_not_called")


def _not_iterable(slip: Slip) -> Finding | None:
    """A model or layer where an optimizer wants parameters."""
    found = slip.text()
    calls = slip.around.calls(slip.error.cell, slip.error.line)
    optimizers = {called(call.func) for call in calls} & _OPTIMIZERS
    if len(optimizers) != 1 or (found not in _LAYERS and slip.around.class_(found) is None):
        own = [tree for tree in slip.around.cells.values() if f"class {found}" in tree]
        if len(optimizers) != 1 or not own:
            return None
    return Finding(code="optimizer_given_model", facts={"optimizer": optimizers.pop()})


def _no_parameters(_: Slip) -> Finding:
    return Finding(code="optimizer_without_parameters")


def _tensor_called(_: Slip) -> Finding:
    return Finding(code="tensor_called")


def _module_called(_: Slip) -> Finding:
    return Finding(code="package_called")


def _function(owner: str, method: str) -> str:
    """``Linear`` for its ``__init__`` and ``forward``, which one does not call by name."""
    return owner if method in ("__init__", "forward") else f"{owner}.{method}"


W = r"(\w{1,80})"
RULES = (
    rule("RuntimeError", r"Boolean value of Tensor with more than one value is ambiguous", _ambiguous),
    rule("TypeError", r"^softmax\(\): argument 'dim' \(position \d\) must be int, not Tensor", _ambiguous),
    rule(
        "TypeError",
        r"\b(log_softmax|softmax)\(\) missing 1 required positional arguments?: \"dim\"",
        _without_dim,
    ),
    rule(
        "TypeError",
        rf"(?:^|\.){W}\.{W}\(\) missing \d required positional arguments?: (.{{1,200}})",
        _missing,
    ),
    rule("TypeError", rf"(?:^|\.){W}\.{W}\(\) got an unexpected keyword argument '{W}'", _unknown),
    rule("TypeError", r"^([\w.<>]{1,120}) is not a Module subclass", _not_a_module),
    rule(
        "TypeError",
        rf"^{W}\(\): argument '(?:input|tensors?)' \(position 1\) must be Tensor, not {W}",
        _not_a_tensor,
    ),
    rule("AttributeError", rf"^'tuple' object has no attribute '{W}'", _tuple_attribute),
    rule(
        "TypeError",
        r"^'(?:method|builtin_function_or_method)' object is not (?:iterable|subscriptable)",
        _uncalled,
    ),
    rule("TypeError", rf"^'{W}' object is not iterable", _not_iterable),
    rule("ValueError", r"^optimizer got an empty parameter list", _no_parameters),
    rule("TypeError", r"^'Tensor' object is not callable", _tensor_called),
    rule("TypeError", r"^'module' object is not callable", _module_called),
    rule(
        "TypeError",
        rf"(?:^|\.){W}\.{W}\(\) takes (\d{{1,3}}) positional arguments? but (\d{{1,3}}) (?:was|were) given",
        _too_many,
    ),
)
