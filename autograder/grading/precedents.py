"""Verdicts that were reached before: a check that is told the same comes to the same.

A check sees a submission through the replies to what it asks and through nothing else, so long as it does not read the
student's source. Right answers to one question compute the same numbers from the same weights, bit for bit, and whole
classes of them get by with one look at each. The check is not run: what it would ask is asked, in the same
order, and every reply is compared with the one before, whole. The first that differs in a bit sends it to the check.
It is so for mistakes that many make, too; what a student's own source explains of one is added for everybody.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

from msgspec.structs import replace

from autograder.evidence.answer import Answer
from autograder.evidence.verdict import Verdict
from autograder.grading.pause import Asked, Pause, Transcript
from autograder.pytest_plugin import Report
from autograder.results import Outcome
from autograder.wire.frames import Frame

MOST_A_CHECK = 16
MOST_BYTES = 8 << 20  # of requests and replies, kept by one worker


@dataclass(frozen=True)
class _Precedent:
    """A check's report on an answer that bound these names and whose runner replied so."""

    bound: frozenset[str]
    exchanges: tuple[tuple[Asked, Frame], ...]
    report: Report


class Precedents:
    """Those of one assignment. What does not fit any more is not kept."""

    def __init__(self) -> None:
        self._known: defaultdict[str, list[_Precedent]] = defaultdict(list)
        self._bytes = 0
        self._parts: dict[bytes, bytes] = {}  # each once, however many hold it

    def report(self, check: str, answer: Answer, pause: Pause) -> Report | None:
        """The report of this check on an answer that was the same as far as it looked, or None.

        Then what was asked on the way waits for the check to ask it.
        """
        began = time.monotonic()
        left = [one for one in self._known[check] if one.bound == answer.bound and answer.trouble is None]
        with pause.transcribed() as transcript:
            place = 0
            while left:
                for one in left:
                    if place == len(one.exchanges):
                        return replace(one.report, seconds=time.monotonic() - began)
                asked, _ = left[0].exchanges[place]
                try:
                    reply = pause.reply(asked)
                except Verdict:
                    break
                left = [one for one in left if one.exchanges[place] == (asked, reply)]
                place += 1
        pause.give_back(transcript)
        return None

    def note(self, answer: Answer, transcript: Transcript, report: Report) -> None:
        """Remember what a check made of the answer, if it may be a precedent."""
        check = report.check.id
        if (
            report.outcome not in (Outcome.PASSED, Outcome.FAILED)
            or report.check.prepared is None  # a fixture may know more
            or not transcript.whole
            or answer.read
            or answer.trouble is not None
            or len(self._known[check]) >= MOST_A_CHECK
        ):
            return
        exchanges = [(asked, reply) for asked, reply in transcript.exchanges if isinstance(reply, Frame)]
        new = {data for exchange in exchanges for data in _parts(exchange) if data not in self._parts}
        size = sum(map(len, new))
        if self._bytes + size <= MOST_BYTES:
            self._bytes += size
            self._parts |= {data: data for data in new}
            kept = tuple(self._shared(*exchange) for exchange in exchanges)
            self._known[check].append(_Precedent(answer.bound, kept, report))

    def _shared(self, asked: Asked, reply: Frame) -> tuple[Asked, Frame]:
        """The same, of bytes that are kept already."""
        structure, blob = self._parts[reply.structure], self._parts[reply.blob]
        return Asked(self._parts[asked.data], asked.lasting), Frame(structure, blob)


def _parts(exchange: tuple[Asked, Frame]) -> tuple[bytes, bytes, bytes]:
    asked, reply = exchange
    return asked.data, reply.structure, reply.blob
