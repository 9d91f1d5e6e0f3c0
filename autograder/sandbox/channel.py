"""The conversation with one runner. Whatever it sends, late, torn, false or nothing, ends in a verdict of its own.

The pidfd is the only sign of death: a runner may have hidden a copy of its socket. Answers are read with
plain ``recv``, so that no descriptor can arrive with them.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from msgspec import MsgspecError
from torch import Tensor

from autograder.wire import messages
from autograder.wire.frames import BadFrame, Buffer, Frame, pack
from autograder.wire.messages import Reply, Request
from autograder.wire.tensors import BadBlob, pack_tensors, unpack_tensors

GRACE_SECONDS = 0.3


class RunnerLost(Exception):
    """There will be no more answers from this runner."""


class Died(RunnerLost):
    """The process ended."""


class Spoke(RunnerLost):
    """The process sent something that is no answer; it has been killed."""


class Overran(RunnerLost):
    """The deadline passed and an interrupt was not obeyed; it has been killed."""


@dataclass(frozen=True)
class Answer:
    """A decoded reply, the tensors that came with it, and whether it had to be interrupted."""

    reply: Reply
    tensors: Sequence[Tensor]
    interrupted: bool = False


class Channel:
    """One end of a runner's socket, and its pidfd. Close it when the submission is done."""

    def __init__(self, stream: socket.socket, pidfd: int) -> None:
        self._stream = stream
        self._stream.setblocking(False)
        self._pidfd = pidfd
        self._buffer = Buffer()

    def ask(self, request: Request, seconds: float, tensors: Sequence[Tensor] = ()) -> Answer:
        """Send a request and wait for its answer.

        After ``seconds`` the runner is interrupted; it then has a short grace to say so.
        Raises :class:`RunnerLost`.
        """
        deadline = time.monotonic() + seconds
        self._send(pack(Frame(messages.encode(request), pack_tensors(tensors))), deadline)
        return self.listen(deadline)

    def listen(self, deadline: float) -> Answer:
        """The next answer, or :class:`RunnerLost`."""
        frame = self._frame(deadline)
        if frame is not None:
            return self._decoded(frame, interrupted=False)
        self.interrupt()
        frame = self._frame(time.monotonic() + GRACE_SECONDS)
        if frame is None:
            self.kill()
            raise Overran
        return self._decoded(frame, interrupted=True)

    def interrupt(self) -> None:
        """SIGINT, to exactly this process."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL, to exactly this process; safe to call at any time."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """End the process and forget it."""
        if self._pidfd >= 0:
            self.kill()
            select.select([self._pidfd], [], [], 5.0)
            os.close(self._pidfd)
            self._pidfd = -1
        self._stream.close()

    def _signal(self, number: int) -> None:
        try:
            signal.pidfd_send_signal(self._pidfd, number)
        except ProcessLookupError:
            pass

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                self._wait(deadline, writing=True)
            except (BrokenPipeError, ConnectionResetError):
                self._end(Died)

    def _frame(self, deadline: float) -> Frame | None:
        """The next frame, or None when the deadline passes first."""
        while True:
            try:
                if (frame := self._buffer.take()) is not None:
                    return frame
                data = self._stream.recv(1 << 20)
            except BlockingIOError:
                if not self._wait(deadline, writing=False):
                    return None
                continue
            except (BadFrame, ConnectionResetError):
                self._end(Spoke)
            if not data:
                self._end(Died)
            self._buffer.feed(data)

    def _wait(self, deadline: float, writing: bool) -> bool:
        """Wait for the socket; False at the deadline. Raises :class:`Died` once nothing more can come."""
        left = deadline - time.monotonic()
        streams = [self._stream]
        ready = select.select([self._pidfd, *([] if writing else streams)], streams if writing else [], [], max(left, 0))
        if self._stream in ready[0] or self._stream in ready[1]:
            return True
        if self._pidfd in ready[0]:
            self._end(Died)
        return left > 0

    def _decoded(self, frame: Frame, interrupted: bool) -> Answer:
        try:
            reply = messages.decode_reply(frame.structure)
            return Answer(reply, unpack_tensors(frame.blob, _announced(reply)), interrupted)
        except (MsgspecError, BadBlob, RecursionError, MemoryError, ValueError, TypeError):
            self._end(Spoke)

    def _end(self, why: type[RunnerLost]) -> NoReturn:
        self.kill()
        raise why


def _announced(reply: Reply) -> int:
    """How many tensors a reply says come with it."""
    match reply:
        case messages.Computed(passes=passes):
            return sum(one.outputs for one in passes)
        case messages.Fetched(problem=problem):
            return 0 if problem else 1
        case _:
            return 0
