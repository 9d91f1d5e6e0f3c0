"""Cells, run in a fresh runner each time, as a submission's are."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from autograder.course.config import LAYERS, Limits
from autograder.sandbox.channel import Answer, RunnerLost
from autograder.sandbox.slot import Exit, Slot
from autograder.wire.messages import CellRan, Reply, Request, RunCell

LIMITS = Limits(cpu_seconds=20, memory_mib=512, file_mib=1, folder_mib=4, open_files=64, threads=16)


@dataclass
class Ended:
    """What one runner said, in order, and how it ended. ``lost`` is why it said no more."""

    answers: list[Answer] = field(default_factory=list)
    lost: type[RunnerLost] | None = None
    exit: Exit | None = None

    @property
    def replies(self) -> list[Reply]:
        return [answer.reply for answer in self.answers]

    @property
    def output(self) -> str:
        """All that was printed."""
        return "".join(reply.output for reply in self.replies if isinstance(reply, CellRan))

    @property
    def errors(self) -> list[str]:
        """One name for every cell: its error's type, or nothing."""
        cells = [reply for reply in self.replies if isinstance(reply, CellRan)]
        return [cell.error.name if cell.error else "" for cell in cells]


class Confined:
    """A started slot."""

    def __init__(self, layers: tuple[str, ...] = LAYERS) -> None:
        self.slot = Slot(limits=LIMITS, layers=layers)
        self.slot.launch()
        self.slot.wait()

    def run(
        self, *requests: str | Request, seconds: float = 5.0, output_bytes: int = 10_000, seed: int = 1
    ) -> Ended:
        """Ask a fresh runner for each of these in turn; a string is a cell's source."""
        ended = Ended()
        runner = self.slot.fork(seed)
        try:
            for number, request in enumerate(requests, 1):
                if isinstance(request, str):
                    request = RunCell(number, textwrap.dedent(request), output_bytes)
                ended.answers.append(runner.channel.ask(request, seconds))
        except RunnerLost as error:
            ended.lost = type(error)
        finally:
            ended.exit = self.slot.retire(runner.channel)
        return ended

    def close(self) -> None:
        self.slot.close()
