"""The fork server's memory, laid out so that a fork of it costs little.

A runner shares it page by page until it writes on one; then the kernel copies that page, in 2 µs. What is set here is
glibc's and Linux's own; where something of it is missing, everything works and takes longer.
"""

from __future__ import annotations

import ctypes
import gc
import re
from contextlib import suppress
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 32 << 20  # the largest threshold that glibc takes
MADV_COLLAPSE = 25  # Linux 6.1
HUGE_PAGE_BYTES = 2 << 20
LARGEST_HOLE, SMALLEST_HOLE = 1 << 20, 32  # bytes
OWN_LISTS = 1_024  # bytes; up to these each size has a list of its own
POOL_SIZES = range(48, 513, 16)  # bytes of the objects that Python allocates itself, header included
OF_EACH = 1_000  # fills the pools that have room; measured, 8 MB
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n")
_fillers: list[object] = []


class _Usage(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    )


def keep_what_is_freed() -> None:
    """Let the C library keep it, up to a limit: a tensor of 400 KB otherwise costs 100 page faults anew."""
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def settle() -> None:
    """The last thing before forking: nothing that is used now will be moved or freed."""
    gc.collect()
    _fill_holes()
    gc.freeze()
    _into_huge_pages()


def _fill_holes() -> None:
    """Occupy what is free between used memory.

    What a runner makes then stands together on pages of its own, not in a hole on everybody's page each: 350 of 4,300
    page faults less for a notebook of 20 cells and what is asked of it, and 2 of 51 ms.
    """
    _fillers.extend(bytes(size - b"".__sizeof__()) for size in POOL_SIZES for _ in range(OF_EACH))
    libc = ctypes.CDLL(None)
    with suppress(AttributeError):  # another C library
        libc.malloc_trim(0)
        libc.mallinfo2.restype = _Usage
        libc.malloc.restype = ctypes.c_void_p
        size = LARGEST_HOLE
        while size >= SMALLEST_HOLE:
            before = _extent(libc.mallinfo2())
            taken = libc.malloc(ctypes.c_size_t(size))
            if _extent(libc.mallinfo2()) != before:  # it was no hole
                libc.free(ctypes.c_void_p(taken))
                size -= 16 if size <= OWN_LISTS else size // 128 * 16


def _extent(usage: _Usage) -> tuple[int, int, int]:
    """What changes when memory is taken from elsewhere than between used memory: the heap, its end, and maps."""
    return usage.arena, usage.keepcost, usage.hblks


def _into_huge_pages() -> None:
    """Move this process's memory into huge pages, where the kernel can.

    A fork copies the page tables of 250 MB, and a runner's end frees them: 2.6 ms and 3.0 ms in small pages,
    0.7 ms and 0.8 ms in huge ones. Done once, in half a second.
    """
    libc = ctypes.CDLL(None)
    for begin, end in _ANONYMOUS.findall(Path("/proc/self/maps").read_text(encoding="utf-8")):
        first = -(-int(begin, 16) // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
        last = int(end, 16) // HUGE_PAGE_BYTES * HUGE_PAGE_BYTES
        if last > first:
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)
