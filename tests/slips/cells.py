"""Student cells, run in this process; their errors as findings, as grading makes them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from textwrap import dedent

from autograder.evidence.surroundings import Surroundings
from autograder.notebooks.source import bound_names
from autograder.results import Finding
from autograder.runner.cells import raised
from autograder.slips import explained

IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
CELL = 4  # the position of the cell that is looked at


def around(source: str, others: Mapping[int, str] | None = None, *asked: str) -> Surroundings:
    """The cell between others, given by their positions, below an import; ``asked``: the question's names."""
    cells = {1: IMPORTS, CELL: source} | dict(others or {})
    binds = {position: bound_names(cell) or frozenset() for position, cell in cells.items()}
    return Surroundings((source,), cells, binds, frozenset(asked))


def error_of(source: str, call: str = "") -> Finding:
    """What the cell raises; with ``call``, what that expression raises after the cell has run."""
    names: dict[str, object] = {}
    exec(IMPORTS, names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, f"<cell {CELL}>", "exec"), names)
            if call:
                eval(call, names)
    except Exception as error:  # noqa: BLE001 - student code raises anything
        told = raised(error)
    else:
        raise AssertionError("nothing was raised")
    facts: dict[str, str | int | float] = {"message": told.message, "cell": told.cell, "line": told.line}
    if call:
        return Finding("forward_raised", facts=facts | {"name": "model", "error": told.name, "batch": 2})
    return Finding("cell_raised", facts=facts | {"name": told.name})


def reason(source: str, call: str = "", others: Mapping[int, str] | None = None) -> Finding | None:
    """The explanation of what the cell, or a call after it, raises."""
    source = dedent(source).strip("\n")
    finding = error_of(source, call)
    first, *rest = explained([finding], around(source, others))
    assert first == finding, "the raw error stays"
    assert len(rest) <= 1
    return rest[0] if rest else None
