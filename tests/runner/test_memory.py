"""The fork server's memory before it forks."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def alone(source: str) -> str:
    """What a process of its own prints: what is done to its memory is for good."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_comes_later_stands_in_no_hole() -> None:
    """What was freed between used memory is given to nobody any more, of the C library's and of Python's own."""
    source = """
    import ctypes
    from autograder.runner import memory

    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    blocks = [libc.malloc(ctypes.c_size_t(200)) for _ in range(2_000)]
    texts = [bytes(100) for _ in range(1_000)]
    holes = {*blocks[::2], *map(id, texts[::2])}
    for block in blocks[::2]:
        libc.free(ctypes.c_void_p(block))
    del texts[::2]
    SETTLE
    later = {libc.malloc(ctypes.c_size_t(200)) for _ in range(200)}
    more = [bytes(100) for _ in range(200)]
    print(len(holes & later), len(holes & set(map(id, more))))
    """
    kept, own = map(int, alone(source.replace("SETTLE", "")).split())
    assert min(kept, own) > 50
    assert alone(source.replace("SETTLE", "memory.settle()")) == "0 0"


def test_nothing_more_is_collected() -> None:
    """What there is at the fork is everybody's: looking through it would copy all of it."""
    source = """
    import gc
    from autograder.runner import memory

    memory.settle()
    print(len(gc.get_objects()) < 1_000 < gc.get_freeze_count())
    """
    assert alone(source) == "True"
