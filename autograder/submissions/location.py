"""Where a student's notebook has the cells that the assignment knows.

By grade_id where there is one. Where there is none (Colab and others drop the metadata, students delete
cells and write new ones), text and given cells that can be recognised are anchors, and the code cells
between them are assigned to the missing questions in the notebook's order, so that the names they bind
fit best: names alone would not do, since questions share them (``model``, ``output_tensor``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.course.assignment import Assignment, Question, normal_text
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Reading

Anchored = tuple[int, int]  # index of a student's cell, rank in the assignment


@dataclass(frozen=True)
class Location:
    """Indices into the notebook's cells. A cell is in one of the mappings at most."""

    heads: dict[str, int]  # question id → the first cell of its answer
    given: dict[str, int]  # given cell's id → its cell
    by_name: frozenset[str]  # questions that were found without their grade_id
    duplicated: dict[str, int]  # question id → how many cells carry it, if more than one


def locate(assignment: Assignment, notebook: Notebook, readings: Mapping[int, Reading]) -> Location:
    """Find the assignment's cells; ``readings`` holds one for each code cell's index. Never raises."""
    carriers: dict[str, list[int]] = {}
    for index in readings:
        if (grade_id := notebook.cells[index].grade_id) is not None:
            carriers.setdefault(grade_id, []).append(index)
    given = _given(assignment, readings, carriers)
    known = {question.id for question in assignment.questions} | {cell.id for cell in assignment.given}
    others = {index for name in known for index in carriers.get(name, ())}
    heads, duplicated = {}, {}
    for question in assignment.questions:
        if own := carriers.get(question.id):
            heads[question.id] = _head(question, own, readings, others)
            if len(own) > 1:
                duplicated[question.id] = len(own)
    taken = others | set(given.values())
    free = {index: reading for index, reading in readings.items() if index not in taken}
    guessed = _aligned(assignment, notebook, heads, given, free)
    return Location(heads | guessed, given, frozenset(guessed), duplicated)


def shared_names(assignment: Assignment) -> frozenset[str]:
    """The names that more than one question defines: binding one does not tell which is meant."""
    count = Counter(name for question in assignment.questions for name in question.defines)
    return frozenset(name for name, questions in count.items() if questions > 1)


def _given(
    assignment: Assignment, readings: Mapping[int, Reading], carriers: Mapping[str, list[int]]
) -> dict[str, int]:
    """By grade_id, an unaltered copy first; else the same source, in the notebook's order."""
    found: dict[str, int] = {}
    ours = {cell.id: cell.reading.fingerprint for cell in assignment.given}
    for cell in assignment.given:
        if own := carriers.get(cell.id):
            unaltered = [index for index in own if readings[index].fingerprint == ours[cell.id]]
            found[cell.id] = (unaltered or own)[0]
    taken = {index for name in carriers for index in carriers[name]}
    after = -1
    for cell in assignment.given:
        if cell.id not in found:
            same = (
                index
                for index, reading in readings.items()
                if index > after and index not in taken and reading.fingerprint == ours[cell.id]
            )
            if (index := next(same, None)) is not None:
                found[cell.id] = index
                taken.add(index)
        after = max(after, found.get(cell.id, after))
    return found


def _head(question: Question, own: Sequence[int], readings: Mapping[int, Reading], others: set[int]) -> int:
    """The first cell of the answer, where several cells carry the question's grade_id.

    A copied cell is a copy: the last that binds every name counts. A split one is split: its parts count
    together, from the first. Untouched copies never count.
    """
    if len(own) == 1:
        return own[0]
    stub = question.stub_reading.fingerprint
    worked = [index for index in own if readings[index].fingerprint != stub] or list(own)
    wanted = set(question.defines)
    bound = {index: len(wanted & (readings[index].binds or frozenset())) for index in worked}
    head = max(worked, key=lambda index: (bound[index], index))
    if bound[head] == len(wanted):
        return head
    strangers = others - set(own)
    for index in reversed([index for index in worked if index < head]):
        if any(index < other < head for other in strangers):
            break
        head = index
    return head


