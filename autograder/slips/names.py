"""Names that do not exist, and those that are close to them."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Collection

import torch
from torch import nn, optim
from torch.nn import functional

from autograder.results import Finding
from autograder.slips.errors import Slip, rule

# What notebooks call packages by; where such a name is bound nowhere, its import is missing.
PACKAGES = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "np": "numpy",
    "numpy": "numpy",
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "math": "math",
    "random": "random",
    "os": "os",
    "OrderedDict": "collections",
    "DataLoader": "torch.utils.data",
}
_MODULES = {"torch": torch, "torch.nn": nn, "torch.nn.functional": functional, "torch.optim": optim}


def close_to(name: str, names: Collection[str], cutoff: float = 0.8, shortest: int = 3) -> str | None:
    """The one of ``names`` that differs from ``name`` in capitals only, else the one that is alike; or None.

    Names that differ in a number (``fc1``, ``fc2``) are two names and no slip; one shorter than ``shortest`` is
    alike to too many.
    """
    others = [other for other in names if other != name]
    same = [other for other in others if other.lower() == name.lower()]
    if same:
        return same[0] if len(same) == 1 else None
    if len(name) < shortest:
        return None
    candidates = [other for other in others if _letters(other) != _letters(name)]
    alike = difflib.get_close_matches(name, candidates, n=2, cutoff=cutoff)
    return alike[0] if len(alike) == 1 else None


def bound_in(function: ast.FunctionDef) -> set[str]:
    """A function's arguments and the names that it assigns."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return stored | {argument.arg for argument in arguments}


def _unknown(slip: Slip) -> Finding | None:
    name, error, around = slip.text(), slip.error, slip.around
    if not error.cell:
        return None
    bound_at = [cell for cell, names in around.binds.items() if name in names]
    if later := [cell for cell in bound_at if cell > error.cell]:
        if min(bound_at) > error.cell:
            return Finding(code="name_defined_later", facts={"name": name, "later": min(later)})
        return None
    if bound_at:
        return None  # bound before, and lost again: a cell failed, or the line comes first in its own
    if name in PACKAGES:
        return Finding(code="import_missing", facts={"name": name, "package": PACKAGES[name]})
    known = {one for cell, names in around.binds.items() if cell <= error.cell for one in names}
    function = around.function_at(error.cell, error.line)
    known |= bound_in(function) if function else set()
    close = close_to(name, known | set(dir(builtins)))
    if close is not None:
        return Finding(code="name_misspelt", facts={"name": name, "close": close})
    return Finding(code="name_never_defined", facts={"name": name})


def _in_torch(slip: Slip) -> Finding | None:
    module, name = slip.text(1), slip.text(2)
    if module not in _MODULES:
        return None
    public = [one for one in dir(_MODULES[module]) if not one.startswith("_")]
    close = close_to(name, public)
    if close is None:
        return None
    return Finding(code="torch_name_misspelt", facts={"module": module, "name": name, "close": close})


def _of_tensor(slip: Slip) -> Finding | None:
    name = slip.text()
    close = close_to(name, [one for one in dir(torch.Tensor) if not one.startswith("_")])
    if close is None:
        return None
    return Finding(code="torch_name_misspelt", facts={"module": "Tensor", "name": name, "close": close})


def _letters(name: str) -> str:
    return "".join(letter for letter in name if not letter.isdigit())


RULES = (
    rule("NameError", r"^name '(\w{1,80})' is not defined", _unknown),
    rule("AttributeError", r"^module '([\w.]{1,40})' has no attribute '(\w{1,80})'", _in_torch),
    rule("AttributeError", r"^'Tensor' object has no attribute '(\w{1,80})'", _of_tensor),
)
