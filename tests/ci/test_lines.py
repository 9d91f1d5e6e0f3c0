"""Where the lines of a notebook's cells stand in its file."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.ci.lines import Lines, Span
from tests.builders import code, document, text
from tests.payloads import HOSTILE


def test_every_line_as_jupyter_writes_it() -> None:
    """For each line of each source, the file's line is the one that holds it."""
    sources = ["import torch\nx = 1\n\ny = 2", "# text", "z = 3\n", ""]
    output = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}
    cells = [
        code(sources[0]) | {"outputs": [output], "metadata": {"source": ["nor\n", "this"]}},
        text(sources[1]) | {"attachments": {"source": {"image/png": "x" * 10_000}}},
        code(sources[2]),
        code(sources[3]),
    ]
    book = nbformat.from_dict(document(cells, {"cells": "not these", "source": ["nor this"]}))  # type: ignore[no-untyped-call]
    written = str(nbformat.writes(book))  # type: ignore[no-untyped-call]
    lines, rows = Lines(written.encode()), written.splitlines()
    for position, source in enumerate(sources, 1):
        for number, line in enumerate(source.splitlines(), 1):
            span = lines.of_line(position, number)
            assert span is not None
            assert span.first == span.last
            assert json.loads(rows[span.first - 1].strip().removesuffix(",")).rstrip("\n") == line
    first = lines.of_cell(1)
    assert first is not None
    assert first.last - first.first == 3
    assert lines.of_cell(4) is None
    assert lines.of_cell(5) is None
    assert lines.of_line(1, 99) == first


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_source_in_one_string(indent: int | None) -> None:
    """A source that is one string stands on one line, however many it has itself."""
    written = json.dumps({"cells": [{"source": "a"}, {"source": "b\nc\nd"}]}, indent=indent)
    expected = next(number for number, row in enumerate(written.splitlines(), 1) if "b\\nc" in row)
    assert Lines(written.encode()).of_line(2, 3) == Span(expected, expected)


@pytest.mark.parametrize("payload", HOSTILE)
def test_strings_may_hold_anything(payload: str) -> None:
    """Quotes, brackets and escapes within strings mislead nobody."""
    written = json.dumps(
        {"metadata": {payload: [payload]}, "cells": [{"outputs": [payload], "source": [payload, "x"]}]}
    )
    assert Lines(written.encode(errors="surrogatepass")).of_cell(1) == Span(1, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"print(1)",
        b'{"cells": [',
        b'{"cells": [{"source": ["a',
        b"}}}]]]",
        b"[" * 10_000,
        b"\xff\xfe{\0",
    ],
)
def test_what_is_no_notebook_has_no_lines(data: bytes) -> None:
    """A broken file is no error here: there is nothing to point at."""
    assert Lines(data).of_cell(1) is None
