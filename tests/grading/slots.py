"""A slot without a sandbox: cells run here, and misbehave as they are told to.

A cell calls ``overruns(obeys=True)``, ``swallows()``, ``dies()``, ``babbles()`` or ``says(seconds)``, or binds a name
to ``asked(…)`` of these, so that it happens when a check looks at the name; a name bound to ``slow(value, seconds)`` is
looked at slowly.
Time passes where a test has put :data:`CLOCK` in the place of the true one: when a cell calls ``sleep`` or a slow name
is looked at, and never else, however busy the machine is.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from msgspec import structs
from torch import Tensor

from autograder.course.config import LAYERS
from autograder.errors import SandboxError
from autograder.runner import generators, probes
from autograder.runner.cells import raised
from autograder.sandbox.contract import Answer, Channel, Died, Exit, Heard, Overran, Spoke, decoded
from autograder.wire import control, messages
from autograder.wire.frames import Frame, unpack
from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Draw,
    Look,
    Raised,
    Reply,
    Request,
    RunCell,
)
from autograder.wire.tensors import pack_tensors, unpack_tensors

KILLED = Exit(status=signal.SIGKILL, cpu_seconds=0.1, peak_mib=1)
ENDED = Exit(status=0, cpu_seconds=0.1, peak_mib=1)
OUT_OF_MEMORY = Exit(status=control.OUT_OF_MEMORY << 8, cpu_seconds=0.1, peak_mib=900)
STARVED = Exit(status=signal.SIGKILL, cpu_seconds=0.1, peak_mib=900, starved=True)
OUT_OF_CPU = Exit(status=signal.SIGXCPU, cpu_seconds=60, peak_mib=1)


class Behaves(BaseException):
    """What a cell was told to do to the conversation."""

    def __init__(self, how: str, exit_: Exit = ENDED) -> None:
        self.how, self.exit = how, exit_


@dataclass(frozen=True)
class Asked:
    """A name whose value misbehaves when it is looked at."""

    behaves: Behaves


def _overruns(obeys: bool = True) -> None:
    raise Behaves("interrupted" if obeys else "killed", KILLED)


def _swallows() -> None:
    raise Behaves("swallowed", KILLED)


def _dies(exit_: Exit = ENDED) -> None:
    raise Behaves("died", exit_)


def _babbles(how: str = "noise") -> None:
    raise Behaves(how, KILLED)


def _asked(what: Any, *arguments: Any) -> Asked:
    try:
        what(*arguments)
    except Behaves as behaves:
        return Asked(behaves)
    raise ValueError(what)


class Clock:
    """In the place of the module ``time``."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


CLOCK = Clock()


@dataclass(frozen=True)
class Slow:
    """A value that takes its time when it is looked at."""

    value: Any
    seconds: float


