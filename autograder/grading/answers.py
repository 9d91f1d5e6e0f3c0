"""A submission's cells, run in order with a pause wherever a question's answer is complete.

An answer is complete after the first cell by which its block has bound all the names the question defines, else at the
block's end. While the run pauses, the answer can be asked; then the notebook goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, get_args

import msgspec

from autograder.course.assignment import Assignment, Question
from autograder.evidence.answer import Answer
from autograder.evidence.seeds import Seeds
from autograder.evidence.surroundings import Surroundings
from autograder.evidence.verdict import Verdict
from autograder.grading.execution import Execution
from autograder.grading.pause import Pause
from autograder.grading.ran import Ran
from autograder.results import CellError, Remark
from autograder.submissions.plan import Block, Plan, PlannedCell
from autograder.wire.frames import Frame
from autograder.wire.messages import Habit

MAX_QUESTION_OUTPUT = 20_000  # characters kept for the feedback page


@dataclass
class Progress:
    """How far a question's block has run, and what it left for the feedback page."""

    bound: frozenset[str] = frozenset()
    output: str = ""
    error: CellError | None = None
    trouble: Verdict | None = None
    seconds: float = 0.0

    def add(self, cell: PlannedCell, ran: Ran) -> None:
        self.seconds += ran.seconds
        if ran.trouble is None:
            self.bound |= cell.binds if cell.binds is not None else ran.assigned
        else:
            self.bound |= ran.assigned & (cell.binds or frozenset())
            self.trouble = self.trouble or ran.trouble
        if ran.error is not None and self.error is None:
            self.error = CellError(
                ran.error.cell or cell.position or 0, ran.error.name, ran.error.message, ran.error.line
            )
        self.output = (self.output + ran.output)[:MAX_QUESTION_OUTPUT]


class Answered(NamedTuple):
    """A complete answer, whom it asks, and how it came to be."""

    answer: Answer
    pause: Pause
    progress: Progress


def answers(
    assignment: Assignment,
    planned: Plan,
    execution: Execution,
    seeds: Seeds,
    givens: Mapping[str, Mapping[str, object]],
    remarks: list[Remark],
    ahead: Mapping[str, Sequence[bytes]] = MappingProxyType({}),
) -> Iterator[Answered]:
    """Each answered question when its answer is complete; what cells did on the way is added to ``remarks``.

    An answer can be asked until the next one is wanted. ``ahead``: by question, the requests that its checks are
    expected to make. They are sent behind the cell that may make the answer complete; if it does not, they are sent
    again behind the next one that may.
    """
    questions = {question.id: question for question in assignment.questions}
    open_ = {name: block for name, block in planned.blocks.items() if block.state == "answered"}
    last = max((block.cells[-1] for block in open_.values() if block.cells), default=-1)
    progress = {name: Progress() for name in open_}
    ran_to = -1
    told: list[tuple[bytes, Frame | Verdict]] = []  # of the question at whose cell the run pauses next
    for index, cell in enumerate(planned.cells[: last + 1]):
        if index > ran_to:
            bound = {name: progress[name].bound for name in open_}
            ran_to = _next_pause(planned.cells[: last + 1], index, open_, questions, bound)
            there = planned.cells[ran_to].question
            asked = ahead.get(there, ()) if there in open_ else ()
            told = [*zip(asked, execution.run_ahead(range(index, ran_to + 1), asked), strict=False)]
        ran = execution.run(index)
        remarks += _remarks_on(cell, ran)
        name = cell.question
        if name is None or name not in open_:
            continue
        progress[name].add(cell, ran)
        defines, block = frozenset(questions[name].defines), open_[name]
        if progress[name].bound >= defines or index == block.cells[-1]:
            del open_[name]
            pause = Pause(execution, told)
            answer = Answer(
                question=name,
                peer=pause,
                seeds=seeds.of(name),
                bound=progress[name].bound & defines,
                givens=givens[name],
                trouble=progress[name].trouble,
                _around=_surroundings(planned.cells, block, defines),
                defines=defines,
            )
            yield Answered(answer, pause, progress[name])
            pause.end()


def _next_pause(
    cells: Sequence[PlannedCell],
    index: int,
    open_: Mapping[str, Block],
    questions: Mapping[str, Question],
    bound: Mapping[str, frozenset[str]],
) -> int:
    """The first cell from ``index`` on after which an answer may be complete, as far as sources tell; else the last.

    It is never later than that: a cell that goes wrong binds less, and one that cannot be read may bind anything.
    """
    so_far = dict(bound)
    for place in range(index, len(cells)):
        cell = cells[place]
        if cell.binds is None:
            return place
        if (name := cell.question) is not None and name in open_:
            so_far[name] |= cell.binds
            if so_far[name] >= frozenset(questions[name].defines) or place == open_[name].cells[-1]:
                return place
    return len(cells) - 1


def _surroundings(cells: Sequence[PlannedCell], block: Block, asked: frozenset[str]) -> Surroundings:
    binds: dict[int, frozenset[str]] = {}
    for cell in cells:
        position = cell.position or 0
        binds[position] = binds.get(position, frozenset()) | (cell.binds or frozenset())
    return Surroundings(
        block=tuple(cells[place].source for place in block.cells),
        cells={cell.position: cell.source for cell in cells if cell.position is not None},
        binds=binds,
        asked=asked,
    )


def _remarks_on(cell: PlannedCell, ran: Ran) -> list[Remark]:
    place: dict[str, str | int | float] = {"cell": cell.position or 0}
    remarks = []
    if ran.skipped_commands:
        remarks.append(Remark(code="shell_command_skipped", facts=place, question=cell.question))
    remarks += [
        Remark(code=habit, facts=place, question=cell.question) for habit in get_args(Habit) if habit in ran.habits
    ]
    if ran.error is not None and (absent := _ABSENT.match(ran.error.message)):
        facts = place | {"package": absent[1]}
        remarks.append(Remark(code="package_missing", facts=facts, question=cell.question))
    late = [one for one in (ran.trouble.findings if ran.trouble else ()) if one.code == "cell_timeout"]
    if late:
        facts = place | {"seconds": late[0].facts["seconds"]}
        remarks.append(Remark(code="cell_stopped", facts=facts, question=cell.question))
    if ran.refused is not None:
        remarks.append(msgspec.structs.replace(ran.refused, question=cell.question))
    if ran.truncated:
        remarks.append(Remark(code="output_truncated", facts=place, question=cell.question))
    return remarks


_ABSENT = re.compile(r"No module named '([^'.]{1,80})")  # Python's own words
