"""Ctrl-C and what is like it: where it must wait, and who hears of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # what a shell gives a program that Ctrl-C ended

# SIGHUP is sent when a terminal is closed; Windows has none.
_LIKE_IT = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def held_back() -> Iterator[None]:
    """Let Ctrl-C and what is like it strike when the block is left, not inside it.

    An extension module in C++ that is interrupted while it is imported says ``initialization failed``, and what
    it leaves behind aborts the interpreter at its end. Outside the main thread nothing is interrupted anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    struck: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_LIKE_IT)}
    before = {number: handler for number, handler in before.items() if handler is not None}  # else it is not Python's
    for number in before:
        signal.signal(number, lambda number, _: struck.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if struck:
            signal.raise_signal(struck[0])


def terminable() -> None:
    """Let SIGTERM and SIGHUP do what Ctrl-C does, unless somebody has said otherwise.

    By themselves they end this process at once: what that has started and put into temporary folders would stay.
    """
    for number in _LIKE_IT:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminated)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    """As whoever hears Ctrl-C now; where that is ignored, as in a shell's background, an interrupt all the same."""
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:
        raise KeyboardInterrupt
