"""Whether anybody still reads what this program says: ``grader grade dl1 | head`` ends before it does."""

from __future__ import annotations

import os
import select
import sys

UNREAD = 141  # what a shell gives a program that SIGPIPE ended


class Reader:
    """Whoever reads stdout as it is now: a library may put something else in its place once they are gone."""

    def __init__(self) -> None:
        try:
            self._descriptor = os.dup(sys.stdout.fileno())
        except (OSError, ValueError, AttributeError):  # no file, as in a test or without a console
            self._descriptor = -1

    def is_gone(self) -> bool:
        """Whether the other end of the pipe is closed; False where that cannot be told, as on Windows."""
        if self._descriptor < 0 or not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(self._descriptor, 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))

    def forget(self) -> None:
        """What is still to be said goes nowhere: Python would complain of it at its end."""
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        os.close(null)
