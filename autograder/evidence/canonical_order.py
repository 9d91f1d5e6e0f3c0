"""One order for a graph's operations: that in which their results are needed, whatever order a program ran them in."""

from __future__ import annotations

import zlib

from autograder.evidence.graphs import Graph, taken_by, weights_of, with_operands
from autograder.wire.messages import Operand, Performed
from autograder.wire.recording import INPUT

COMMUTATIVE = frozenset(("add", "mul", "maximum", "minimum"))


def in_order(graph: Graph) -> Graph:
    """Operations in the order in which their results are needed.

    Where either way into a sum would do, the longer one comes first, and among equals one chosen by what it does.
    """
    starts, ways = _ways(graph)
    order: list[int] = []
    numbers: dict[int, int] = {}
    following = INPUT + 1
    pending: list[tuple[int, bool]] = [(value, False) for value in reversed(graph.result)]
    done: set[int] = set()
    while pending:
        value, ready = pending.pop()
        place = graph.producer(value)
        if place is None or place in done:
            continue
        operation = graph.operations[place]
        taken = list(taken_by(operation))
        if not ready:
            if operation.term in COMMUTATIVE:
                taken.sort(key=lambda one: ways.get(one, (0, 0)), reverse=True)
            pending.append((value, True))
            pending += [(one, False) for one in reversed(taken)]
            continue
        done.add(place)
        order.append(place)
        for offset in range(len(operation.shapes)):
            numbers[starts[place] + offset] = following
            following += 1
    operations = tuple(
        with_operands(_longer_first(graph.operations[place], ways), numbers) for place in order
    )
    result = tuple(numbers.get(value, value) for value in graph.result)
    return Graph(operations, result, graph.parameters, graph.input_shape)


def _longer_first(operation: Performed, ways: dict[int, tuple[int, int]]) -> Performed:
    """A sum's terms in the order of :func:`in_order`."""
    first, second = (operation.operands.get(name) for name in ("input", "other"))
    alone = operation.settings.get("alpha", 1) == 1
    if (
        operation.term not in COMMUTATIVE
        or not alone
        or not isinstance(first, int)
        or not isinstance(second, int)
    ):
        return operation
    if ways.get(first, (0, 0)) < ways.get(second, (0, 0)):
        operands: dict[str, Operand] = {"input": second, "other": first}
        return Performed(operation.term, operands, operation.settings, operation.shapes)
    return operation


def _ways(graph: Graph) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Each operation's first value; and value → (how many operations lead to it, a number that says which)."""
    starts: list[int] = []
    ways: dict[int, tuple[int, int]] = {}
    first = INPUT + 1
    for operation in graph.operations:
        starts.append(first)
        before = [ways.get(value, (0, value if value >= 0 else 0)) for value in taken_by(operation)]
        if operation.term in COMMUTATIVE:
            before.sort(reverse=True)
        weights = [(role, shape) for role, (_, shape) in weights_of(graph, operation).items()]
        told = (operation.term, sorted(operation.settings.items()), weights, before)
        number = zlib.crc32(repr(told).encode("utf-8", "surrogatepass"))
        depth = 1 + max((depth for depth, _ in before), default=0)
        for offset in range(len(operation.shapes)):
            ways[first] = (depth, number + offset)
            first += 1
    return starts, ways