def _aligned(
    assignment: Assignment,
    notebook: Notebook,
    heads: Mapping[str, int],
    given: Mapping[str, int],
    free: Mapping[int, Reading],
) -> dict[str, int]:
    """Cells for the questions that have no head yet."""
    missing = [question for question in assignment.questions if question.id not in heads]
    if not missing or not free:
        return {}
    anchors = _in_order(_anchors(assignment, notebook, heads, given))
    shared = shared_names(assignment)
    rank = {question.id: number for number, question in enumerate(assignment.questions)}
    weights = [_weights(question, 2 * rank[question.id], anchors, free, shared) for question in missing]
    chosen = _assigned(weights)
    found = {missing[row].id: index for row, index in chosen.items()}
    certain = bool(heads) or any(rank >= 0 for _, rank in anchors)
    if not certain and all(
        not (free[found[question.id]].binds or frozenset()) & (set(question.defines) - shared)
        for question in missing
        if question.id in found
    ):
        return {}  # somebody's `model`: any notebook has one
    return found


def _anchors(
    assignment: Assignment, notebook: Notebook, heads: Mapping[str, int], given: Mapping[str, int]
) -> list[Anchored]:
    """Recognised cells. Rank 2k: what leads up to question k; 2k + 1: its answer; -1: the very start."""
    rank: dict[str | None, int] = {question.id: 2 * k for k, question in enumerate(assignment.questions)}
    anchors = [(index, rank[name] + 1) for name, index in heads.items()]
    owners = {cell.id: -1 if cell.question is None else rank[cell.question] for cell in assignment.given}
    anchors += [(index, owners[name]) for name, index in given.items()]
    rank[None] = 2 * len(assignment.questions)
    repeated = Counter(anchor.text for anchor in assignment.markdown)
    texts = {
        anchor.text: rank[anchor.question] for anchor in assignment.markdown if repeated[anchor.text] == 1
    }
    for index, cell in enumerate(notebook.cells):
        if cell.kind == "markdown" and (at := texts.pop(normal_text(cell.source), None)) is not None:
            anchors.append((index, at))
    return sorted(anchors)


def _in_order(anchors: Sequence[Anchored]) -> list[Anchored]:
    """The longest part of ``anchors`` whose ranks never fall: the rest was moved, and misleads."""
    longest: list[list[Anchored]] = []  # ending in each anchor
    for anchor in anchors:
        before = max((run for run in longest if run[-1][1] <= anchor[1]), key=len, default=[])
        longest.append([*before, anchor])
    return max(longest, key=len, default=[])


def _weights(
    question: Question,
    rank: int,
    anchors: Sequence[Anchored],
    free: Mapping[int, Reading],
    shared: frozenset[str],
) -> dict[int, int]:
    """How well each free cell would do as ``question``'s; cells that would not do at all are left out."""
    start = max((index for index, at in anchors if at <= rank), default=-1)
    end = min((index for index, at in anchors if at > rank and index > start), default=None)
    led_up_to = any(at == rank for _, at in anchors)
    wanted, weights, first = set(question.defines), {}, True
    for index, reading in free.items():
        bound = wanted & (reading.binds or frozenset())
        inside = index > start and (end is None or index < end)
        weight = 2 * len(bound & shared) + 4 * len(bound - shared)
        if inside and bound:
            weight += 3
        elif inside and led_up_to and first:
            weight = 1  # the cell right after the question's text, whatever is in it
        elif not inside and wanted - shared and not bound - shared:
            weight = 0
        first = first and not inside
        if weight:
            weights[index] = weight
    return weights


def _assigned(weights: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Row → column of the heaviest assignment in which columns rise with rows; the leftmost of equals."""
    columns = sorted({column for row in weights for column in row})
    best = [[0] * (len(columns) + 1)]
    for row in weights:
        above, now = best[-1], [0]
        for place, column in enumerate(columns, start=1):
            weight = row.get(column, 0)
            now.append(max(now[-1], above[place], above[place - 1] + weight if weight else 0))
        best.append(now)
    chosen, place = {}, len(columns)
    for number in range(len(weights) - 1, -1, -1):
        while place and best[number + 1][place] == best[number + 1][place - 1]:
            place -= 1
        if place and best[number + 1][place] != best[number][place]:
            place -= 1
            chosen[number] = columns[place]
    return chosen
