"""Grading processes of one machine, and a CPU for each."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from autograder.engine.cpus import own_cpu


@contextmanager
def another(user: int | None = None) -> Iterator[int]:
    """The CPU that another process holds until the end of the block, when it is killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            if user is not None:
                os.setuid(user)
            with own_cpu() as cpu:
                os.write(writer, str(cpu).encode())
                signal.pause()
        finally:
            os._exit(1)
    os.close(writer)
    try:
        yield int(os.read(reader, 20))
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.fixture(autouse=True)
def _two_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with two, which nobody else uses."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {90_001, 90_002})


def test_each_has_its_own_as_long_as_there_are_any() -> None:
    """Whoever comes when all are taken gets none, and waits for none."""
    with own_cpu() as first, own_cpu() as second, own_cpu() as third:
        assert (first, second, third) == (90_001, 90_002, None)
    with own_cpu() as again:
        assert again == 90_001


def test_a_killed_process_gives_it_back() -> None:
    """And holds it until then."""
    with another() as theirs, own_cpu() as ours:
        assert (theirs, ours) == (90_001, 90_002)
    with own_cpu() as ours:
        assert ours == 90_001


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start another user's process")
def test_users_do_not_share_one_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever came first, and wherever each has their temporary files."""
    with ExitStack() as stack:
        first = stack.enter_context(another(user=65_001))
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        second = stack.enter_context(another(user=65_002))
        assert (first, second, stack.enter_context(own_cpu())) == (90_001, 90_002, None)
