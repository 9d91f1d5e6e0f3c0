"""What a submission takes, stage by stage, and an end to what takes too long."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def alarm(seconds: float, rung: Callable[[], None]) -> Iterator[None]:
    """``rung`` after so many seconds, and TimeoutError, wherever this process is, unless it keeps that to itself."""

    def ring(*_: object) -> None:
        rung()
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self._began = self._lap = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = now - self._lap
        self._lap = now

    def finished(self) -> dict[str, float]:
        return {name: round(value, 6) for name, value in self.seconds.items()} | {
            "total": round(time.monotonic() - self._began, 6)
        }
