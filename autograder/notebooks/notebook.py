"""A submitted file's bytes, read as a notebook. Nothing of it is ever run here.

The bytes are a stranger's. They are read twice: first by msgspec into a struct that skips outputs,
attachments and everything else nobody asks for, however large; then the small skeleton that is left is
taken apart, upgraded by nbformat if it is of an older format. JSON that msgspec refuses (a bare ``NaN``,
a raw newline in a string, half a surrogate pair, another encoding) is mended if the file is small, and
goes the same way. Whatever cannot be read is an :class:`~autograder.errors.UnreadableNotebook` with a
code of its own.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Raw, Struct

from autograder.errors import UnreadableNotebook
from autograder.notebooks import foreign
from autograder.notebooks.old_formats import upgraded

MAX_CELLS = 5_000
MAX_CODE_CHARS = 512 << 10  # of all code cells together: every one of them is parsed
MAX_SOURCE_BYTES = 8 << 20  # of one cell, as JSON: a list of one-letter strings takes 12 times its size
MAX_LABEL_CHARS = 200  # grade ids, tags, languages

Kind = Literal["code", "markdown", "raw"]
T = TypeVar("T")


class Cell(Struct, frozen=True):
    """One cell. ``position`` counts from 1 over all cells; lines in ``source`` end in ``\\n``."""

    position: int
    kind: Kind
    source: str
    grade_id: str | None = None
    tags: tuple[str, ...] = ()


class Notebook(Struct, frozen=True):
    """The cells, and what the notebook says of itself: the language and assignment it was released as."""

    cells: tuple[Cell, ...]
    language_hint: str | None = None
    assignment_hint: str | None = None


_INSTEAD = {errno.ELOOP: "link", errno.ENXIO: "special"}  # a link put there since it was looked at, and a socket


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of the regular file at ``path``, at most ``max_bytes`` of them.

    Raises :class:`UnreadableNotebook`: ``file_missing``, ``not_a_file`` (fact ``kind``: link, folder,
    special), ``notebook_too_large`` (facts ``size_mib``, ``limit_mib``), and where it is the machine that does not let
    us read it ``file_not_readable`` (fact ``why``).
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # not every system has each
        flags |= getattr(os, name, 0)
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise UnreadableNotebook("not_a_file", kind="link")
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the path
        raise UnreadableNotebook("file_missing") from None
    except OSError as error:
        if kind := _INSTEAD.get(error.errno or 0):
            raise UnreadableNotebook("not_a_file", kind=kind) from None
        raise UnreadableNotebook("file_not_readable", why=error.strerror or str(error)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "folder" if stat.S_ISDIR(status.st_mode) else "special"
            raise UnreadableNotebook("not_a_file", kind=kind)
        data, size = b"", status.st_size
        if size <= max_bytes:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(max_bytes + 1)
            size = len(data)  # it may have grown
    except OSError as error:
        raise UnreadableNotebook("file_not_readable", why=error.strerror or str(error)) from None
    finally:
        os.close(descriptor)
    if size > max_bytes:
        raise UnreadableNotebook("notebook_too_large", size_mib=_mib(size), limit_mib=_mib(max_bytes))
    return data


def parse(data: bytes) -> Notebook:
    """The notebook that ``data`` holds: UTF-8 with or without BOM, UTF-16 with BOM, or cp949 text.

    Half surrogate pairs become U+FFFD. Raises :class:`UnreadableNotebook`, and nothing else.
    """
    try:
        return _parse(data)
    except UnreadableNotebook:
        raise
    except RecursionError:
        raise UnreadableNotebook("notebook_nested_too_deep") from None
    except MemoryError:
        raise UnreadableNotebook("notebook_too_complex") from None
    except Exception as error:  # nbformat leaks AttributeError, TypeError, KeyError and more
        raise UnreadableNotebook("notebook_bad_format", problem=type(error).__name__) from error


def _parse(data: bytes) -> Notebook:
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise UnreadableNotebook("notebook_empty")
    utf8 = foreign.utf8(data)
    try:
        return _read(utf8)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if len(utf8) > foreign.MENDABLE_BYTES and isinstance(error, msgspec.ValidationError):
            raise _wrong_shape(error) from None
        mended = foreign.mended(data, utf8, error)
    try:
        return _read(mended)
    except msgspec.ValidationError as error:
        raise _wrong_shape(error) from None


# The first reading: structs that name what is wanted. A Raw is a slice of the file: it costs nothing
# until it is decoded, and then only against a type.


class _RawCell(Struct, gc=False):
    cell_type: str
    source: Raw = Raw(b"null")
    input: Raw = Raw(b"null")  # what nbformat 3 called a code cell's source
    level: Raw = Raw(b"1")  # of nbformat 3's headings
    metadata: Raw = Raw(b"{}")


class _Worksheet(Struct):
    cells: list[_RawCell] | None = None


class _Document(Struct):
    cells: list[_RawCell] | None = None
    worksheets: list[_Worksheet] | None = None  # up to nbformat 3
    nbformat: Raw = Raw(b"")
    metadata: Raw = Raw(b"{}")


class _Metadata(Struct):
    kernelspec: Raw = Raw(b"{}")
    language_info: Raw = Raw(b"{}")
    autograder: Raw = Raw(b"{}")


class _Kernelspec(Struct):
    language: str | None = None


class _LanguageInfo(Struct):
    name: str | None = None


class _CellMetadata(Struct):
    nbgrader: Raw = Raw(b"{}")
    tags: Raw = Raw(b"[]")


class _Nbgrader(Struct):
    grade_id: str | None = None


class _Assignment(Struct):
    assignment: str | None = None


class _Lang(Struct):
    lang: str | None = None


_document = msgspec.json.Decoder(_Document)
_text: msgspec.json.Decoder[str | list[str] | None] = msgspec.json.Decoder(str | list[str] | None)


def _read(utf8: bytes) -> Notebook:
    if utf8.count(b'"cell_type"') > 20 * MAX_CELLS:  # before a struct is made of each
        raise UnreadableNotebook("notebook_has_too_many_cells", limit=MAX_CELLS)
    document = _document.decode(utf8)
    raw, old = document.cells or [], False
    if not raw:
        raw = [cell for sheet in document.worksheets or [] for cell in sheet.cells or []]
        old = bool(raw)
    if len(raw) > MAX_CELLS:
        raise UnreadableNotebook("notebook_has_too_many_cells", limit=MAX_CELLS)
    if not raw:
        is_notebook = document.nbformat or document.cells is not None or document.worksheets is not None
        raise UnreadableNotebook("notebook_without_cells" if is_notebook else "notebook_is_other_json")
    metadata = _lenient(document.metadata, _Metadata, _Metadata())
    _refuse_other_languages(metadata)
    sources = [_source(cell, position, old) for position, cell in enumerate(raw, start=1)]
    code = [source for source, cell in zip(sources, raw, strict=True) if cell.cell_type == "code"]
    if sum(map(len, code)) > MAX_CODE_CHARS:
        raise UnreadableNotebook("notebook_has_too_much_code", limit_kib=MAX_CODE_CHARS // 1024)
    nodes = _upgraded(raw, sources, old)
    cells = []
    for position, (cell, node) in enumerate(zip(raw, nodes, strict=True), start=1):
        own = _lenient(cell.metadata, _CellMetadata, _CellMetadata())
        tags = _lenient(own.tags, list[str], []) if len(memoryview(own.tags)) < 100 * MAX_LABEL_CHARS else []
        cells.append(
            Cell(
                position=position,
                kind=_KINDS.get(node["cell_type"], "raw"),
                source=normal_newlines(node["source"]),
                grade_id=_label(_lenient(own.nbgrader, _Nbgrader, _Nbgrader()).grade_id),
                tags=tuple(tag[:MAX_LABEL_CHARS] for tag in tags),
            )
        )
    return Notebook(
        cells=tuple(cells),
        language_hint=_label(_lenient(metadata.autograder, _Lang, _Lang()).lang),
        assignment_hint=_label(_lenient(metadata.autograder, _Assignment, _Assignment()).assignment),
    )


_KINDS: dict[str, Kind] = {"code": "code", "markdown": "markdown", "heading": "markdown", "html": "markdown"}


def normal_newlines(source: str) -> str:
    """``source`` with every line ending in ``\\n``, whatever system it was written on."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _lenient(raw: Raw, type_: type[T], default: T) -> T:
    """What ``raw`` holds; ``default`` where a schema-invalid notebook holds something else."""
    try:
        return msgspec.json.decode(raw, type=type_)
    except msgspec.ValidationError:
        return default


