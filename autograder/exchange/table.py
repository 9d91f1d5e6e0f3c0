"""A table of delimited text that somebody else's program wrote, some of whose cells are filled in.

Nothing but those cells changes: not a byte order mark, a line ending, a quotation mark, a column. The file is
read as Latin-1, where each byte is one character, and cut at delimiters and quotes, which mean the same in UTF-8
and in cp949. Cells are decoded only to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError

MAX_FILE_BYTES = 64 << 20
BOM = "\xef\xbb\xbf"

_POINT = re.compile(r"-?\d+\.\d+")
_COMMA = re.compile(r"-?\d+,\d+")


class ExchangeError(GraderError):
    """A file that was to be filled in or taken in, and cannot be; the text names it and the remedy."""


@dataclass(frozen=True)
class Cell:
    """``start`` and ``end`` are where it stands in the file, quotes included."""

    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True)
class Table:
    path: Path
    text: str  # one character a byte
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]  # without rows that hold nothing

    def decimal(self, cells: list[str]) -> str:
        """The decimal mark that ``cells`` use; where none has one, the one that goes with the delimiter."""
        for cell in cells:
            if _POINT.fullmatch(cell.strip()):
                return "."
            if _COMMA.fullmatch(cell.strip()):
                return ","
        return "," if self.delimiter == ";" else "."

    def filled(self, changes: Mapping[Cell, str]) -> bytes:
        """The file with each cell's new text in its place, quoted as the old one was or as it must be."""
        parts, done = [], 0
        for cell in sorted(changes, key=lambda cell: cell.start):
            new = changes[cell]
            quote = '"' if cell.quoted or self.delimiter in new or '"' in new else ""
            parts += [self.text[done : cell.start], quote, new.replace('"', '""') if quote else new, quote]
            done = cell.end
        return "".join([*parts, self.text[done:]]).encode("latin-1")


def read(path: Path) -> Table:
    """The table in ``path``; raises :class:`ExchangeError` for what is none."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ExchangeError(
                f"{path}: is larger than {MAX_FILE_BYTES >> 20} MiB. Give the CSV file itself"
            )
        data = path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{path}: cannot be read ({error.strerror}). Check its spelling") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:2] == b"PK" or b"\0" in data[:4096]:
        raise ExchangeError(f"{path}: is no CSV file in UTF-8. Take it as it was downloaded, not saved anew")
    text = data.decode("latin-1")
    start = len(BOM) if text.startswith(BOM) else 0
    decode = _decoder(path, data)
    counts = {delimiter: len(_row(text, start, delimiter, decode)[0]) for delimiter in ",;\t"}
    delimiter = max(counts, key=lambda each: counts[each])
    rows, at = [], start
    while at < len(text):
        row, at = _row(text, at, delimiter, decode)
        if any(cell.value.strip() for cell in row):
            rows.append(tuple(row))
    if not rows:
        raise ExchangeError(f"{path}: is empty. Download it anew")
    return Table(path, text, delimiter, tuple(rows))


def _decoder(path: Path, data: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ExchangeError(f"{path}: is neither UTF-8 nor cp949. Take it as it was downloaded, not saved anew")


def _row(text: str, at: int, delimiter: str, encoding: str) -> tuple[list[Cell], int]:
    """The cells of the row that begins at ``at``, and where the next one begins."""
    cells = []
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    while True:
        start, quoted = at, text.startswith('"', at)
        if quoted:
            raw, at = _quoted(text, at)
        else:
            at = plain.match(text, at).end()  # type: ignore[union-attr] # it matches the empty text too
            raw = text[start:at]
        cells.append(Cell(raw.encode("latin-1").decode(encoding), start, at, quoted))
        if not text.startswith(delimiter, at):
            break
        at += 1
    end = re.compile(r"[^\r\n]*(\r\n|\r|\n|\Z)").match(text, at)
    assert end is not None
    return cells, end.end()


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands between the quotation mark at ``at`` and its fellow, and where it ends."""
    match = re.compile(r'"((?:[^"]|"")*)"?').match(text, at)
    assert match is not None
    return match[1].replace('""', '"'), match.end()
