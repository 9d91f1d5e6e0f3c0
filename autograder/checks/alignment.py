"""Two graphs side by side: which operation of the one is which of the other, and where they part.

Both are in normal form. Operations are aligned in order, as texts are compared: an operation that is the same costs
nothing, one with another setting little, a relative (another activation, another pooling) more, and one that is
missing or too many most. So one missing layer is one difference, and everything behind it stays aligned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.evidence.graphs import Graph, Shape, bare, taken_by, weights_of
from autograder.wire.messages import Performed, Setting
from autograder.wire.recording import INPUT
from autograder.wire.terms import ACTIVATIONS, DROPOUTS

Kind = Literal["missing", "extra", "changed", "other", "rewired", "shared", "unshared", "moved", "replaced"]
MAX_OPERATIONS = 300  # of a graph; comparing them takes the product of both
_GAP = 1.0
_NEVER = 10.0
_FAMILIES = (
    ACTIVATIONS,
    DROPOUTS,
    frozenset(("linear",)),
    frozenset(f"conv{n}d" for n in (1, 2, 3)),
    frozenset(
        f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_avg", "adaptive_max") for n in (1, 2, 3)
    ),
    frozenset(("lstm", "gru", "rnn_tanh", "rnn_relu")),
    frozenset(("batch_norm", "layer_norm", "group_norm", "instance_norm")),
    frozenset(("add", "sub", "mul", "div", "cat", "stack")),
)
_SUMS = frozenset(("add", "sub", "mul", "div"))
_UNSEEN = ("training", "momentum", "train", "dropout")  # of no account in a pass that is compared


@dataclass(frozen=True)
class Difference:
    """Where two graphs part. ``expected`` and ``found`` are places of operations; None: there is none.

    ``settings`` names what differs of a ``changed`` operation, its weights' shapes among it as ``weight``.
    """

    kind: Kind
    expected: int | None
    found: int | None
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of two rows: an operation of either graph, or of both."""

    expected: int | None
    found: int | None
    difference: Difference | None


def aligned(expected: Graph, found: Graph) -> list[Column]:
    """The two graphs' operations side by side; raises ValueError for graphs too long to compare."""
    ours, theirs = _shown(expected), _shown(found)
    if len(ours) > MAX_OPERATIONS or len(theirs) > MAX_OPERATIONS:
        raise ValueError("too long to compare")
    columns = [_column(expected, found, one, other) for one, other in _pairs(expected, found, ours, theirs)]
    return _shared(expected, found, _wired(expected, found, columns))


def _shown(graph: Graph) -> list[int]:
    """The places of the operations that work on the input: not constants, not what prepares a weight."""
    from_input: set[int] = {INPUT}
    value = INPUT + 1
    places: list[int] = []
    for place, operation in enumerate(graph.operations):
        gives = range(value, value + len(operation.shapes))
        if from_input.intersection(taken_by(operation)):
            places.append(place)
            from_input.update(gives)
        value = gives.stop
    return places


def _pairs(
    expected: Graph, found: Graph, ours: Sequence[int], theirs: Sequence[int]
) -> list[tuple[int | None, int | None]]:
    """The cheapest way to write the one as the other."""
    costs = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for row in range(len(ours) + 1):
        for column in range(len(theirs) + 1):
            if row == 0 or column == 0:
                costs[row][column] = _GAP * (row + column)
                continue
            both = _cost(expected, found, ours[row - 1], theirs[column - 1])
            costs[row][column] = min(
                costs[row - 1][column - 1] + both,
                costs[row - 1][column] + _GAP,
                costs[row][column - 1] + _GAP,
            )
    row, column = len(ours), len(theirs)
    backwards: list[tuple[int | None, int | None]] = []
    while row or column:  # of equal ways the one whose pairs stand furthest in front
        here = costs[row][column]
        if row and here == costs[row - 1][column] + _GAP:
            row -= 1
            backwards.append((ours[row], None))
        elif column and here == costs[row][column - 1] + _GAP:
            column -= 1
            backwards.append((None, theirs[column]))
        else:
            row, column = row - 1, column - 1
            backwards.append((ours[row], theirs[column]))
    return backwards[::-1]


def _cost(expected: Graph, found: Graph, ours: int, theirs: int) -> float:
    one, other = expected.operations[ours], found.operations[theirs]
    if one.term != other.term:
        return 1.1 if any(one.term in family and other.term in family for family in _FAMILIES) else _NEVER
    if one.term in _SUMS and one.operands.keys() != other.operands.keys():
        return _NEVER  # what is added to is another thing than two branches that meet
    differing = _settings_that_differ(expected, found, one, other)
    if differing == ("weight",) and takes_another_size(expected, found, one, other):
        return 0.3  # what follows from a layer in front of it that gives another size
    return 0.6 if differing else 0.0


