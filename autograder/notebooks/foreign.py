"""Files that carry a notebook's name and are not quite one: mended, or told from each other.

A small file in another encoding or in sloppy JSON is mended. Of any other, the student is told what it
is: a web page, a script, half a download.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
import warnings

from autograder.errors import UnreadableNotebook

MENDABLE_BYTES = 8 << 20  # the json module can take 23 times this in memory
HEAD_CHARS = 100_000  # enough to tell what a file is

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_MAGIC_NUMBERS = {
    b"PK\x03\x04": "zip",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"\xd0\xcf\x11\xe0": "office",
}
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
_HTML = re.compile(r"<(?:!doctype|html|head|body|div|\?xml|!--)", re.IGNORECASE)
_PYTHON_LINE = re.compile(r"^(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:])", re.MULTILINE)


def utf8(data: bytes) -> bytes:
    """``data`` without a byte-order mark, and in UTF-8 if its mark said UTF-16."""
    if data.startswith(_UTF16) and len(data) <= MENDABLE_BYTES:
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def mended(data: bytes, unmarked: bytes, error: Exception) -> bytes:
    """``unmarked``, which :func:`utf8` made of ``data``, as strict JSON in UTF-8, without any outputs.

    Half surrogate pairs become U+FFFD, ``NaN`` null. ``error`` is what a strict reader said. Raises the
    :func:`diagnosis` if it cannot be mended, and RecursionError.
    """
    if len(unmarked) > MENDABLE_BYTES:
        where = re.search(r"\(byte (\d+)\)", str(error))
        before = _text(unmarked[: int(where[1])] if where else unmarked)
        place = json.JSONDecodeError("", before + ("…" if where else ""), len(before))
        raise diagnosis(data, before, place)
    text = _text(unmarked)
    try:
        tree = json.loads(
            text,
            strict=False,  # a raw newline inside a string
            parse_constant=lambda _: None,  # NaN and Infinity
            parse_float=lambda _: None,  # 1e999 would become Infinity; nothing that is read is a fraction
            parse_int=lambda digits: int(digits[:6]),  # int() refuses 4,301 digits with a ValueError
            object_pairs_hook=lambda pairs: {k: v for k, v in pairs if k not in ("outputs", "attachments")},
        )
    except json.JSONDecodeError as problem:
        raise diagnosis(data, text, problem) from None
    return re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(tree, ensure_ascii=False)).encode()


def _text(data: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def diagnosis(data: bytes, text: str, error: json.JSONDecodeError) -> UnreadableNotebook:
    """Why ``data``, whose beginning reads ``text``, is no notebook.

    ``error`` says where it stops being JSON. Gives one of ``notebook_is_binary``
    (fact ``kind``), ``notebook_is_git_lfs_pointer``, ``notebook_has_git_conflict`` (``line``),
    ``notebook_is_html``, ``notebook_is_python``, ``notebook_is_text``, ``notebook_cut_off`` (``line``),
    ``notebook_bad_json`` (``line``, ``column``).
    """
    for magic, kind in _MAGIC_NUMBERS.items():
        if data.startswith(magic):
            return UnreadableNotebook("notebook_is_binary", kind=kind)
    start = text[:HEAD_CHARS].lstrip()
    if start.startswith("version https://git-lfs.github.com/"):
        return UnreadableNotebook("notebook_is_git_lfs_pointer")
    if conflict := _CONFLICT.search(data):
        line = data.count(b"\n", 0, conflict.start()) + 1
        return UnreadableNotebook("notebook_has_git_conflict", line=line)
    if "\0" in start:
        return UnreadableNotebook("notebook_is_binary", kind="unknown")
    if not start.startswith("{"):
        if _HTML.match(start):
            return UnreadableNotebook("notebook_is_html")
        if _is_python(start):
            return UnreadableNotebook("notebook_is_python")
        if not start.startswith("["):
            return UnreadableNotebook("notebook_is_text")
    if error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip()):
        return UnreadableNotebook("notebook_cut_off", line=error.doc.count("\n") + 1)
    place = _damage(error)
    return UnreadableNotebook("notebook_bad_json", line=place.lineno, column=place.colno)


def _damage(error: json.JSONDecodeError) -> json.JSONDecodeError:
    """The same at the comma before a bracket that closes: Python sees it as the mistake since 3.13."""
    read = error.doc[: error.pos].rstrip()
    if read.endswith(",") and error.doc[error.pos : error.pos + 1] in ("}", "]"):
        return json.JSONDecodeError(error.msg, error.doc, len(read) - 1)
    return error


def _is_python(text: str) -> bool:
    if _PYTHON_LINE.search(text):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # One word or one sentence in quotes is an expression as well; so is a file of comments nothing.
    return any(not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call) for node in body)
