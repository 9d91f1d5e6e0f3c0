"""Ctrl-C where it must wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """Let Ctrl-C strike when the block is left, not inside it.

    An extension module in C++ that is interrupted while it is imported says ``initialization failed``, and what
    it leaves behind aborts the interpreter at its end. Outside the main thread nothing is interrupted anyway.
    """
    embedded = (
        signal.getsignal(signal.SIGINT) is None
    )  # its handler is not Python's, and could not be set again
    if embedded or threading.current_thread() is not threading.main_thread():
        yield
        return
    struck: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: struck.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if struck:
            signal.raise_signal(signal.SIGINT)
