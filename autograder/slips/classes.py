"""What a class of the student's lacks: ``forward``, ``self``, ``super().__init__()``, a name that ``__init__`` sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.evidence.surroundings import Surroundings
from autograder.results import Finding
from autograder.slips.errors import Slip, rule
from autograder.slips.names import close_to

_WEIGHTED = "Linear Conv1d Conv2d Conv3d LSTM GRU RNN BatchNorm1d BatchNorm2d LayerNorm Embedding".split()
_REGISTERING = ("setattr", "add_module", "register_module", "register_buffer", "register_parameter")
_UNREAD_CUTOFF = 0.6  # that a name is set and never used speaks for itself: ``fc1`` where ``f1`` is read
_FORWARD_CUTOFF = 0.75  # ``forword`` and ``foward`` are alike, ``backward`` is not


def without_return(around: Surroundings) -> Finding | None:
    """Said where the block's only ``forward`` returns nothing."""
    forwards = [
        method
        for node in around.nodes()
        if isinstance(node, ast.ClassDef)
        for method in _methods(node)
        if method.name == "forward"
    ]
    if len(forwards) != 1 or any(node.value is not None for node in _returns(forwards[0])):
        return None
    return Finding(code="forward_without_return")


def unseen_layers(around: Surroundings) -> Finding | None:
    """Layers that a class keeps in an ordinary list, or makes anew in ``forward``: no parameters of the model."""
    for node in around.nodes():
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"))], value=ast.List() | ast.Tuple() as kept
            ):
                if any(_has_parameters(call) for call in ast.walk(kept)):
                    return Finding(code="parameter_missing")
            case ast.FunctionDef(name="forward") if any(_has_parameters(call) for call in ast.walk(node)):
                return Finding(code="parameter_missing")
    return None


def _has_parameters(node: ast.AST) -> bool:
    """Whether a layer with weights is made here."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="nn"), attr=name)):
            return name in _WEIGHTED
        case _:
            return False


def _no_forward(slip: Slip) -> Finding:
    name = slip.text()
    found = slip.around.class_(name)
    methods = list(_methods(found)) if found is not None else []
    for method in methods:
        if any(isinstance(node, ast.FunctionDef) and node.name == "forward" for node in ast.walk(method)):
            return Finding(code="forward_nested", facts={"name": name, "method": method.name})
    if misspelt := close_to("forward", {method.name for method in methods}, _FORWARD_CUTOFF):
        return Finding(code="forward_misspelt", facts={"name": name, "method": misspelt})
    return Finding(code="forward_missing", facts={"name": name})


def _no_super(slip: Slip) -> Finding:
    return Finding(code="super_init_missing", facts={"what": slip.text()})


def _no_self(slip: Slip) -> Finding | None:
    """``name 'self' is not defined``: in a method whose first argument is called otherwise, or there is none."""
    function = slip.around.function_at(slip.error.cell, slip.error.line)
    if function is None:
        return None
    if not function.args.args:
        return Finding(code="self_missing", facts={"method": function.name})
    found = function.args.args[0].arg
    return Finding(code="self_misspelt", facts={"method": function.name, "argument": found})


def _too_many(slip: Slip) -> Finding | None:
    """One argument more than the method takes, which is the object itself."""
    owner, method, takes, given = slip.text(1), slip.text(2), slip.number(3), slip.number(4)
    found = slip.around.class_(owner)
    functions = [one for one in _methods(found) if one.name == method] if found is not None else []
    if not functions or given != takes + 1:
        return None
    arguments = functions[-1].args.args
    if method == "forward" and len(arguments) == 1 and arguments[0].arg == "self":
        return Finding(code="forward_takes_no_input", facts={"name": owner})
    if not arguments or arguments[0].arg != "self":
        return Finding(code="self_missing", facts={"method": method})
    return None


def _no_attribute(slip: Slip) -> Finding | None:
    owner, name = slip.text(1), slip.text(2)
    found = slip.around.class_(owner)
    if found is None:
        return None
    classes = [node for node in slip.around.nodes() if isinstance(node, ast.ClassDef)]
    written = {one for node in classes for one in _set(node)}
    if name in written:
        return _init_misspelt(found)
    unread = written - {one for node in classes for one in _read(node)}
    close = close_to(name, unread, _UNREAD_CUTOFF, shortest=1) or close_to(name, written)
    if close is not None:
        return Finding(code="attribute_misspelt", facts={"name": name, "close": close, "owner": owner})
    return Finding(code="attribute_never_set", facts={"name": name, "owner": owner})


def _init_misspelt(found: ast.ClassDef) -> Finding | None:
    """A method that looks like ``__init__`` and is not: Python never calls it."""
    methods = {method.name for method in _methods(found)}
    alike = [name for name in methods if name.strip("_") in ("init", "int", "inti", "initi")]
    if "__init__" in methods or len(alike) != 1:
        return None
    return Finding(code="init_misspelt", facts={"name": found.name, "method": alike[0]})


def _recursion(slip: Slip) -> Finding | None:
    """``forward`` that calls the model itself."""
    for node in slip.around.nodes():
        if isinstance(node, ast.FunctionDef) and node.name == "forward":
            for call in ast.walk(node):
                match call:
                    case ast.Call(func=ast.Name(id="self")):
                        return Finding(code="forward_calls_itself")
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr="forward")):
                        return Finding(code="forward_calls_itself")
    return None


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    return (one for one in node.body if isinstance(one, ast.FunctionDef))


def _returns(function: ast.FunctionDef) -> list[ast.Return | ast.Yield]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Return | ast.Yield)]


def _set(node: ast.ClassDef) -> Iterator[str]:
    """The names that the class gives its objects, or itself."""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(), attr=name, ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)) if called in _REGISTERING:
                yield from (
                    part.value
                    for part in one.args
                    if isinstance(part, ast.Constant) and type(part.value) is str
                )
            case ast.FunctionDef(name=name) if one in node.body:
                yield name
            case ast.Assign(targets=targets) if one in node.body:
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _read(node: ast.ClassDef) -> Iterator[str]:
    return (
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Load)
    )


RULES = (
    rule(
        "NotImplementedError",
        r'^Module \[(\w{1,80})\] is missing the required "forward" function',
        _no_forward,
    ),
    rule("AttributeError", r"^cannot assign (\w{1,20}) before Module\.__init__\(\) call", _no_super),
    rule("NameError", r"^name 'self' is not defined", _no_self),
    rule(
        "TypeError",
        r"(?:^|\.)(\w{1,80})\.(\w{1,80})\(\) takes (\d{1,3}) positional arguments? but (\d{1,3}) (?:was|were) given",
        _too_many,
    ),
    rule("AttributeError", r"^'(\w{1,80})' object has no attribute '(\w{1,80})'", _no_attribute),
    rule("RecursionError RuntimeError", "", _recursion),  # what comes round again may not fit the first layer
)
