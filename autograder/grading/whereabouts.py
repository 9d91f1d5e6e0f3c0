"""Which check a worker is at, in a page of memory that outlives it: asked for once that has to be ended."""

from __future__ import annotations

import os

MAX_BYTES = 512  # of a check's id


class Whereabouts:
    """Written by a worker, read by whoever started it; both hold the same open file by a descriptor of their own."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = os.memfd_create("whereabouts") if descriptor is None else descriptor

    def note(self, check: str) -> None:
        """From now on the worker is at this check; at none with an empty id."""
        os.pwrite(self.descriptor, check.encode()[:MAX_BYTES].ljust(MAX_BYTES, b"\0"), 0)

    def read(self) -> str:
        """The id of the check, or an empty text."""
        return os.pread(self.descriptor, MAX_BYTES, 0).rstrip(b"\0").decode(errors="ignore")

    def close(self) -> None:
        os.close(self.descriptor)
