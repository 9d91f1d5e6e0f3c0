"""From differences to causes: neighbouring steps that are missing are one cause, and so is one that stands elsewhere.

What follows from a cause is none: a layer that only takes what a resized layer before it gives.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.checks.alignment import Column, Difference, Kind, takes_another_size
from autograder.evidence.graphs import Graph
from autograder.evidence.labels import label
from autograder.wire.terms import DROPOUTS, LAYERS


@dataclass(frozen=True)
class Cause:
    """``difference`` is the one it is named after; ``columns`` are the places of the columns it takes up."""

    kind: Kind
    difference: Difference
    columns: tuple[int, ...]


def stretches(columns: Sequence[Column]) -> list[tuple[int, ...]]:
    """The places of the columns that differ, neighbours together where steps are missing or too many."""
    found: list[tuple[int, ...]] = []
    for place, column in enumerate(columns):
        if column.difference is None:
            continue
        together = found and found[-1][-1] == place - 1 and _is_gap(column) and _is_gap(columns[place - 1])
        if together:
            found[-1] = (*found[-1], place)
        else:
            found.append((place,))
    return found


def _is_gap(column: Column) -> bool:
    return column.difference is not None and column.difference.kind in ("missing", "extra")


def causes(
    expected: Graph, found: Graph, columns: Sequence[Column], mattering: Collection[tuple[int, ...]]
) -> list[Cause]:
    """Of the stretches that matter, what stands for itself, in order."""
    kept: list[Cause] = []
    resized = False
    for place, column in enumerate(columns):
        stretch = next((one for one in mattering if place in one), None)
        difference = column.difference
        if stretch is None or difference is None:
            resized = resized and not _weighs(column, expected, found)
            continue
        follows = resized and _only_takes_another_size(expected, found, difference)
        if stretch[0] == place and not follows:
            kept.append(_cause(expected, found, columns, stretch))
        resized = _gives_another_size(expected, found, difference) or (
            resized and not follows and not _weighs(column, expected, found)
        )
    return _moved(expected, found, columns, kept)


def _cause(expected: Graph, found: Graph, columns: Sequence[Column], stretch: tuple[int, ...]) -> Cause:
    """One cause for a stretch, named after a layer in it if there is one, else after its first step."""
    inside = [one for place in stretch if (one := columns[place].difference) is not None]
    named = next((one for one in inside if _is_layer(expected, found, one)), inside[0])
    kinds = {one.kind for one in inside}
    if kinds == {"missing", "extra"}:  # something else in the place of what was asked for
        return Cause("replaced", named, stretch)
    return Cause(named.kind, named, stretch)


def _moved(expected: Graph, found: Graph, columns: Sequence[Column], runs: list[Cause]) -> list[Cause]:
    """The causes, with a missing and an extra step that are the same made one that has moved."""
    kept = list(runs)
    for missing in [one for one in runs if one.kind == "missing" and len(one.columns) == 1]:
        wanted = _kind(expected, missing.difference.expected)
        extra = next(
            (
                one
                for one in kept
                if one.kind == "extra"
                and len(one.columns) == 1
                and _kind(found, one.difference.found) == wanted
            ),
            None,
        )
        if extra is not None:
            difference = Difference("moved", missing.difference.expected, extra.difference.found)
            kept[kept.index(missing)] = Cause("moved", difference, (*missing.columns, *extra.columns))
            kept.remove(extra)
    return kept


def _kind(graph: Graph, place: int | None) -> str:
    """What a step is; a dropout is the same wherever it is, whatever its p."""
    assert place is not None
    term = graph.operations[place].term
    return term if term in DROPOUTS else label(graph, place)


def _is_layer(expected: Graph, found: Graph, one: Difference) -> bool:
    graph, place = (found, one.found) if one.expected is None else (expected, one.expected)
    return place is not None and graph.operations[place].term in LAYERS


def _weighs(column: Column, expected: Graph, found: Graph) -> bool:
    """Whether the step has a weight, so that what it takes decides its sizes."""
    return bool(_weight(expected, column.expected) or _weight(found, column.found))


def _weight(graph: Graph, place: int | None) -> tuple[int, ...]:
    """The shape (out, in, …) of a step's weight; () for one that has none."""
    operand = None if place is None else graph.operations[place].operands.get("weight")
    return graph.shape(operand) if isinstance(operand, int) else ()


def _only_takes_another_size(expected: Graph, found: Graph, one: Difference) -> bool:
    if one.expected is None or one.found is None or one.settings != ("weight",):
        return False
    return takes_another_size(expected, found, expected.operations[one.expected], found.operations[one.found])


def _gives_another_size(expected: Graph, found: Graph, one: Difference) -> bool:
    wanted, given = _weight(expected, one.expected), _weight(found, one.found)
    return wanted[:1] != given[:1]
