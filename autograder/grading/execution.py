"""A submission's cells in a runner, and questions about what they left behind.

A cell that runs past its limit is interrupted. If it does not obey it is killed, and the submission starts once more
in a fresh runner, with that cell left out and the same seed. A cell that ends the process ends the submission: it is
not run again. A student's cell can so cost its own question, and at worst the later ones, never an earlier one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from autograder.config import Limits
from autograder.errors import SandboxError
from autograder.evidence.proxies import ran_out_of_memory
from autograder.evidence.verdict import Verdict
from autograder.plan import PlannedCell
from autograder.results import Finding, Outcome, Remark
from autograder.sandbox.contract import Answer, Died, Exit, Overran, Runner, RunnerLost, Slot
from autograder.wire.messages import (
    Begin,
    CellRan,
    Computed,
    Habit,
    Raised,
    Replay,
    Reply,
    Request,
    RunCell,
)

MAX_STARTS = 8
AFRESH_SECONDS = 2.0
_SIGKILL, _SIGXCPU = 9, 24  # Linux's numbers: where students check their own work they may have no name


@dataclass(frozen=True)
class Ran:
    """What became of one cell. ``trouble`` is why its names may be missing; None: it ran to its end."""

    assigned: frozenset[str] = frozenset()
    output: str = ""
    truncated: bool = False
    skipped_commands: int = 0
    error: Raised | None = None
    trouble: Verdict | None = None
    habits: tuple[Habit, ...] = ()  # what it did that cannot be done here
    refused: Remark | None = None  # which of its limits it met with


class Execution:
    """Runs the cells of one submission in order, and answers probes in between (a ``Peer``)."""

    def __init__(self, slot: Slot, cells: Sequence[PlannedCell], limits: Limits, seed: int) -> None:
        self._slot = slot
        self._cells = cells
        self._limits = limits
        self._seed = seed
        self._deadline = time.monotonic() + limits.submission_seconds
        self._left_out: set[int] = set()
        self._done: list[int] = []
        self._starts = 0
        self._output_bytes = limits.output_kib * 1024
        self._runner: Runner | None = None
        self._ended: Verdict | None = None  # once set, nothing more runs
        self.layers: frozenset[str] = frozenset()
        self.exits: list[Exit] = []
        self.seconds: dict[str, float] = {"fork": 0.0, "cells": 0.0, "probes": 0.0}

    def run(self, index: int) -> Ran:
        """Run the cell at ``index`` of the plan."""
        if (runner := self._running()) is None:
            return Ran(trouble=self._ended)
        began = time.monotonic()
        try:
            ran = self._run_here(index, runner)
        finally:
            self.seconds["cells"] += time.monotonic() - began
        self._done.append(index)
        self._output_bytes = max(self._output_bytes - len(ran.output.encode()), 0)
        return ran

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        """Ask the runner; raises a verdict if student code hangs, dies or talks nonsense."""
        if (runner := self._running()) is None:
            raise self._ended or _verdict(Outcome.CRASHED, "probe_crashed")
        began = time.monotonic()
        try:
            answer = runner.channel.ask(request, self._time_left(), tensors)
        except Overran:
            self._lose()
            raise self._late_probe() from None
        except RunnerLost:
            exit_ = self._lose()
            raise self._end(self._death(exit_, "probe_crashed")) from None
        finally:
            self.seconds["probes"] += time.monotonic() - began
        if answer.interrupted:
            raise self._late_probe()
        return answer.reply, answer.tensors

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """Ask a runner that has seen nothing of the student's, and is thrown away after it."""
        began = time.monotonic()
        runner = self._slot.fork()
        try:
            answer = runner.channel.ask(request, AFRESH_SECONDS)
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

    def _run_here(self, index: int, runner: Runner) -> Ran:
        position = self._cells[index].position or 0
        seconds = self._time_left()
        try:
            answer = self._ask_to_run(index, runner, seconds)
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
        return self._ran(answer, position)

    def _ask_to_run(self, index: int, runner: Runner, seconds: float) -> Answer:
        cell = self._cells[index]
        request = RunCell(cell=cell.position or 0, source=cell.source, output_bytes=self._output_bytes)
        return runner.channel.ask(request, seconds)

    def _ran(self, answer: Answer, position: int) -> Ran:
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
        return Ran(
            frozenset(reply.assigned),
            reply.output,
            reply.truncated,
            reply.skipped_commands,
            None if answer.interrupted else reply.error,
            trouble,
            reply.habits,
            None if reply.error is None else self._refused(reply.error, position),
        )

    def _refused(self, error: Raised, cell: int) -> Remark | None:
        """Which limit an error speaks of, in the kernel's and Python's own words."""
        limits = self._limits
        known = {
            "[Errno 27]": Remark(code="file_limit", facts={"cell": cell, "limit_mib": limits.file_mib}),
            "[Errno 28]": Remark(code="folder_limit", facts={"cell": cell, "limit_mib": limits.folder_mib}),
            "[Errno 24]": Remark(code="open_files_limit", facts={"cell": cell, "limit": limits.open_files}),
            "can't start new thread": Remark(code="threads_limit", facts={"cell": cell, "limit": limits.threads}),
        }
        met = [remark for words, remark in known.items() if error.message.startswith(words)]
        return met[0] if met and error.name in ("OSError", "RuntimeError") else None

    def _start(self) -> None:
        """A fresh runner, brought to where the last one was."""
        if self._starts >= MAX_STARTS or self._deadline <= time.monotonic():
            self._end(self._out_of_time())
            return
        self._starts += 1
        began = time.monotonic()
        self._runner = runner = self._slot.fork()
        self.layers = runner.layers
        self.seconds["fork"] += time.monotonic() - began
        try:
            runner.channel.ask(Begin(seed=self._seed), self._limits.cell_seconds)
            for index in self._done:
                if index not in self._left_out:
                    self._ask_to_run(index, runner, self._time_left())
        except RunnerLost:
            self._lose()
            self._end(_verdict(Outcome.CRASHED, "probe_crashed"))

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
