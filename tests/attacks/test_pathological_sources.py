"""What the trusted side parses of a student's: nothing crashes it, nothing holds it up, nothing fills its memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 20  # of processor time: most need a hundredth of it
MEMORY_MIB = 1_500

N = 90_000  # just below what is read of a cell
SOURCES = {
    "parentheses": "x = " + "(" * N,
    "closed parentheses": "x = " + "(" * (N // 2) + ")" * (N // 2),
    "as deep as is allowed": "x = " + "(" * 190 + "1" + ")" * 190,
    "tuples in tuples": "x = " + "(1," * 190 + ")" * 190,
    "calls in calls": "x = " + "f(" * 190 + ")" * 190,
    "subscripts": "x = " + "a[" * 190 + "0" + "]" * 190,
    "lambdas": "x = " + "lambda:" * (N // 7) + "0",
    "minuses": "x = " + "-" * N + "1",
    "nots": "x = " + "not " * (N // 4) + "1",
    "awaits": "x = " + "await " * (N // 6) + "y",
    "additions": "x = " + "1+" * (N // 2) + "1",
    "powers": "x = " + "2**" * (N // 3) + "2",
    "comparisons": "x = " + "1<" * (N // 2) + "1",
    "attributes": "x = a" + ".b" * (N // 2),
    "calls in a row": "x = f" + "()" * (N // 2),
    "conditions": "x = " + "1 if 1 else " * (N // 12) + "1",
    "elifs": "if 0: pass\n" + "elif 0: pass\n" * (N // 13),
    "indentation": "".join(" " * level + "if 1:\n" for level in range(400)),
    "decorators": "@f\n" * (N // 3) + "def g(): pass",
    "stars": "x = " + "*" * N,
    "brackets of all kinds": "x = " + "([{" * (N // 3),
    "f-strings": "x = " + 'f"{' * (N // 3),
    "f-strings in f-strings": "x = " + "f'{" * 100 + "1" + "}'" * 100,
    "quotes": "x = " + "'" * N,
    "triple quotes": "x = " + "'''" * (N // 3 // 2 * 2 + 1),
    "backslashes": "x = 1" + "\\\n" * (N // 2),
    "shell lines": "!x\n" * (N // 3),
    "shell lines that go on": "!x \\\n" * (N // 5),
    "magics": "%x\n" * (N // 3),
    "questions": "x?\n" * (N // 3),
    "assigned commands": "a = !b\n" * (N // 7),
    "a long name": "x" * N + " = 1",
    "digits": "x = " + "9" * N,
    "an exponent": "x = 1e" + "9" * N,
    "hexadecimal": "x = 0x" + "f" * N,
    "targets": "=".join("a" * 1 for _ in range(N // 2)) + "=1",
    "deletions": "del " + ",".join("a" for _ in range(N // 2)),
    "arguments": "x = f(" + ",".join(f"a{n}=1" for n in range(N // 9)) + ")",
    "the same argument": "x = f(" + ",".join("a=1" for _ in range(N // 4)) + ")",
    "matches": "match x:\n case " + "(" * 150 + ")" * 150 + ": pass",
    "alternatives": "match x:\n case " + "|".join("1" for _ in range(N // 2)) + ": pass",
    "nulls": "x = 1\0" * 100,
    "form feeds": "\f" * N + "x = 1",
    "carriage returns": "x = 1\r" * (N // 6),
    "surrogates": "x = '\ud800'",
    "commas": "x = " + "," * N,
    "semicolons": "x = 1;" * (N // 6),
    "comments": "#\n" * (N // 2),
    "a byte-order mark": "\ufeffx = 1",
    "names that are normalised": "ﬁ" * (N // 3) + " = 1",
    "powers of powers": "x = (" + ", ".join("9**9**9**9" for _ in range(1_000)) + ")",
    "tuples times numbers": "x = (1,) * 999\n" + "x = (x,) * 999\n" * 2_000,
    "functions that call themselves": "def f(n): return f(n) + f(n)\nx = f(1)",
    "functions that call others": "".join(
        f"def f{n}(a): return f{n + 1}(a) + f{n + 1}(a)\n" for n in range(900)
    )
    + "x = f0(1)",
    "dictionaries": "x = {" + ",".join(f"'{n}': (1, 2)" for n in range(N // 20)) + "}",
}

# Reads a source from standard input in every way the trusted side does, under limits of its own.
READER = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_MIB} << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
import json, reprlib
from autograder.evidence.literals import NotLiteral, literal
from autograder.notebooks.source import bound_names, read, tree_of
source = json.loads(sys.stdin.read())
read(source), bound_names(source), tree_of(source)
try:
    reprlib.repr(literal([source, source], "x"))
except NotLiteral:
    pass
print("read")
"""

