"""A graph with one of its differences undone, to see whether that difference matters.

What a difference of weights has changed cannot be undone without numbers for other weights; such a difference always
matters.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checks.alignment import Column, Difference
from autograder.evidence.graphs import Graph, taken_by, with_operands
from autograder.wire.messages import Performed
from autograder.wire.recording import INPUT


def undone(expected: Graph, found: Graph, columns: Sequence[Column], difference: Difference) -> Graph | None:
    """``found`` without this difference to ``expected``; None where it cannot be made."""
    match difference.kind:
        case "extra":
            return _without(found, difference.found)
        case "missing":
            return _with(expected, found, columns, difference.expected)
        case "changed" | "other":
            return _as_expected(expected, found, difference)
        case _:
            return None


def _as_expected(expected: Graph, found: Graph, difference: Difference) -> Graph | None:
    assert difference.expected is not None
    assert difference.found is not None
    wanted, given = expected.operations[difference.expected], found.operations[difference.found]
    if wanted.operands.keys() != given.operands.keys() or "weight" in difference.settings:
        return None
    if wanted.term != given.term and wanted.operands.keys() != {"input"}:
        return None
    operations = list(found.operations)
    operations[difference.found] = Performed(wanted.term, given.operands, wanted.settings, given.shapes)
    return Graph(tuple(operations), found.result, found.parameters, found.input_shape)


def _without(found: Graph, place: int | None) -> Graph | None:
    """``found`` with the operation left out; who took its output takes its input."""
    assert place is not None
    operation = found.operations[place]
    taken = [value for value in taken_by(operation) if value >= 0]
    if len(operation.shapes) != 1 or not taken:
        return None
    gone, end = found.first(place), found.first(len(found.operations))
    numbers = {gone: taken[0], **{old: old - 1 for old in range(gone + 1, end)}}
    return _joined(found, found.operations[:place], (), found.operations[place + 1 :], numbers)


def _with(expected: Graph, found: Graph, columns: Sequence[Column], place: int | None) -> Graph | None:
    """``found`` with an operation of ``expected`` put behind the one that it stands behind there."""
    assert place is not None
    operation = expected.operations[place]
    before = -1
    for column in columns:
        if column.expected == place:
            break
        before = column.found if column.found is not None else before
    alone = before < 0 or len(found.operations[before].shapes) == 1
    if operation.operands.keys() != {"input"} or len(operation.shapes) != 1 or not alone:
        return None
    value = INPUT if before < 0 else found.first(before)
    added = Performed(operation.term, {"input": value}, operation.settings, (found.shape(value),))
    new, end = found.first(before + 1), found.first(len(found.operations))
    numbers = {value: new, **{old: old + 1 for old in range(new, end)}}
    return _joined(found, found.operations[: before + 1], (added,), found.operations[before + 1 :], numbers)


def _joined(
    graph: Graph,
    before: Sequence[Performed],
    added: Sequence[Performed],
    behind: Sequence[Performed],
    numbers: dict[int, int],
) -> Graph:
    """The parts as one graph; ``numbers``: old value → new one, for what stands behind."""
    operations = (*before, *added, *(with_operands(one, numbers) for one in behind))
    result = tuple(numbers.get(old, old) for old in graph.result)
    return Graph(operations, result, graph.parameters, graph.input_shape)
