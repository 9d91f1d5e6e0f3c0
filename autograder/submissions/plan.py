"""What of a submission will be run, in which order, and which cells answer which question.

The student's code cells run as they stand. Given cells run with our source: altered ones are restored,
lost ones are put back, so that every answer starts from the given values. A question's block is its cell
up to the next question's given or answer cell; the names a question defines count only if its own block
binds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograder.course.assignment import Assignment, GivenCell, Question
from autograder.errors import UnreadableNotebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Reading, headline, read
from autograder.results import Remark
from autograder.submissions.location import Location, locate, shared_names

State = Literal["answered", "unchanged", "unbound", "absent"]


@dataclass(frozen=True)
class PlannedCell:
    """One cell to run. ``position`` is the student's, ``None`` for a given cell that was put back.

    ``given`` is the id of a given cell, ``question`` the one whose block the cell is in. ``binds`` is
    ``None`` for source that does not parse.
    """

    source: str
    position: int | None
    given: str | None
    question: str | None
    binds: frozenset[str] | None


@dataclass(frozen=True)
class Block:
    """A question's own cells, as indices into :attr:`Plan.cells`, and the student's code in them.

    ``lines``: a cell's number in the notebook → the line of ``source`` it begins at.

    ``answered``: binds one of its names, or does not parse, which running it will tell. ``unchanged``:
    as released but for comments and white space. ``unbound``: binds none. ``absent``: there is no cell.
    """

    cells: tuple[int, ...]
    state: State
    source: str
    lines: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    cells: tuple[PlannedCell, ...]
    blocks: dict[str, Block]  # every question's id, in the assignment's order
    remarks: tuple[Remark, ...]
    headlines: Mapping[int, str]  # a code cell's number in the notebook → how its code begins


def plan(assignment: Assignment, notebook: Notebook) -> Plan:
    """What to run of ``notebook``.

    Raises :class:`UnreadableNotebook` ``not_this_assignment`` (facts ``assignment`` and ``found``, what
    the notebook says it is or "") if it has none of the assignment's questions.
    """
    readings = {index: read(cell.source) for index, cell in enumerate(notebook.cells) if cell.kind == "code"}
    location = locate(assignment, notebook, readings)
    if not location.heads:
        found = notebook.assignment_hint or ""
        raise UnreadableNotebook("not_this_assignment", assignment=assignment.name, found=found)
    given = _Given(assignment, location, first_code=min(readings))
    cells, members = _cells(assignment, notebook, readings, location, given)
    blocks = {}
    for question in assignment.questions:
        own = {index: readings[at] for index, at in members.get(question.id, {}).items()}
        blocks[question.id] = _block(question, own, cells)
    remarks = [
        *given.remarks(notebook, readings),
        *_about_questions(assignment, notebook, location),
        *_elsewhere(assignment, cells, blocks),
    ]
    headlines = {notebook.cells[at].position: headline(notebook.cells[at].source) for at in readings}
    return Plan(cells, blocks, tuple(remarks), headlines)


class _Given:
    """Where each given cell runs: in its place, before another cell, or not at all."""

    def __init__(self, assignment: Assignment, location: Location, first_code: int) -> None:
        self.location = location
        self.cells = {cell.id: cell for cell in assignment.given}
        self.in_place: dict[int, GivenCell] = {}
        self.before: dict[int, list[GivenCell]] = {}  # index of a student's cell → given cells to put there
        for cell in assignment.given:
            if cell.question is None:
                self._place([cell], min(location.heads.values()), first_code)
        for question in assignment.questions:
            head = location.heads.get(question.id)
            self._place([self.cells[name] for name in question.given_cells], head, head)

    def _place(self, given: list[GivenCell], head: int | None, lost_go: int | None) -> None:
        """Let ``given`` run in its place if that is before ``head``, else before ``lost_go``.

        Without a head, what is there runs, and what is lost is not missed.
        """
        lost: dict[int, list[GivenCell]] = {}
        for cell in reversed(given):
            index = self.location.given.get(cell.id)
            if index is not None and (head is None or self._leads_to(index, head, cell.question)):
                self.in_place[index] = cell
                if head is not None:
                    head = lost_go = index
            elif lost_go is not None:
                lost.setdefault(lost_go, []).insert(0, cell)
        for target, cells in lost.items():
            self.before.setdefault(target, []).extend(cells)

    def _leads_to(self, index: int, head: int, question: str | None) -> bool:
        """Whether nothing of another question lies between: it might change what was given."""
        if question is None:
            return index < head
        others = [other for name, other in self.location.heads.items() if name != question]
        for name, other in self.location.given.items():
            if self.cells[name].question not in (question, None):
                others.append(other)
        return index < head and not any(index < other < head for other in others)

    def remarks(self, notebook: Notebook, readings: Mapping[int, Reading]) -> list[Remark]:
        put_back = {cell.id for cells in self.before.values() for cell in cells}
        remarks = []
        for cell in self.cells.values():
            index = self.location.given.get(cell.id)
            facts: dict[str, str | int | float] = {"grade_id": cell.id}
            if index is None:
                if cell.id in put_back:
                    remarks.append(Remark("given_cell_missing", facts, cell.question))
                continue
            facts["cell"] = notebook.cells[index].position
            if readings[index].fingerprint != cell.reading.fingerprint:
                remarks.append(Remark("given_cell_restored", facts, cell.question))
            if cell.id in put_back:
                remarks.append(Remark("given_cell_moved", facts, cell.question))
        return remarks


def _cells(
    assignment: Assignment,
    notebook: Notebook,
    readings: Mapping[int, Reading],
    location: Location,
    given: _Given,
) -> tuple[tuple[PlannedCell, ...], dict[str, dict[int, int]]]:
    """All cells to run, and each found question's block: index of such a cell → the notebook's index."""
    cells: list[PlannedCell] = []
    members: dict[str, dict[int, int]] = {}
    head_of = {index: name for name, index in location.heads.items()}
    defines = {question.id: frozenset(question.defines) for question in assignment.questions}
    replaced = set(location.given.values())
    current: str | None = None
    for index, reading in readings.items():
        cell = notebook.cells[index]
        cells += [_restored(lost, None) for lost in given.before.get(index, ())]
        if index in given.in_place:
            current = None
            cells.append(_restored(given.in_place[index], cell.position))
        if index in replaced:
            continue
        if index in head_of:
            current = head_of[index]
        elif (
            cell.grade_id in defines
            and cell.grade_id != current
            and (reading.binds is None or reading.binds & defines[cell.grade_id])
        ):
            current = None  # a copy of another question's cell that still answers it is no part of this one
        if current is not None:
            members.setdefault(current, {})[len(cells)] = index
        cells.append(PlannedCell(cell.source, cell.position, None, current, reading.binds))
    return tuple(cells), members


def _restored(cell: GivenCell, position: int | None) -> PlannedCell:
    return PlannedCell(cell.source, position, cell.id, None, cell.reading.binds)


def _block(question: Question, own: Mapping[int, Reading], cells: tuple[PlannedCell, ...]) -> Block:
    if not own:
        return Block((), "absent", "")
    sources = [cells[index].source for index in own]
    working = {
        source: reading for source, reading in zip(sources, own.values(), strict=True) if not reading.empty
    }
    state: State
    if _is_stub(question.stub_reading, working):
        state = "unchanged"
    elif any(reading.binds is None or reading.binds & set(question.defines) for reading in own.values()):
        state = "answered"
    else:
        state = "unbound"
    lines, begins = {}, 1
    for index, source in zip(own, sources, strict=True):
        lines[cells[index].position or 0] = begins
        begins += source.count("\n") + 2
    return Block(tuple(own), state, "\n\n".join(sources), lines)


def _is_stub(released: Reading, working: Mapping[str, Reading]) -> bool:
    """Whether ``working``, the sources that compute something, compute no more than the released cell."""
    if released.empty or not working:
        return released.empty and not working
    if all(reading.fingerprint == released.fingerprint for reading in working.values()):
        return True
    return read("\n".join(working)).fingerprint == released.fingerprint  # the released cell, split


def _about_questions(assignment: Assignment, notebook: Notebook, location: Location) -> list[Remark]:
    remarks = []
    for question in assignment.questions:
        index = location.heads.get(question.id)
        if index is None:
            remarks.append(Remark("question_missing", {"grade_id": question.id}, question.id))
            continue
        facts: dict[str, str | int | float] = {"cell": notebook.cells[index].position}
        if question.id in location.by_name:
            remarks.append(Remark("question_found_by_name", facts, question.id))
        if question.id in location.duplicated:
            copies = location.duplicated[question.id]
            remarks.append(Remark("question_duplicated", facts | {"copies": copies}, question.id))
    asked = [question.id for question in assignment.questions if question.id in location.heads]
    if (order := sorted(asked, key=location.heads.__getitem__)) != asked:
        remarks.append(Remark("question_order_changed", {"order": ", ".join(order)}))
    return remarks


def _elsewhere(
    assignment: Assignment, cells: tuple[PlannedCell, ...], blocks: Mapping[str, Block]
) -> list[Remark]:
    """Names that only one question defines, bound outside its block while the block binds none."""
    remarks = []
    shared = shared_names(assignment)
    for question in assignment.questions:
        if blocks[question.id].state == "answered":
            continue
        for cell in cells:
            if (
                cell.position
                and not cell.given
                and (cell.binds or frozenset()) & set(question.defines) - shared
            ):
                remarks.append(Remark("question_answered_elsewhere", {"cell": cell.position}, question.id))
                break
    return remarks
