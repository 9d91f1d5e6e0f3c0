"""Why an answer is missing, or of another type than asked for, as its source tells."""

from __future__ import annotations

import ast

from autograder.evidence.surroundings import Surroundings
from autograder.results import Finding
from autograder.slips.calls import built_with_values, called
from autograder.slips.classes import without_return
from autograder.slips.names import close_to
from autograder.source import bound_names


def explanation(finding: Finding, around: Surroundings) -> Finding | None:
    """Why this was found, where the source leaves one explanation; a finding without a rule has none."""
    name, found = str(finding.facts.get("name", "")), finding.found or ""
    match finding.code:
        case "missing_name":
            return _missing(name, around)
        case "forward_returned_no_tensor" if found == "NoneType":
            return without_return(around)
        case "not_a_tensor" if found.startswith("nn."):
            return _layer_for_output(name, found, around)
        case "not_a_tensor" if found == "tuple":
            return _states(name, around)
        case "not_a_module" | "not_an_optimizer" | "not_a_tensor" if found.startswith("class "):
            return Finding(
                code="class_for_object", facts={"name": name, "class": found.removeprefix("class ")}
            )
        case "not_a_module" if found == "Tensor":
            return Finding(code="output_for_layer", facts={"name": name})
    return None


def _missing(name: str, around: Surroundings) -> Finding | None:
    bound = {one for source in around.block for one in bound_names(source) or ()}
    classes = {node.name for node in around.nodes() if isinstance(node, ast.ClassDef)}
    alike = (
        bound - classes if name[:1].islower() else bound
    )  # ``Model`` is no slip for ``model``, but its class
    if close := close_to(name, alike):
        return Finding(code="answer_misspelt", facts={"name": name, "close": close})
    used = {
        node.id for node in around.nodes() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    functions = {
        node.func.id
        for node in around.nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    if len(classes) == 1 and name not in classes and not classes & functions:
        return Finding(code="class_never_called", facts={"name": name, "class": classes.pop()})
    dropped = [
        call for call in _lone_calls(around) if isinstance(call.func, ast.Name) and call.func.id in bound
    ]
    if len(dropped) == 1 and name not in used:
        return Finding(code="result_not_kept", facts={"name": name, "call": ast.unparse(dropped[0])[:80]})
    return None


def _layer_for_output(name: str, layer: str, around: Surroundings) -> Finding | None:
    value = _assigned(name, around)
    if not isinstance(value, ast.Call) or called(value.func) != layer.removeprefix("nn."):
        return None
    if built_with_values(value):
        return Finding(code="layer_built_with_values", facts={"layer": layer.removeprefix("nn.")})
    return Finding(code="layer_for_output", facts={"name": name, "layer": layer})


def _states(name: str, around: Surroundings) -> Finding | None:
    """All that a recurrent layer gives, kept under one name."""
    recurrent = {
        target.id
        for node in around.nodes()
        if isinstance(node, ast.Assign) and _makes_recurrent(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    match _assigned(name, around):
        case ast.Call(func=ast.Name(id=called)) if called in recurrent:
            return Finding(code="states_with_output", facts={"name": name})
        case _:
            return None


def _makes_recurrent(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in ("LSTM", "GRU", "RNN")
        case _:
            return False


def _assigned(name: str, around: Surroundings) -> ast.expr | None:
    """What the block's last plain assignment to the name gives it."""
    values = [
        node.value
        for tree in around.trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return values[-1] if values else None


def _lone_calls(around: Surroundings) -> list[ast.Call]:
    """The calls in lines that assign nothing: ``layer(x)``, or ``print(layer(x).shape)``."""
    return [
        node
        for tree in around.trees
        for line in tree.body
        if isinstance(line, ast.Expr)
        for node in ast.walk(line)
        if isinstance(node, ast.Call)
    ]