def takes_another_size(expected: Graph, found: Graph, one: Performed, other: Performed) -> bool:
    """Whether two layers differ in what they take, and in nothing that they give."""
    wanted, given = _weight(expected, one), _weight(found, other)
    if len(wanted) == len(given) == 1:  # a norm's: one number for each feature
        return wanted != given
    return len(wanted) == len(given) and (*wanted[:1], *wanted[2:]) == (*given[:1], *given[2:])


def _weight(graph: Graph, operation: Performed) -> Shape:
    """The shape (out, in, …) of an operation's weight; () for one that has none."""
    operand = operation.operands.get("weight")
    return graph.shape(operand) if isinstance(operand, int) else ()


def _settings_that_differ(expected: Graph, found: Graph, one: Performed, other: Performed) -> tuple[str, ...]:
    names = dict.fromkeys((*one.settings, *other.settings))
    differing = [
        name
        for name in names
        if name not in _UNSEEN and not _equal(one.settings.get(name), other.settings.get(name))
    ]
    wanted = {role: bare(shape) for role, (_, shape) in weights_of(expected, one).items()}
    given = {role: bare(shape) for role, (_, shape) in weights_of(found, other).items()}
    if wanted.keys() != given.keys():
        differing += sorted(wanted.keys() ^ given.keys())
    elif wanted != given:
        differing.append("weight")
    return tuple(differing)


def _equal(one: Setting, other: Setting) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return isinstance(one, int | float) and isinstance(other, int | float) and abs(one - other) <= 1e-9
    return one == other


def _column(expected: Graph, found: Graph, ours: int | None, theirs: int | None) -> Column:
    if ours is None or theirs is None:
        kind: Kind = "missing" if theirs is None else "extra"
        return Column(ours, theirs, Difference(kind, ours, theirs))
    one, other = expected.operations[ours], found.operations[theirs]
    if one.term != other.term:
        return Column(ours, theirs, Difference("other", ours, theirs))
    if settings := _settings_that_differ(expected, found, one, other):
        return Column(ours, theirs, Difference("changed", ours, theirs, settings))
    return Column(ours, theirs, None)


def _wired(expected: Graph, found: Graph, columns: list[Column]) -> list[Column]:
    """The columns, with those marked whose operations are the same but take something else.

    What is missing or too many between two operations changes what the second one takes; that is told where it is, so
    values are followed back to what both graphs have.
    """
    both = [
        (one.expected, one.found) for one in columns if one.expected is not None and one.found is not None
    ]
    twins = dict(both)
    partners = {found: expected for expected, found in both}
    result: list[Column] = []
    for column in columns:
        if column.difference is None and column.expected is not None and column.found is not None:
            wanted = _sources(expected, column.expected, twins)
            given = [
                None if place is None else partners[place]
                for place in _sources(found, column.found, partners)
            ]
            if wanted != given and sorted(wanted, key=repr) != sorted(given, key=repr):
                difference = Difference("rewired", column.expected, column.found)
                column = Column(column.expected, column.found, difference)
        result.append(column)
    return result


def _sources(graph: Graph, place: int, partners: dict[int, int]) -> list[int | None]:
    """Where what an operation takes comes from: the nearest operations before it that have a partner."""
    shown = set(_shown(graph))
    found: list[int | None] = []
    for value in taken_by(graph.operations[place]):
        producer = graph.producer(value)
        if value < INPUT or (producer is not None and producer not in shown):
            continue  # a parameter, or what was made of one
        while producer is not None and producer not in partners:
            before = [taken for taken in taken_by(graph.operations[producer]) if taken >= INPUT]
            producer = graph.producer(before[0]) if before else None
        found.append(producer)
    return found


def _shared(expected: Graph, found: Graph, columns: list[Column]) -> list[Column]:
    """The columns, with those marked where one of the graphs uses a weight again and the other one of its own."""
    ours: dict[int, int] = {}
    theirs: dict[int, int] = {}
    result: list[Column] = []
    for column in columns:
        if column.difference is None and column.expected is not None and column.found is not None:
            wanted = weights_of(expected, expected.operations[column.expected])
            given = weights_of(found, found.operations[column.found])
            for role, (place, _) in wanted.items():
                other = given[role][0]
                known = ours.setdefault(place, other), theirs.setdefault(other, place)
                if known != (other, place):
                    kind: Kind = "unshared" if known[0] != other else "shared"
                    difference = Difference(kind, column.expected, column.found)
                    column = Column(column.expected, column.found, difference)
                    break
        result.append(column)
    return result
