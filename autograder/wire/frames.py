"""Frames: an 8-byte header (two little-endian uint32), a msgpack structure, a tensor blob.

``header = (length of the structure, length of the blob)``; both are capped before a byte of them is
read, so that a runner cannot make the other end allocate.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct("<II")
MAX_STRUCTURE_BYTES = 1 << 20
MAX_BLOB_BYTES = 32 << 20


class Frame(NamedTuple):
    structure: bytes
    blob: bytes


class BadFrame(Exception):
    """The bytes are no frame: a length is over its cap, or not theirs."""


def pack(frame: Frame) -> bytes:
    """The frame's bytes; raises :class:`BadFrame` if a part is over its cap."""
    _check_lengths(len(frame.structure), len(frame.blob))
    return b"".join((HEADER.pack(len(frame.structure), len(frame.blob)), frame.structure, frame.blob))


def unpack(data: bytes) -> Frame:
    """The frame whose bytes these are; raises :class:`BadFrame` where they are not just one."""
    buffer = Buffer()
    buffer.feed(data)
    if (frame := buffer.take()) is None or buffer.pending:
        raise BadFrame("these bytes are not one frame")
    return frame


class Buffer:
    """Collects bytes as they arrive and hands out whole frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        self._bytes += data

    def take(self) -> Frame | None:
        """The first whole frame, or None while it is incomplete; raises :class:`BadFrame`."""
        if len(self._bytes) < HEADER.size:
            return None
        structure_length, blob_length = HEADER.unpack_from(self._bytes)
        _check_lengths(structure_length, blob_length)
        middle = HEADER.size + structure_length
        end = middle + blob_length
        if len(self._bytes) < end:
            return None
        with memoryview(self._bytes) as held:  # a slice of the bytearray itself would be one copy more
            frame = Frame(bytes(held[HEADER.size : middle]), bytes(held[middle:end]))
        del self._bytes[:end]
        return frame

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._bytes)


def _check_lengths(structure_length: int, blob_length: int) -> None:
    if structure_length > MAX_STRUCTURE_BYTES or blob_length > MAX_BLOB_BYTES:
        raise BadFrame(f"frame of {structure_length} + {blob_length} bytes is over the cap")