def _label(text: str | None) -> str | None:
    return text if text is not None and 0 < len(text) <= MAX_LABEL_CHARS else None


def _source(cell: _RawCell, position: int, old: bool) -> str:
    raw = cell.input if old and cell.cell_type == "code" else cell.source
    if len(memoryview(raw)) > MAX_SOURCE_BYTES:
        raise UnreadableNotebook("cell_too_large", cell=position, limit_mib=_mib(MAX_SOURCE_BYTES))
    try:
        source = _text.decode(raw)
    except msgspec.ValidationError:
        if cell.cell_type == "code":
            raise UnreadableNotebook("cell_without_source", cell=position) from None
        source = None  # markdown is never run: the code is still worth reading
    return source if isinstance(source, str) else "".join(source or [])


def _upgraded(raw: list[_RawCell], sources: list[str], old: bool) -> list[dict[str, Any]]:
    """The cells as nbformat 4 has them, one for one.

    Of nbformat 4, what is kept of a cell is all there is to know: nbformat would hand it back as it is.
    """
    if old:
        return _upgraded_by_nbformat(raw, sources)
    kinds = [cell.cell_type if cell.cell_type in _KINDS else "raw" for cell in raw]
    return [{"cell_type": kind, "source": source} for kind, source in zip(kinds, sources, strict=True)]


