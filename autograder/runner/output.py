"""What cells print: the first bytes of each are kept.

``sys.stdout`` and ``sys.stderr`` are one stream for all cells, as in Jupyter: what a handler of :mod:`logging` that one
cell made writes in another belongs to the other. After a cell that closed it there is a new one.
"""

from __future__ import annotations

import io
import sys
from typing import Any, NamedTuple


class Printed(NamedTuple):
    """What was kept, and whether more was printed than that."""

    text: str
    truncated: bool


class Output:
    """Between :meth:`begin` and :meth:`end` it takes what is printed."""

    def __init__(self) -> None:
        self._kept, self._stream = _fresh()
        self._before: tuple[Any, Any] = sys.stdout, sys.stderr

    def begin(self, limit_bytes: int) -> None:
        """Keep what is printed from now on, up to a limit."""
        if not self._flushed():
            self._kept, self._stream = _fresh()
        self._kept.begin(limit_bytes)
        self._before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self._stream

    def end(self) -> Printed:
        """What was printed since; from now on nothing is kept, and the streams are what they were before."""
        sys.stdout, sys.stderr = self._before
        self._flushed()
        printed = self._kept.printed()
        self._kept.begin(0)
        return printed

    def _flushed(self) -> bool:
        """Whether all of it has arrived: a cell may have closed the stream, or had it hold things back."""
        try:
            io.TextIOWrapper.flush(self._stream)
        except ValueError:
            return False
        return True


class _Kept(io.RawIOBase):
    """Keeps the first bytes written and counts the rest."""

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, limit_bytes: int) -> None:
        self._bytes = bytearray()
        self._limit_bytes = limit_bytes
        self._truncated = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        room = self._limit_bytes - len(self._bytes)
        self._bytes += bytes(data)[: max(room, 0)]
        self._truncated = self._truncated or len(data) > room
        return len(data)

    def printed(self) -> Printed:
        """Bytes that are no UTF-8 become longer, so it is cut once more."""
        text = self._bytes.decode("utf-8", "replace")
        return Printed(text.encode()[: self._limit_bytes].decode("utf-8", "ignore"), self._truncated)


def _fresh() -> tuple[_Kept, io.TextIOWrapper]:
    kept = _Kept()
    raw: Any = kept  # all of it that TextIOWrapper uses is there
    return kept, io.TextIOWrapper(raw, encoding="utf-8", errors="replace", write_through=True)
