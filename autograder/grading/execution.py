"""A submission's cells in a runner, and questions about what they left behind.

Cells that follow each other are sent together, and behind them what is known beforehand to be asked then: each still
has its own reply and its own time.

A cell that runs past its limit is interrupted. If it does not obey it is killed, and the submission starts once more
in a fresh runner, with that cell left out and the same seed. A cell that ends the process ends the submission: it is
not run again. A student's cell can so cost its own question, and at worst the later ones, never an earlier one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from torch import Tensor

from autograder.course.config import Limits
from autograder.errors import SandboxError
from autograder.evidence.proxies import ran_out_of_memory
from autograder.evidence.verdict import Verdict
from autograder.grading.ran import Ran, limit_met
from autograder.results import Finding, Outcome
from autograder.sandbox.contract import (
    Answer,
    Died,
    Exit,
    Heard,
    Overran,
    Runner,
    RunnerLost,
    Slot,
    Spoke,
    decoded,
    packed,
)
from autograder.submissions.plan import PlannedCell
from autograder.wire.frames import Frame
from autograder.wire.messages import (
    CellRan,
    Computed,
    Raised,
    Replay,
    Request,
    RunCell,
)

MAX_STARTS = 8
AFRESH_SECONDS = 2.0
MOST_BYTES_AHEAD = 16 << 20  # of replies to one question's checks that they have not asked for yet
_SIGKILL, _SIGXCPU = 9, 24  # Linux's numbers: where students check their own work they may have no name


class Execution:
    """Runs the cells of one submission in order, and answers probes in between."""

    def __init__(self, slot: Slot, cells: Sequence[PlannedCell], limits: Limits, seed: int) -> None:
        self._slot = slot
        self._cells = cells
        self._limits = limits
        self._seed = seed
        self._deadline = time.monotonic() + limits.submission_seconds
        self._left_out: set[int] = set()
        self._done: list[int] = []
        self._ran: dict[int, Ran] = {}  # cells that ran ahead, and what became of them
        self._asks_ahead = True
        self._starts = 0
        self._output_bytes = limits.output_kib * 1024
        self._runner: Runner | None = None
        self._ended: Verdict | None = None  # once set, nothing more runs
        self.layers: frozenset[str] = frozenset()
        self.exits: list[Exit] = []
        self.seconds: dict[str, float] = {"fork": 0.0, "cells": 0.0, "probes": 0.0}

    def run_ahead(self, indices: Sequence[int], asked: Sequence[bytes] = ()) -> list[Frame | Verdict]:
        """Run these cells of the plan, one after the other, and ask these packed requests: all of it sent together.

        :meth:`run` then says what became of each cell. Those after one that was late or cost the runner are left for
        then. What is returned are the replies to the requests, as far as all goes well. The last one is a verdict where
        that reply was late. What kills the runner or says too much is left to be asked for by itself, and from then on
        nothing is asked ahead.
        """
        if (runner := self._running()) is None:
            return []
        if not self._asks_ahead:
            asked = ()
        cells = [packed(self._request(index)) for index in indices]
        replies = runner.channel.ask_all([*cells, *asked], self._time_left)
        return self._told(replies) if self._ran_all(indices, runner, replies) else []

    def run(self, index: int) -> Ran:
        """Run the cell at ``index`` of the plan, if it has not run ahead."""
        if index not in self._ran:
            self.run_ahead([index])
        return self._ran.pop(index, Ran(trouble=self._ended))

    def ask(self, request: bytes) -> Frame:
        """The reply to a packed request; raises a verdict if student code hangs or dies."""
        if (runner := self._running()) is None:
            raise self._ended or _verdict(Outcome.CRASHED, "probe_crashed")
        began = time.monotonic()
        try:
            heard = next(runner.channel.ask_all([request], self._time_left))
        except Overran:
            self._lose()
            raise self._late_probe() from None
        except RunnerLost:
            raise self._lost_probe() from None
        finally:
            self.seconds["probes"] += time.monotonic() - began
        if heard.interrupted:
            raise self._late_probe()
        return heard.frame

    def read(self, request: Request, frame: Frame) -> Answer:
        """What a reply of this submission's runner says; raises a verdict if it is no answer to ``request``."""
        try:
            return decoded(request, Heard(frame))
        except Spoke:
            if self._runner is not None:
                raise self._lost_probe() from None
            raise self._ended or _verdict(Outcome.CRASHED, "probe_crashed") from None

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """Ask a runner that has seen nothing of the student's, and is thrown away after it; None past the deadline."""
        began = time.monotonic()
        if (seconds := min(AFRESH_SECONDS, self._deadline - began)) <= 0:
            return None
        runner = self._slot.fork()
        try:
            answer = runner.channel.ask(request, seconds)
        except RunnerLost:
            return None
        finally:
            self._slot.retire(runner.channel)
            self.seconds["probes"] += time.monotonic() - began
        if answer.interrupted or not isinstance(answer.reply, Computed):
            return None
        return answer.reply, answer.tensors

    def usage(self) -> dict[str, float]:
        """What its processes took together, and the largest of them; to be asked when it is closed."""
        return {
            "processes": len(self.exits),
            "cpu_seconds": round(sum(exit_.cpu_seconds for exit_ in self.exits), 3),
            "peak_mib": round(max((exit_.peak_mib for exit_ in self.exits), default=0.0), 1),
        }

    def close(self) -> None:
        if self._runner is not None:
            self._lose()

    def _request(self, index: int) -> RunCell:
        cell = self._cells[index]
        return RunCell(cell=cell.position or 0, source=cell.source, output_bytes=self._output_bytes)

    def _running(self) -> Runner | None:
        """The runner, started if need be; None once the submission has ended.

        Cells and answers that are each in time end it as well, once they are not so together.
        """
        if self._ended is None and self._deadline <= time.monotonic():
            self._end(self._out_of_time())
            self.close()
        if self._ended is None and self._runner is None:
            self._start()
        return self._runner if self._ended is None else None

    def _ran_all(self, indices: Sequence[int], runner: Runner, replies: Iterator[Heard]) -> bool:
        """Note what became of the cells; False if the runner was lost at one, or dropped what was sent behind it."""
        waited = 0.0  # and not for a cell that is counted: several may have run before the first reply is read
        try:
            for index in indices:
                began = time.monotonic()
                ran = self._run_here(index, runner, replies)
                waited += time.monotonic() - began
                if ran is None:
                    return False
                seconds = ran.seconds if 0 < ran.seconds < waited else waited
                waited -= seconds
                self.seconds["cells"] += seconds
                self._ran[index] = replace(ran, seconds=seconds)
                self._done.append(index)
                self._output_bytes -= len(ran.output.encode())
                if self._runner is not runner or self._running() is not runner:
                    return False
            return True
        finally:
            self.seconds["probes"] += waited

    def _told(self, replies: Iterator[Heard]) -> list[Frame | Verdict]:
        """The replies to what was asked behind the cells; none if the last of these was late."""
        began = time.monotonic()
        told: list[Frame | Verdict] = []
        room = MOST_BYTES_AHEAD
        try:
            for heard in replies:
                room -= len(heard.frame.structure) + len(heard.frame.blob)
                if heard.interrupted or room < 0:
                    self._asks_ahead = False
                    told += [self._late_probe()] if heard.interrupted else []
                    break
                told.append(heard.frame)
            if room < 0:
                self._lose()
        except RunnerLost as error:
            self._asks_ahead = False
            self._lose()
            told += [self._late_probe()] if isinstance(error, Overran) else []
        finally:
            self.seconds["probes"] += time.monotonic() - began
        return told

    def _run_here(self, index: int, runner: Runner, replies: Iterator[Heard]) -> Ran | None:
        """What became of the cell whose reply comes next; None if it was not begun, as one before it was late."""
        position = self._cells[index].position or 0
        try:
            if (heard := next(replies, None)) is None:
                return None
            answer = runner.channel.read(self._request(index), heard)
        except Overran:
            self._lose()
            self._left_out.add(index)
            return Ran(trouble=self._late_cell(position))
        except RunnerLost as error:
            exit_ = self._lose()
            code = "process_ended" if isinstance(error, Died) else "probe_crashed"
            return Ran(trouble=self._end(self._death(exit_, code, position)))
        if answer.interrupted and isinstance(answer.reply, Raised):  # it struck just beside the cell
            return Ran(trouble=self._late_cell(position))
        if not isinstance(answer.reply, CellRan):
            self._lose()
            return Ran(trouble=self._end(_verdict(Outcome.CRASHED, "probe_crashed")))
        return self._ran_so(answer, position)

    def _ran_so(self, answer: Answer, position: int) -> Ran:
        reply = answer.reply
        assert isinstance(reply, CellRan)
        trouble: Verdict | None = None
        if answer.interrupted:
            trouble = self._late_cell(position)
        elif reply.error is not None and ran_out_of_memory(reply.error):
            trouble = _verdict(Outcome.OUT_OF_MEMORY, "out_of_memory", memory_mib=self._limits.memory_mib)
        elif reply.error is not None:
            facts = {"cell": reply.error.cell or position, "line": reply.error.line}
            trouble = _verdict(
                Outcome.CELL_ERROR, "cell_raised", name=reply.error.name, message=reply.error.message, **facts
            )
        left = self._output_bytes  # by cells that were not done when it was sent
        output = reply.output.encode()[:left].decode(errors="ignore")
        return Ran(
            frozenset(reply.assigned),
            output,
            reply.truncated or len(output) < len(reply.output),
            reply.skipped_commands,
            None if answer.interrupted else reply.error,
            trouble,
            reply.habits,
            None if reply.error is None else limit_met(reply.error, position, self._limits),
            reply.seconds,
        )

    def _start(self) -> None:
        """A fresh runner, brought to where the last one was."""
        if self._starts >= MAX_STARTS or self._deadline <= time.monotonic():
            self._end(self._out_of_time())
            return
        self._starts += 1
        began = time.monotonic()
        self._runner = runner = self._slot.fork(self._seed)
        self.layers = runner.layers
        self.seconds["fork"] += time.monotonic() - began
        try:
            for index in self._done:
                if index not in self._left_out:
                    runner.channel.ask(self._request(index), self._time_left())
        except RunnerLost:
            self._lost_probe()

    def _lost_probe(self) -> Verdict:
        return self._end(self._death(self._lose(), "probe_crashed"))

    def _lose(self) -> Exit:
        """Retire the runner and say how it ended."""
        if self._runner is None:
            raise SandboxError("there is no runner to retire")
        runner, self._runner = self._runner, None
        exit_ = self._slot.retire(runner.channel)
        self.exits.append(exit_)
        return exit_

    def _time_left(self) -> float:
        return max(min(self._limits.cell_seconds, self._deadline - time.monotonic()), 0.05)

    def _late_cell(self, position: int) -> Verdict:
        if self._deadline <= time.monotonic():
            return self._end(self._out_of_time())
        return _verdict(Outcome.TIMEOUT, "cell_timeout", cell=position, seconds=self._limits.cell_seconds)

    def _late_probe(self) -> Verdict:
        if self._deadline <= time.monotonic():
            return self._end(self._out_of_time())
        return _verdict(Outcome.TIMEOUT, "probe_timeout", seconds=self._limits.cell_seconds)

    def _out_of_time(self) -> Verdict:
        return _verdict(Outcome.TIMEOUT, "submission_timeout", seconds=self._limits.submission_seconds)

    def _death(self, exit_: Exit, code: str, position: int = 0) -> Verdict:
        """Why it ended; raises :class:`SandboxError` where that is no fault of the submission."""
        if exit_.starved:
            raise SandboxError(
                "this machine ran out of memory, and its kernel ended the process of a submission. "
                "Use fewer --workers, or lower limits.memory_mib"
            )
        used_up = exit_.cpu_seconds >= self._limits.cpu_seconds
        if exit_.signal == _SIGXCPU or (exit_.signal == _SIGKILL and used_up):
            return _verdict(Outcome.TIMEOUT, "cpu_timeout", seconds=self._limits.cpu_seconds)
        if exit_.out_of_memory:
            return _verdict(Outcome.OUT_OF_MEMORY, "out_of_memory", memory_mib=self._limits.memory_mib)
        if code == "process_ended":
            return _verdict(Outcome.CRASHED, code, cell=position)
        return _verdict(Outcome.CRASHED, code)

    def _end(self, verdict: Verdict) -> Verdict:
        self._ended = self._ended or verdict
        return self._ended


def _verdict(outcome: Outcome, code: str, **facts: str | int | float) -> Verdict:
    return Verdict(outcome, [Finding(code=code, facts=facts)])
