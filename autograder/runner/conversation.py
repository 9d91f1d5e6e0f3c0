"""A runner's life: read a request, answer it, until the other end hangs up.

The trusted side keeps the clock. When an answer is late it sends SIGINT, which interrupts student code
and nothing else: between requests the signal is ignored. What had been sent together with the late request is dropped,
where it asks for that by another signal: each is told to have been interrupted, and none is begun.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Mapping, Sequence
from types import FrameType

from torch import Tensor

from autograder.runner import cells, generators, probes
from autograder.wire import messages
from autograder.wire.control import DROP
from autograder.wire.frames import Buffer, Frame, pack
from autograder.wire.messages import Fetch, Look, Ready, Reply, Request, RunCell
from autograder.wire.tensors import obstacle, pack_tensors, unpack_tensors


class Conversation:
    """Answers requests that arrive on ``channel``, a stream socket's descriptor."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._buffer = Buffer()
        self._student_code_runs = False
        self._drops = False
        self._session = cells.session()
        signal.signal(DROP, self._drop)

    def report(self, layers: tuple[str, ...], problems: tuple[str, ...]) -> None:
        """Say which layers confine this process, before any student code has been read."""
        self._send(_packed(Ready(layers=layers, problems=problems), ()))

    def serve(self) -> None:
        while (frame := self._receive()) is not None:
            request = messages.decode_request(frame.structure)
            signal.signal(signal.SIGINT, self._interrupt)  # anew each time: student code may have changed it
            reply = self._answer(request, frame.blob)
            if self._drops:  # nothing new is sent until this reply is read
                reply += told(KeyboardInterrupt()) * self._forget()
            self._send(reply)

    def _answer(self, request: Request, blob: bytes) -> bytes:
        """The reply's frame. Whatever goes wrong on the way, to making its bytes, is an answer too."""
        try:
            self._student_code_runs = True
            return answered(self._session, request, blob)
        except BaseException as error:  # noqa: BLE001 - student code raises anything, and SIGINT lands anywhere
            return told(error)
        finally:
            self._student_code_runs = False

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self._student_code_runs:
            raise KeyboardInterrupt

    def _drop(self, _signal: int, _frame: FrameType | None) -> None:
        self._drops = True

    def _forget(self) -> int:
        """Take all requests that have been sent, and say how many they were."""
        while select.select([self._channel], [], [], 0)[0] and (data := os.read(self._channel, 1 << 20)):
            self._buffer.feed(data)
        self._drops = False
        return sum(1 for _ in iter(self._buffer.take, None))

    def _receive(self) -> Frame | None:
        while (frame := self._buffer.take()) is None:
            data = os.read(self._channel, 1 << 20)
            self._drops = False
            if not data:
                return None
            self._buffer.feed(data)
        return frame

    def _send(self, frame: bytes) -> None:
        view = memoryview(frame)
        while view:
            view = view[os.write(self._channel, view) :]


def answered(session: cells.Session, request: Request, blob: bytes) -> bytes:
    """The reply's frame; raises whatever student code does."""
    return _packed(*_reply(session, request, unpack_tensors(blob, probes.sent_tensors(request))))


def probed(namespace: Mapping[str, object], request: Request, blob: bytes) -> bytes:
    """The reply's frame to a question about ``namespace``; raises whatever student code does."""
    with generators.restored():
        return _packed(*probes.answer(namespace, request, unpack_tensors(blob, probes.sent_tensors(request))))


def told(error: BaseException) -> bytes:
    """The frame that says student code raised."""
    return _packed(cells.raised(error), ())


def _reply(
    session: cells.Session, request: Request, sent: Sequence[Tensor]
) -> tuple[Reply, Sequence[Tensor]]:
    match request:
        case RunCell():
            session.generators.put_back()
            return session.run(request), ()
        case Look() | Fetch():
            return probes.answer(session.namespace, request, sent)
        case _:
            session.generators.keep()
            return probes.answer(session.namespace, request, sent)


def _packed(reply: Reply, tensors: Sequence[Tensor]) -> bytes:
    """A frame; raises TypeError for a tensor that cannot travel."""
    plain = [probes.plain(tensor) for tensor in tensors]
    for problem in filter(None, map(obstacle, plain)):
        raise TypeError(f"a tensor that cannot be read: {problem}")
    return pack(Frame(messages.encode(reply), pack_tensors(plain)))
