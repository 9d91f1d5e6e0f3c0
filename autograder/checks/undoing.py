"""A graph with one of its differences undone, to see whether that difference matters.

A difference here is a stretch of columns: what stands in the found graph there is taken out, and what stands in the
expected one put in its place. Where numbers for other weights would be needed it cannot be undone; such a difference
always matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.checks.alignment import Column
from autograder.evidence.graphs import Graph, taken_by, with_operands
from autograder.wire.messages import Operand, Performed
from autograder.wire.recording import INPUT


def undone(expected: Graph, found: Graph, columns: Sequence[Column], stretch: Sequence[int]) -> Graph | None:
    """``found`` with the columns of ``stretch`` as they are in ``expected``; None where that cannot be made."""
    if any(
        one.kind in ("rewired", "shared", "unshared")
        for place in stretch
        if (one := columns[place].difference)
    ):
        return None  # the steps are the same; what they take is not
    wanted = [place for one in stretch if (place := columns[one].expected) is not None]
    given = [place for one in stretch if (place := columns[one].found) is not None]
    if len(wanted) == len(given) == 1:
        return _as_expected(expected, found, wanted[0], given[0])
    entry = _entry(found, columns, stretch[0], given)
    if entry is None or not _is_stretch(found, given):
        return None
    start = given[0] if given else _behind(found, columns, stretch[0])
    leaving = found.first(given[-1]) if given else entry
    put = _put(expected, wanted, entry, found.first(start), _twins(expected, found, columns))
    if put is None:
        return None
    added, last = put
    behind = start + len(given)
    shift = len(added) - len(given)
    numbers = {old: old + shift for old in range(found.first(behind), found.first(len(found.operations)))}
    numbers[leaving] = last
    operations = (
        *found.operations[:start],
        *added,
        *(with_operands(one, numbers) for one in found.operations[behind:]),
    )
    result = tuple(numbers.get(old, old) for old in found.result)
    return Graph(operations, result, found.parameters, found.input_shape)


def _as_expected(expected: Graph, found: Graph, wanted: int, given: int) -> Graph | None:
    """The found operation with the expected one's term and settings; its weights are its own."""
    one, other = expected.operations[wanted], found.operations[given]
    if one.operands.keys() != other.operands.keys() or (
        one.term != other.term and one.operands.keys() != {"input"}
    ):
        return None
    if any(
        expected.shape(a) != found.shape(b)
        for a, b in zip(taken_by(one), taken_by(other), strict=False)
        if a < 0
    ):
        return None
    operations = list(found.operations)
    operations[given] = Performed(one.term, other.operands, one.settings, other.shapes)
    return Graph(tuple(operations), found.result, found.parameters, found.input_shape)


def _entry(found: Graph, columns: Sequence[Column], first: int, given: Sequence[int]) -> int | None:
    """The value that goes into the stretch."""
    if given:
        return next((value for value in taken_by(found.operations[given[0]]) if value >= 0), None)
    before = [column.found for column in columns[:first] if column.found is not None]
    if not before:
        return INPUT
    return found.first(before[-1]) if len(found.operations[before[-1]].shapes) == 1 else None


def _behind(found: Graph, columns: Sequence[Column], first: int) -> int:
    """The place behind the last operation before the stretch."""
    before = [column.found for column in columns[:first] if column.found is not None]
    return before[-1] + 1 if before else 0


def _is_stretch(found: Graph, given: Sequence[int]) -> bool:
    """Whether the operations follow each other, and nobody else takes what they make on the way."""
    if not given:
        return True
    if list(given) != list(range(given[0], given[-1] + 1)):
        return False
    if any(len(found.operations[place].shapes) != 1 for place in given):
        return False
    inner = {found.first(place) for place in given[:-1]}
    later = [value for one in found.operations[given[-1] + 1 :] for value in taken_by(one)]
    return not inner.intersection((*later, *found.result))


def _twins(expected: Graph, found: Graph, columns: Sequence[Column]) -> dict[int, int]:
    """The expected graph's values that the found one has as well, and their numbers there."""
    both = [
        (column.expected, column.found)
        for column in columns
        if column.expected is not None and column.found is not None
    ]
    return {INPUT: INPUT, **{expected.first(ours): found.first(theirs) for ours, theirs in both}}


def _put(
    expected: Graph, wanted: Sequence[int], entry: int, following: int, twins: Mapping[int, int]
) -> tuple[list[Performed], int] | None:
    """Operations of the expected graph on other values, numbered from ``following``; and their last value.

    They take the twins of what they take there, as a residual does that comes from further up; else the ``entry``.
    """
    if not wanted:
        return [], entry
    numbers = {ours: theirs for ours, theirs in twins.items() if theirs < following}
    added: list[Performed] = []
    for place in wanted:
        operation = expected.operations[place]
        operands: dict[str, Operand] = {}
        for name, operand in operation.operands.items():
            if not isinstance(operand, int) or operand < 0:
                return None
            operands[name] = numbers.get(operand, entry)
        if len(operation.shapes) != 1:
            return None
        added.append(Performed(operation.term, operands, operation.settings, operation.shapes))
        numbers[expected.first(place)] = following
        following += 1
    return added, following - 1