CELL = b'{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": %s}'
NOTEBOOKS = {
    "nested arrays": b'{"cells": ' + b"[" * 100_000,
    "nested closed arrays": b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested objects in outputs": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": '
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_000
    + b"}]}",
    "nested metadata": b'{"nbformat": 4, "metadata": '
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_000
    + b', "cells": []}',
    "empty arrays": b'{"cells": [' + b"[]," * 5_000_000 + b"[]]}",
    "many cells": b'{"nbformat": 4, "cells": [' + b",".join([CELL % b'""'] * 150_000) + b"]}",
    "one-letter strings": b'{"nbformat": 4, "cells": ['
    + CELL % (b"[" + b'"a",' * 1_900_000 + b'"a"]')
    + b"]}",
    "a long text": b'{"nbformat": 4, "cells": [' + CELL % (b'"' + b"a" * 40_000_000 + b'"') + b"]}",
    "escapes": b'{"nbformat": 4, "cells": [' + CELL % (b'"' + b"\\ud800" * 1_000_000 + b'"') + b"]}",
    "a number of digits": b'{"nbformat": ' + b"9" * 5_000_000 + b', "cells": []}',
    "the same key": b"{" + b'"cells": [],' * 500_000 + b'"cells": []}',
    "half of a notebook": b'{"nbformat": 4, "cells": [' + (CELL % b'"x"' + b",") * 20_000,
    "not JSON": b"(" * 8_000_000,
    "angle brackets": b"<" * 8_000_000,
    "conflict markers": b"<<<<<<< a\n" * 500_000,
    "nulls": bytes(8_000_000),
}
PARSER = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_MIB} << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from autograder.errors import UnreadableNotebook
from autograder.notebooks.notebook import parse
try:
    parse(sys.stdin.buffer.read())
except UnreadableNotebook as error:
    error.code.encode()
print("read")
"""


def run(program: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", program], input=data, cwd=ROOT, capture_output=True, timeout=120
    )


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_no_source_hurts_whoever_reads_it(source: str) -> None:
    """Names, fingerprints and literals are read, or not, in bounded time and memory; the process goes on."""
    done = run(READER, json.dumps(source).encode())
    assert done.stdout == b"read\n", (done.returncode, done.stderr[-2_000:])


@pytest.mark.parametrize("data", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_no_notebook_hurts_whoever_reads_it(data: bytes) -> None:
    """It is read, or refused by a code of its own, in bounded time and memory."""
    done = run(PARSER, data)
    assert done.stdout == b"read\n", (done.returncode, done.stderr[-2_000:])


def test_the_limits_here_are_limits() -> None:
    """A reader that takes too long, or too much, is seen."""
    hurry = PARSER.replace(f"({SECONDS}, {SECONDS})", "(1, 1)").replace("print(", "while True: pass\nprint(")
    assert run(hurry, b"{}").returncode < 0
    assert b"MemoryError" in run(PARSER.replace("print(", "bytearray(2 << 30)\nprint("), b"{}").stderr
