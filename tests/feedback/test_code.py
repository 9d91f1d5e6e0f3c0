"""Colouring a student's code: nothing is lost, nothing takes long, broken code is coloured too."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.escaping import visible
from autograder.feedback.blocks import MAX_CODE_CHARACTERS
from autograder.feedback.code import MAX_REMEMBERED_CHARACTERS, coloured

SIZE = 8 * MAX_CODE_CHARACTERS
BACKSLASH = "\\"
# Each kept Pygments' lexer or a backtracking expression busy, or could.
SLOW = [
    *("*", "(", '"', "'", "{", "a", "1", " ", "\n", "\t", "@", "#", BACKSLASH, "\r", "가"),
    *(
        '"""',
        "'''",
        'f"{',
        "\n ",
        '"%',
        "a.",
        "@a.",
        "1_",
        "1e+",
        "rb",
        'r"',
        "'\"",
        '"' + BACKSLASH,
        "''" + BACKSLASH,
    ),
]


LINE = re.compile(r'<(span|mark) class="line" data-n="(\d+)">(.*?)\n</\1>', re.DOTALL)
PIECE = re.compile(r'<span class="k-([a-z]+)">([^<]*)</span>|([^<]+)')


def lines(source: str, marked: Collection[int] = (), begins: Collection[int] = (1,)) -> list[tuple[int, bool, str]]:
    """Of every line its number, whether it is marked, and its HTML; nothing else is there."""
    shown = coloured(source, marked, begins)
    assert LINE.sub("", shown) == ""
    return [(int(number), element == "mark", code) for element, number, code in LINE.findall(shown)]


def pieces(code: str) -> list[tuple[str, str]]:
    """A line's kinds and texts."""
    assert PIECE.sub("", code) == ""
    return [(kind, html.unescape(text or plain)) for kind, text, plain in PIECE.findall(code)]


def text_of(source: str) -> str:
    return "\n".join("".join(text for _, text in pieces(code)) for _, _, code in lines(source))


def kinds(source: str) -> list[tuple[str, str]]:
    return [(kind, text.strip(" ")) for *_, code in lines(source) for kind, text in pieces(code) if text.strip()]


@given(st.text(alphabet=st.sampled_from("ab1._ \n\t@%!#\"'\\{}()=fr가\r"), max_size=80))
def test_no_character_is_lost(source: str) -> None:
    """Whatever the text, its lines are those of the source, and no text of it is an element."""
    assert text_of(source) == "\n".join(map(visible, source.split("\n")))


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_takes_long(piece: str) -> None:
    """The time grows with the length and no faster: eight times the longest page takes seconds, not many minutes."""
    began = time.process_time()
    coloured('"%' + piece * (SIZE // len(piece)))
    assert time.process_time() - began < 10


def test_the_words_of_a_class() -> None:
    """Keywords, names that are defined, strings, numbers and comments are told apart."""
    assert kinds("class Net(nn.Module):  # mine") == [
        ("keyword", "class"),
        ("name", "Net"),
        ("", "(nn.Module):"),
        ("comment", "# mine"),
    ]
    assert kinds("    @property\n    def p(self): return len(f'{x}') + 1e-3") == [
        ("decorator", "@property"),
        ("keyword", "def"),
        ("name", "p"),
        ("", "("),
        ("keyword", "self"),
        ("", "):"),
        ("keyword", "return"),
        ("builtin", "len"),
        ("", "("),
        ("string", "f'{x}'"),
        ("", ") +"),
        ("number", "1e-3"),
    ]


def test_an_at_sign_in_a_line_multiplies() -> None:
    """Only at the start of a line is it a decorator, and only there is a per cent sign a magic."""
    assert kinds("y = x @ w % 3") == [("", "y = x @ w %"), ("number", "3")]
    assert kinds("%time x\n!pip install y") == [("magic", "%time x"), ("magic", "!pip install y")]


@pytest.mark.parametrize(
    ("source", "string"),
    [
        ('x = "open\ny = 1', ['"open']),
        ('x = """open\ny = 1', ['"""open', "y = 1"]),
        ("x = 'it\\'s' + 1", ["'it\\'s'"]),
        ('x = """a"b""c""" + d', ['"""a"b""c"""']),
        ("Rb'x'", ["Rb'x'"]),
        ("xrb'x'", ["'x'"]),
        ("'# no comment'", ["'# no comment'"]),
    ],
)
def test_strings_end_where_they_end(source: str, string: list[str]) -> None:
    """One that is never closed ends with its line, a triple-quoted one with the text."""
    assert [text for kind, text in kinds(source) if kind == "string"] == string


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""a\n\nb""" + c', [("string", '"""a'), ("string", 'b"""'), ("", "+ c")]),
        ("'''a\"\"\"\n1'''", [("string", "'''a\"\"\""), ("string", "1'''")]),
        ("'a\\\n1' + 2", [("string", "'a\\"), ("string", "1'"), ("", "+"), ("number", "2")]),
        ("'a\\\n\n1", [("string", "'a\\"), ("number", "1")]),
        ("'a\n1", [("string", "'a"), ("number", "1")]),
        ('x = "a\\', [("", "x ="), ("string", '"a'), ("", "\\")]),
        ("class\n  \nNet", [("keyword", "class"), ("name", "Net")]),
        ("class # it\nNet", [("keyword", "class"), ("comment", "# it"), ("", "Net")]),
    ],
)
def test_what_a_line_leaves_open_goes_on_in_the_next(source: str, expected: list[tuple[str, str]]) -> None:
    """Strings over several lines, and a name that is defined in the line below."""
    assert kinds(source) == expected


def test_a_line_is_coloured_by_what_is_open_above_it() -> None:
    """What is remembered of a line is not taken for the same line within a string; nor is a long line other."""
    assert kinds("x = 1\n'''\nx = 1\n'''\nx = 1") == [
        *(("", "x ="), ("number", "1")),
        *(("string", "'''"), ("string", "x = 1"), ("string", "'''")),
        *(("", "x ="), ("number", "1")),
    ]
    long = "a" * MAX_REMEMBERED_CHARACTERS
    assert kinds(f"class\n{long}") == [("keyword", "class"), ("name", long)]
    assert kinds(f"'''\n{long}") == [("string", "'''"), ("string", long)]


def test_lines_are_counted_from_their_cell() -> None:
    """In a question of two cells the second one's lines begin with 1 again; marks count through."""
    shown = lines("a\nb\n\nc", marked={4}, begins={1, 4})
    assert [line[:2] for line in shown] == [(1, False), (2, False), (3, False), (1, True)]
