"""A question's pause: while its checks ask, none of the notebook's cells runs.

Every request leaves things as they were, so what a name stands for and what a module's pass looks like is asked once,
and all checks of the question share the answer. Only Python's and numpy's generators go on, and are put back before
the next cell. What the checks will ask of an answer like the course's own is known: it is sent together with the cells,
and a reply waits for the request that it belongs to.

Afterwards nothing can be asked of the answer: a check that kept it would hear of what later cells made of it, and what
it was told would stand in no transcript of its own. Nor from another thread, whose request another's reply could meet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor

from autograder.evidence.verdict import Verdict
from autograder.grading.execution import Execution
from autograder.sandbox.contract import packed
from autograder.wire.frames import Frame
from autograder.wire.messages import Computed, Fetch, Look, Replay, Reply, Request, Trace


@dataclass(frozen=True)
class Asked:
    """A packed request, and whether its reply holds for the whole pause."""

    data: bytes
    lasting: bool


@dataclass
class Transcript:
    """What one check asked and was told, in order; ``whole``: nothing else had a say in its verdict."""

    exchanges: list[tuple[Asked, Frame | Verdict]] = field(default_factory=list)
    whole: bool = True


class Pause:
    """A ``Peer`` for the checks of one question; ``told`` are packed requests and replies that wait for them."""

    def __init__(self, execution: Execution, told: Iterable[tuple[bytes, Frame | Verdict]] = ()) -> None:
        self._execution = execution
        self._known: dict[bytes, list[Frame | Verdict]] = {}
        for data, reply in told:
            self._known.setdefault(data, []).append(reply)
        self._transcript = Transcript()
        self._thread: int | None = threading.get_ident()  # None: it is over
        self.asked: list[tuple[bytes, int]] = []  # what was asked by itself, and the bytes of the reply

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        """As the peer answers; a check may do to the tensors what it likes.

        Raises RuntimeError when the pause is over, and in another thread.
        """
        self._must_be_on()
        lasting = not tensors and isinstance(request, Look | Fetch | Trace)
        reply = self.reply(Asked(packed(request, tensors), lasting))
        try:
            answer = self._execution.read(request, reply)
        except Verdict:  # it ends the runner, which a reply that is only compared does not
            self._transcript.whole = False
            raise
        return answer.reply, answer.tensors

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """As the peer does, and as :meth:`ask`."""
        self._must_be_on()
        reply = self._execution.ask_afresh(request)
        if reply is None:  # in time: another day it may be
            self._transcript.whole = False
        return reply

    def end(self) -> None:
        """The notebook's cells run on."""
        self._thread = None

    @contextmanager
    def transcribed(self) -> Iterator[Transcript]:
        """What is asked while inside is written down."""
        self._transcript = Transcript()
        yield self._transcript

    def reply(self, asked: Asked) -> Frame:
        """The reply that is known or waits, else the runner's; raises a verdict where there is none."""
        known = self._known.setdefault(asked.data, [])
        if not known:
            known.append(self._exchanged(asked.data))
        reply = known[0]
        if not asked.lasting or isinstance(reply, Verdict):
            del known[0]
        self._transcript.exchanges.append((asked, reply))
        if isinstance(reply, Verdict):
            self._transcript.whole = False
            raise _again(reply)
        return reply

    def give_back(self, transcript: Transcript) -> None:
        """Let the replies that were written down wait as if nobody had asked."""
        for asked, reply in reversed(transcript.exchanges):
            if not asked.lasting or isinstance(reply, Verdict):
                self._known[asked.data].insert(0, reply)

    def _must_be_on(self) -> None:
        if self._thread is None:
            raise RuntimeError("an answer was kept and asked when the checks of its question were over")
        if self._thread != threading.get_ident():
            raise RuntimeError("an answer was asked in another thread than the one in which its check was called")

    def _exchanged(self, data: bytes) -> Frame | Verdict:
        try:
            frame = self._execution.ask(data)
        except Verdict as verdict:
            return _again(verdict)
        self.asked.append((data, len(frame.structure) + len(frame.blob)))
        return frame


def _again(verdict: Verdict) -> Verdict:
    """The same, without the stack on which it was raised, which would keep all of this alive."""
    return Verdict(verdict.outcome, verdict.findings)
