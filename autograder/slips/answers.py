"""Why an answer is missing, or of another type than asked for, as its source tells."""

from __future__ import annotations

import ast

from autograder.evidence.surroundings import Surroundings
from autograder.notebooks.source import bound_names
from autograder.results import Finding
from autograder.slips.calls import built_with_values, called
from autograder.slips.classes import unseen_layers, without_return
from autograder.slips.names import close_to


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
        case "parameters_differ":
            return unseen_layers(around)
        case "output_not_from_input" | "output_not_evaluated":
            return _of_another(name, str(finding.facts.get("module", "")), around)
        case "train_output_not_dropped":
            return _in_evaluation_mode(name, around)
    return None


def _missing(name: str, around: Surroundings) -> Finding | None:
    bound = {one for source in around.block for one in bound_names(source) or ()}
    spare = bound - around.asked  # what is asked for as well is no slip for this
    classes = {node.name for node in around.nodes() if isinstance(node, ast.ClassDef)}
    alike = spare - classes if name[:1].islower() else spare  # ``Model`` is no slip for ``model``
    if close := close_to(name, alike):
        return Finding(code="answer_misspelt", facts={"name": name, "close": close})
    used = {
        node.id for node in around.nodes() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    if len(classes) == 1 and name[:1].isupper() and not classes & around.asked:
        return Finding(code="answer_misspelt", facts={"name": name, "close": classes.pop()})
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
    if len(dropped) == 1 and name not in used and (call := _written(dropped[0])):
        return Finding(code="result_not_kept", facts={"name": name, "call": call})
    return None


def _written(call: ast.Call) -> str:
    """Its beginning; nothing of one that is nested deeper than anybody writes."""
    try:
        return ast.unparse(call)[:80]
    except RecursionError:
        return ""


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


def _of_another(name: str, module: str, around: Surroundings) -> Finding | None:
    """An output of the layer that had the name before, or of an input that the block makes itself."""
    lines = [line for tree in around.trees for line in tree.body]
    made = [place for place, line in enumerate(lines) if _binds(line, module)]
    computed = [place for place, line in enumerate(lines) if _binds(line, name)]
    if len(made) > 1 and computed and made[0] < computed[-1] < made[-1]:
        return Finding(code="layer_made_anew", facts={"name": name, "module": module})
    match _assigned(name, around):
        case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=argument)]) if called == module:
            if len(made) == 1 and any(_binds(line, argument) for line in lines):
                return Finding(code="input_of_its_own", facts={"name": name, "argument": argument})
    return None


def _in_evaluation_mode(name: str, around: Surroundings) -> Finding | None:
    """Said where the last switch before the output is ``eval()``."""
    switch = ""
    for line in (line for tree in around.trees for line in tree.body):
        if _binds(line, name):
            break
        match line:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(attr="train" | "eval" as called), args=[], keywords=[])
            ):
                switch = called
    return Finding(code="computed_in_evaluation_mode", facts={"name": name}) if switch == "eval" else None


def _binds(line: ast.stmt, name: str) -> bool:
    return isinstance(line, ast.Assign) and any(
        isinstance(node, ast.Name) and node.id == name for target in line.targets for node in ast.walk(target)
    )


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
