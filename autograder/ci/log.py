"""A CI's log, in which nothing that is shown becomes a command.

GitHub reads every line that a step prints for workflow commands. Whatever a student can have written is printed
between a command that stops them and one that lets them through again, whose token is drawn anew and known to nobody
else. Both of a process's streams are made one for that time: two of them reach the log in no certain order.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def shielded(on_github: bool) -> Iterator[None]:
    """While inside, no line of this process, or of one that it starts, is a workflow command."""
    if not on_github:
        yield
        return
    token = secrets.token_hex(32)
    sys.stdout.flush()
    sys.stderr.flush()
    errors = os.dup(2)
    os.dup2(1, 2)
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"\n::{token}::", flush=True)  # at the start of a line, whatever was left open
        os.dup2(errors, 2)
        os.close(errors)