class HereChannel(Channel):
    """The conversation with a namespace."""

    def __init__(self, log: list[str], together: list[int]) -> None:
        self._log = log
        self._together = together
        self._names: dict[str, Any] = {
            "overruns": _overruns,
            "swallows": _swallows,
            "dies": _dies,
            "babbles": _babbles,
            "asked": _asked,
            "slow": Slow,
            "sleep": CLOCK.sleep,
            "says": self._say,
            "ENDED": ENDED,
            "STARVED": STARVED,
            "OUT_OF_CPU": OUT_OF_CPU,
            "OUT_OF_MEMORY": OUT_OF_MEMORY,
        }
        self.exit = KILLED
        self._said = 0.0  # of how long the cell took

    def _say(self, seconds: float) -> None:
        self._said = seconds

    def close(self) -> None:
        pass

    def ask_all(self, requests: Sequence[bytes], seconds: Callable[[], float]) -> Iterator[Heard]:
        self._together.append(len(requests))
        for data in requests:
            frame = unpack(data)
            request = messages.decode_request(frame.structure)
            try:
                answer = self._answer(request, unpack_tensors(frame.blob, probes.sent_tensors(request)))
            except (RuntimeError, TypeError) as error:  # as a conversation does
                answer = Answer(raised(error), ())
            reply = Frame(messages.encode(answer.reply), pack_tensors(answer.tensors))
            yield Heard(reply, answer.interrupted)
            if answer.interrupted:
                return

    def read(self, request: Request, heard: Heard) -> Answer:
        return decoded(request, heard)

    def _answer(self, request: Request, tensors: Sequence[Tensor]) -> Answer:
        match request:
            case RunCell(source=source):
                self._log.append(source.partition("\n")[0])
                return self._cell(source)
            case Look(name=name) if isinstance(what := self._names.get(name), Asked):
                return self._behave(what.behaves, Raised(name="KeyboardInterrupt", message=""))
            case Look(name=name) | Compute(name=name) if isinstance(slow := self._names.get(name), Slow):
                CLOCK.sleep(slow.seconds)
                return Answer(*probes.answer({name: slow.value}, request, list(tensors)))
            case _:
                with generators.restored():
                    reply, outputs = probes.answer(self._names, request, list(tensors))
                return Answer(reply, outputs)

    def _cell(self, source: str) -> Answer:
        before, self._said = dict(self._names), 0.0
        error: BaseException | None = None
        try:
            exec(compile(source, "<cell 1>", "exec"), self._names)
        except BaseException as problem:  # noqa: BLE001 - as a notebook's cell
            error = problem
        assigned = [name for name, value in self._names.items() if before.get(name, before) is not value]
        own = raised(KeyboardInterrupt() if isinstance(error, Behaves) else error) if error else None
        ran = CellRan("", truncated=False, skipped_commands=0, assigned=tuple(assigned), error=own, seconds=self._said)
        return self._behave(error, ran) if isinstance(error, Behaves) else Answer(ran, ())

    def _behave(self, behaves: Behaves, interrupted: Reply) -> Answer:
        self.exit = behaves.exit
        match behaves.how:
            case "interrupted":
                return Answer(interrupted, (), interrupted=True)
            case "swallowed" if isinstance(interrupted, CellRan):
                return Answer(structs.replace(interrupted, error=None), (), interrupted=True)
            case "interrupted outside":
                return Answer(Raised(name="KeyboardInterrupt", message=""), (), interrupted=True)
            case "killed":
                raise Overran
            case "died":
                raise Died
            case "another reply":
                return Answer(Computed(passes=()), ())
            case _:
                raise Spoke


@dataclass(frozen=True)
class HereRunner:
    channel: HereChannel
    layers: frozenset[str] = frozenset(LAYERS)


class HereSlot:
    """Hands out runners in this process, and counts; ``breaks`` are the calls of ``fork`` or ``retire`` that fail."""

    def __init__(self, *breaks: str) -> None:
        self._breaks = set(breaks)
        self._calls = {"fork": 0, "retire": 0}
        self.log: list[str] = []
        self.together: list[int] = []  # how many requests each time
        self.running = 0
        self.expected: list[tuple[tuple[Draw, ...], tuple[str, ...]]] = []

    def launch(self) -> None:
        self.log.append("launch")

    def wait(self) -> None:
        pass

    def close(self) -> None:
        self.log.append("close")

    def expect(self, recipes: Sequence[Draw], cells: Sequence[str]) -> None:
        self.expected.append((tuple(recipes), tuple(cells)))

    def fork(self, seed: int = 0) -> HereRunner:
        self._call("fork")
        self.log.append(f"seed {seed}")
        torch.manual_seed(seed)
        self.running += 1
        return HereRunner(HereChannel(self.log, self.together))

    def retire(self, channel: Channel) -> Exit:
        self.running -= 1
        self._call("retire")
        assert isinstance(channel, HereChannel)
        return channel.exit

    def _call(self, name: str) -> None:
        self._calls[name] += 1
        self.log.append(name)
        if f"{name} {self._calls[name]}" in self._breaks:
            raise SandboxError(f"{name} broke")
