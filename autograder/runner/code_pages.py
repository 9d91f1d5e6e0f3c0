"""The libraries' code, moved from their files' pages into the fork server's own memory.

No page of a file is in a fork's page table: each 64 KB of code that a runner enters cost it a fault, 600 for a notebook
and what is asked of it, and its end had them to unmap. What is moved is there from the start; most of it in huge pages,
which are few to look up as well. Node.js does so with its own code (``--use-largepages``). The price is memory:
140 MB a slot that were the files' before. Where the kernel refuses, everything works and takes longer.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.runner.memory import HUGE_PAGE_BYTES, MADV_COLLAPSE

USED_SHARE = 1 / 4  # of a huge page's small ones that are mapped; below, its code is left where it is
MREMAP_MAYMOVE, MREMAP_FIXED = 1, 2
_ENTRY_BYTES, _PRESENT_BIT = 8, 7  # of a page in the kernel's page map; the highest bit of the entry's last byte
_CODE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ [1-9]\d* +/.*\n")
_FAILED = ctypes.c_void_p(-1).value
_libc = ctypes.CDLL(None)
_libc.mmap.restype = _libc.mremap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *(ctypes.c_int,) * 3, ctypes.c_long)
_libc.mremap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p)
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_libc.mprotect.argtypes = _libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def open_page_map() -> int | None:
    """This process's page map, to be opened while it is dumpable; None where that is not allowed."""
    try:
        return os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def move(page_map: int) -> None:
    """Move the code that has been used until now, for good."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    for first, last in [(int(first, 16), int(last, 16)) for first, last in _CODE.findall(maps)]:
        for begin, end in _used(first, last, page_map):
            _move(begin, end)


def _used(first: int, last: int, page_map: int) -> Iterator[tuple[int, int]]:
    """The parts of a mapping that are used, in whole huge pages but for the mapping's own ends."""
    begin = end = first
    while end < last:
        following = min((end // HUGE_PAGE_BYTES + 1) * HUGE_PAGE_BYTES, last)
        pages = (following - end) // mmap.PAGESIZE
        entries = os.pread(page_map, pages * _ENTRY_BYTES, end // mmap.PAGESIZE * _ENTRY_BYTES)
        present = sum(byte >> _PRESENT_BIT for byte in entries[_ENTRY_BYTES - 1 :: _ENTRY_BYTES])
        if present < USED_SHARE * pages:
            if begin < end:
                yield begin, end
            begin = following
        end = following
    if begin < end:
        yield begin, end


def _move(begin: int, end: int) -> None:
    """Put a copy in the place of what is mapped there, at once, since some of it may be at work."""
    size = end - begin
    area = size + HUGE_PAGE_BYTES
    start = _libc.mmap(
        None, area, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0
    )
    if start == _FAILED:
        return
    copy = start + (begin - start) % HUGE_PAGE_BYTES
    ctypes.memmove(copy, begin, size)
    whole = -(-copy // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
    whole_size = (copy + size) // HUGE_PAGE_BYTES * HUGE_PAGE_BYTES - whole
    moved = (
        (whole_size <= 0 or _libc.madvise(whole, whole_size, MADV_COLLAPSE) == 0)
        and _libc.mprotect(copy, size, mmap.PROT_READ | mmap.PROT_EXEC) == 0
        and _libc.mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, begin) == begin
    )
    if moved:
        _libc.munmap(start, copy - start)
        _libc.munmap(copy + size, start + area - copy - size)
    else:
        _libc.munmap(start, area)