def _upgraded_by_nbformat(raw: list[_RawCell], sources: list[str]) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for cell, source in zip(raw, sources, strict=True):
        node: dict[str, Any] = {"cell_type": cell.cell_type, "metadata": {}}
        if cell.cell_type not in _KINDS:
            node["cell_type"] = "raw"
        if cell.cell_type == "code":
            node |= {"outputs": [], "input": source, "language": "python", "collapsed": False}
        else:
            node["source"] = source
        if cell.cell_type == "heading":
            level = _lenient(cell.level, int, 1)
            node["level"] = level if 1 <= level <= 6 else 1
        cells.append(node)
    sheet = {"metadata": {}, "cells": cells}
    skeleton = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
    return list(upgraded(skeleton)["cells"])


def _refuse_other_languages(metadata: _Metadata) -> None:
    stated = (
        _lenient(metadata.language_info, _LanguageInfo, _LanguageInfo()).name,
        _lenient(metadata.kernelspec, _Kernelspec, _Kernelspec()).language,
    )
    languages = [language for language in stated if language]
    # Kernels are renamed freely ("conda-env-x-py"), languages seldom; one mention of Python is enough.
    if languages and not any("python" in language.lower() for language in languages):
        raise UnreadableNotebook("notebook_other_language", language=" ".join(languages[0].split())[:40])


def _wrong_shape(error: msgspec.ValidationError) -> UnreadableNotebook:
    """JSON of another shape than a notebook's."""
    if place := re.search(r"cells\[(\d+)\]", str(error)):
        return UnreadableNotebook("notebook_bad_cell", cell=int(place[1]) + 1)
    return UnreadableNotebook("notebook_is_other_json")


def _mib(size_bytes: int) -> int:
    return -(-size_bytes // (1 << 20))
