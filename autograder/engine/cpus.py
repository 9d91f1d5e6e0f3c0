"""Which CPU a grading process gets where several programs share a machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_cpu() -> Iterator[int | None]:
    """A CPU that no other grading process of this machine holds, whoever started it; None if there is none left.

    What holds it is the name of a socket outside the file system: the kernel lets one have it, whichever user's, and
    takes it back however that one ends.
    """
    for cpu in sorted(os.sched_getaffinity(0)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as held:
            try:
                held.bind(f"\0autograder-cpu-{cpu}")
            except OSError:
                continue
            yield cpu
            return
    yield None
