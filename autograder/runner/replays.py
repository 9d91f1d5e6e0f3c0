"""Performing graphs that somebody claims, with numbers that were drawn elsewhere.

Done by a runner of its own, confined and thrown away: what is claimed may be anything, and some of torch's operations
crash on arguments that do not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.runner.cells import raised
from autograder.runner.modules import TORCH_DTYPES, numbers_for, pushed, under
from autograder.wire.messages import Claim, Computed, Operand, Pass, Passed, Performed, Replay
from autograder.wire.recording import INPUT
from autograder.wire.terms import CONSTANT, TERMS, Term


def replay(request: Replay) -> tuple[Computed, list[Tensor]]:
    """Every graph's outputs for every pass, graph by graph."""
    dtype = TORCH_DTYPES[request.dtype]
    parameters = {-1 - one.parameter: pushed(one, dtype) for one in request.push}
    passed: list[Passed] = []
    outputs: list[Tensor] = []
    generator = torch.get_rng_state()
    for claim in request.claims:
        for one in request.passes:
            try:
                found = _performed(claim, one, parameters, dtype)
            except Exception as problem:  # noqa: BLE001 - a claim may be anything
                passed.append(Passed(error=raised(problem)))
                continue
            outputs += found
            passed.append(Passed(outputs=len(found)))
    torch.set_rng_state(generator)
    return Computed(passes=tuple(passed)), outputs


def _performed(claim: Claim, one: Pass, parameters: Mapping[int, Tensor], dtype: torch.dtype) -> list[Tensor]:
    values: dict[int, Any] = {**parameters, INPUT: numbers_for(one.inputs, (), dtype)}
    following = INPUT + 1
    with under(one), torch.no_grad():
        for operation in claim.operations:
            output = _output(operation, values, dtype)
            for tensor in _flat(output) if len(operation.shapes) > 1 else [output]:
                values[following] = tensor
                following += 1
    return [values[value].detach() for value in claim.result]


def _output(operation: Performed, values: Mapping[int, Any], dtype: torch.dtype) -> Any:
    if operation.term == CONSTANT:
        return torch.full(operation.shapes[0], float(str(operation.settings["value"])), dtype=dtype)
    term = TERMS[operation.term]
    given: dict[str, Any] = dict(operation.settings)
    given |= {name: _taken(operand, values) for name, operand in operation.operands.items()}
    if "index" in given:
        given["index"] = index_of(given["index"])
    needed = [given.pop(name) for name in term.arguments if name not in term.defaults]
    return term.call(
        *needed, **{name: value for name, value in given.items() if _is_unusual(term, name, value)}
    )


def _is_unusual(term: Term, name: str, value: Any) -> bool:
    """False for a default that was written out: some functions do not take theirs."""
    return isinstance(value, Tensor) or value != term.defaults[name]


def _taken(operand: Operand, values: Mapping[int, Any]) -> Any:
    return tuple(values[value] for value in operand) if isinstance(operand, tuple) else values[operand]


def _flat(output: Any) -> list[Tensor]:
    if isinstance(output, Tensor):
        return [output]
    return [tensor for part in output for tensor in _flat(part)]


def index_of(written: str) -> tuple[Any, ...]:
    """The index that was written down as ``:, -1``."""
    return tuple(_part(part) for part in written.split(", "))


def _part(written: str) -> Any:
    if written in ("None", "..."):
        return None if written == "None" else ...
    if ":" not in written:
        return int(written)
    return slice(*(int(end) if end else None for end in written.split(":")))
