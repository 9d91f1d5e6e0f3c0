"""What grading asks of a slot, whatever stands behind it: a confined process, or this very one.

Nothing here is bound to a platform: a student's own check, which needs no sandbox, runs wherever Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from msgspec import MsgspecError
from torch import Tensor

from autograder.wire import messages
from autograder.wire.control import OUT_OF_MEMORY
from autograder.wire.frames import Frame, pack
from autograder.wire.messages import Draw, Reply, Request
from autograder.wire.tensors import BadBlob, pack_tensors, unpack_tensors


class RunnerLost(Exception):
    """There will be no more answers from this runner."""


class Died(RunnerLost):
    """The process ended."""


class Spoke(RunnerLost):
    """The process sent something that is no answer, or spoke without being asked; it has been killed."""


class Overran(RunnerLost):
    """The deadline passed and an interrupt was not obeyed; it has been killed."""


class Heard(NamedTuple):
    """A reply as it came, unread, and whether the runner had to be interrupted for it."""

    frame: Frame
    interrupted: bool = False


@dataclass(frozen=True)
class Answer:
    """A decoded reply, the tensors that came with it, and whether it had to be interrupted."""

    reply: Reply
    tensors: Sequence[Tensor]
    interrupted: bool = False


@dataclass(frozen=True)
class Exit:
    """How a runner ended, from the kernel: its wait status, CPU seconds, peak resident MiB.

    ``starved``: it was killed while the machine had no memory left, within the limits that it was given or not.
    """

    status: int
    cpu_seconds: float
    peak_mib: float
    starved: bool = False

    @property
    def signal(self) -> int:
        """The signal that ended it, or 0."""
        number = self.status & 0x7F
        return 0 if number == 0x7F else number

    @property
    def out_of_memory(self) -> bool:
        """Whether it ended because it was refused memory."""
        return self.signal == 0 and self.status >> 8 & 0xFF == OUT_OF_MEMORY


class Channel(Protocol):
    """The conversation with one runner. Its methods raise :class:`RunnerLost`."""

    def ask_all(self, requests: Sequence[bytes], seconds: Callable[[], float]) -> Iterator[Heard]:
        """The replies to packed requests that are sent together, one after the other.

        ``seconds`` is called as each is waited for: so long it may take before the runner is interrupted. Then nothing
        comes after that reply.
        """
        ...

    def read(self, request: Request, heard: Heard) -> Answer:
        """What a reply says."""
        ...

    def ask(self, request: Request, seconds: float, tensors: Sequence[Tensor] = ()) -> Answer:
        """The answer to one request, interrupted after ``seconds``."""
        return self.read(request, next(self.ask_all([packed(request, tensors)], lambda: seconds)))

    def close(self) -> None:
        """End the runner. May be called again."""
        ...


class Runner(Protocol):
    """Whatever runs one submission's cells, and the layers that confine it."""

    @property
    def channel(self) -> Channel: ...

    @property
    def layers(self) -> frozenset[str]: ...


class Slot(Protocol):
    """Hands out one runner after the other. Its methods raise :class:`~autograder.errors.SandboxError`."""

    def launch(self) -> None:
        """Begin to start, and return at once."""
        ...

    def wait(self) -> None:
        """Return when :meth:`fork` can be called."""
        ...

    def expect(self, recipes: Sequence[Draw], cells: Sequence[str]) -> None:
        """Runners will be asked to draw from these and to run these: they may do so faster from now on."""
        ...

    def fork(self, seed: int = 0) -> Runner:
        """A fresh runner, whose random generators are seeded."""
        ...

    def retire(self, channel: Channel) -> Exit:
        """End a runner, if it has not ended yet, and say how it ended."""
        ...

    def close(self) -> None:
        """End everything. May be called again, and :meth:`launch` after it."""
        ...


def packed(request: Request, tensors: Sequence[Tensor] = ()) -> bytes:
    """A request as it is sent."""
    return pack(Frame(messages.encode(request), pack_tensors(tensors)))


def decoded(request: Request | None, heard: Heard) -> Answer:
    """The answer in a frame that may hold anything; raises :class:`Spoke` if it is none to ``request``."""
    try:
        reply = messages.decode_reply(heard.frame.structure)
        if messages.answers(request, reply):
            return Answer(reply, unpack_tensors(heard.frame.blob, _announced(reply)), heard.interrupted)
    except (MsgspecError, BadBlob, RecursionError, MemoryError, ValueError, TypeError):
        pass
    raise Spoke


def _announced(reply: Reply) -> int:
    """How many tensors a reply says come with it."""
    match reply:
        case messages.Computed(passes=passes):
            return sum(one.outputs for one in passes)
        case messages.Stepped(outputs=outputs):
            return outputs
        case messages.Fetched(problem=problem):
            return 0 if problem else 1
        case _:
            return 0
