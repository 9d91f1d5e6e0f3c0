"""The conversation with one runner. Whatever it sends, late, torn, false or nothing, ends in a verdict of its own.

The pidfd is the only sign of death: a runner may have hidden a copy of its socket. Answers are read with
plain ``recv``, so that no descriptor can arrive with them.
"""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NoReturn

from autograder.sandbox import contract
from autograder.sandbox.contract import Answer, Died, Heard, Overran, RunnerLost, Spoke, decoded
from autograder.wire.control import DROP
from autograder.wire.frames import BadFrame, Buffer, Frame
from autograder.wire.messages import Request

__all__ = ["Answer", "Channel", "Died", "Overran", "RunnerLost", "Spoke"]

GRACE_SECONDS = 0.3
MOST_BYTES = 1 << 18  # of one reading: more than a socket holds
TOGETHER_BYTES = 1 << 16  # of requests on their way: less than a socket holds, so that no end waits for the other
CLOSE_SECONDS = 5.0  # for a killed process to be gone


class Channel(contract.Channel):
    """One end of a runner's socket, and its pidfd. Close it when the submission is done.

    Once an answer was lost, every later question raises the same :class:`RunnerLost`.
    """

    def __init__(self, stream: socket.socket, pidfd: int) -> None:
        self._stream = stream
        self._stream.setblocking(False)
        self._pidfd = pidfd
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)
        self._poll.register(pidfd, select.POLLIN)
        self._buffer = Buffer()
        self._lost: type[RunnerLost] | None = None

    def ask_all(self, requests: Sequence[bytes], seconds: Callable[[], float]) -> Iterator[Heard]:
        """Send packed requests together and hand out the replies as they come.

        Each may take ``seconds()`` from the reply before it; then the runner is interrupted, and has a short grace to
        say so. That reply is the last: what was sent with it is dropped. Raises :class:`RunnerLost`. Whoever stops in
        between must close the channel.
        """
        for portion in _portions(requests):
            deadline = time.monotonic() + seconds()
            self._expect_silence()
            self._send(b"".join(portion), deadline)
            for behind in reversed(range(len(portion))):
                yield (heard := self._heard(deadline, behind))
                if heard.interrupted:
                    return
                deadline = time.monotonic() + seconds()

    def read(self, request: Request, heard: Heard) -> Answer:
        """What a reply says; raises :class:`Spoke` and ends the runner if that is no answer to ``request``."""
        return self._decoded(request, heard)

    def listen(self, deadline: float) -> Answer:
        """The runner's first word, which nobody asks for; raises :class:`RunnerLost`."""
        return self._decoded(None, self._heard(deadline))

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
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(CLOSE_SECONDS * 1_000)
            os.close(self._pidfd)
            self._pidfd = -1
        self._stream.close()
        self._lost = self._lost or Died

    def _signal(self, number: int) -> None:
        if self._pidfd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def _expect_silence(self) -> None:
        """A runner speaks only when asked: what it said before could pass for an answer to this question."""
        if self._lost is not None:
            raise self._lost
        try:
            early = self._buffer.pending or self._stream.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            early = False
        self._end(Spoke if early else Died)

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                self._poll.modify(self._stream, select.POLLOUT)
                ready = self._wait(deadline)
                self._poll.modify(self._stream, select.POLLIN)
                if not ready:
                    self._end(Overran)  # it does not even read
            except OSError:
                self._end(Died)

    def _heard(self, deadline: float, behind: int = 0) -> Heard:
        """The next reply; where it is late, what is ``behind`` it is dropped."""
        if self._lost is not None:
            raise self._lost
        frame, interrupted = self._frame(deadline), False
        if frame is None:
            if behind:
                self._signal(DROP)
            self.interrupt()
            grace, interrupted = time.monotonic() + GRACE_SECONDS, True
            frame, *dropped = [self._frame(grace) for _ in range(1 + behind)]
            if None in dropped:
                frame = None
        if frame is None:
            self._end(Overran)
        return Heard(frame, interrupted)

    def _frame(self, deadline: float) -> Frame | None:
        """The next frame, or None when the deadline passes first."""
        late = False
        while True:
            try:
                if (frame := self._buffer.take()) is not None:
                    return frame
                if late or not self._wait(deadline):
                    return None
                data = self._stream.recv(MOST_BYTES)
            except BlockingIOError:
                continue  # it waited a moment less than until the deadline
            except BadFrame:
                self._end(Spoke)
            except OSError:
                self._end(Died)
            if not data:
                self._end(Died)
            self._buffer.feed(data)
            late = time.monotonic() > deadline  # it may drip, so that there is always something to read

    def _wait(self, deadline: float) -> bool:
        """Wait for the socket; False at the deadline. Raises :class:`Died` once nothing more can come."""
        left = max(deadline - time.monotonic(), 0.0)
        ready = [descriptor for descriptor, _ in self._poll.poll(math.ceil(left * 1_000))]
        if self._stream.fileno() in ready:
            return True
        if self._pidfd in ready:
            self._end(Died)
        return left > 0

    def _decoded(self, request: Request | None, heard: Heard) -> Answer:
        try:
            return decoded(request, heard)
        except Spoke:
            self._end(Spoke)

    def _end(self, why: type[RunnerLost]) -> NoReturn:
        self.kill()
        self._lost = why
        raise why


def _portions(requests: Sequence[bytes]) -> Iterator[list[bytes]]:
    """As many as fit together, one after the other; what is larger goes by itself."""
    portion: list[bytes] = []
    for request in requests:
        if portion and sum(map(len, portion)) + len(request) > TOGETHER_BYTES:
            yield portion
            portion = []
        portion.append(request)
    if portion:
        yield portion
