"""A confined runner is told to stop: what it was at ends, what was sent with it is not begun, and it goes on."""

from __future__ import annotations

import pytest

from autograder.sandbox.contract import packed
from autograder.wire.messages import CellRan, Look, RunCell, Seen
from tests.confined import Confined

SLEEPS = "import time\nwhile True: time.sleep(0.01)"
SWALLOWS = "import time\ntry:\n    while True: time.sleep(0.01)\nexcept KeyboardInterrupt:\n    y = 1"


@pytest.mark.parametrize(("source", "leaves"), [(SLEEPS, False), (SWALLOWS, True)])
def test_what_was_sent_with_a_late_request_is_dropped(confined: Confined, source: str, leaves: bool) -> None:
    """Neither before nor after the next question, and the process is the same."""
    runner = confined.slot.fork()
    try:
        together = [packed(RunCell(1, source, 10)), packed(RunCell(2, "x = 1", 10)), packed(Look("x"))]
        heard = list(runner.channel.ask_all(together, lambda: 0.2))
        assert [one.interrupted for one in heard] == [True]
        missing = [runner.channel.ask(Look(name), 5).reply == Seen("missing") for name in ("x", "y")]
        assert missing == [True, not leaves]
        after = list(runner.channel.ask_all(together[1:], lambda: 5))
        assert runner.channel.read(Look("x"), after[1]).reply != Seen("missing")
    finally:
        confined.slot.retire(runner.channel)


def test_who_interrupts_itself_drops_nothing(confined: Confined) -> None:
    """A cell may raise the same signal; what comes after it runs."""
    runner = confined.slot.fork()
    try:
        own = "import signal\nsignal.raise_signal(signal.SIGINT)"
        together = [RunCell(1, own, 10), RunCell(2, "x = 1", 10)]
        heard = runner.channel.ask_all([packed(request) for request in together], lambda: 5)
        replies = [runner.channel.read(*pair).reply for pair in zip(together, heard, strict=True)]
        assert all(isinstance(reply, CellRan) for reply in replies)
        assert [bool(reply.error) for reply in replies] == [True, False]  # type: ignore[union-attr]
    finally:
        confined.slot.retire(runner.channel)
