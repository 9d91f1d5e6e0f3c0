"""Colouring a student's code: nothing is lost, nothing takes long, broken code is coloured too."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.blocks import MAX_CODE_CHARACTERS
from autograder.feedback.code import Line, lines

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


def text_of(shown: list[Line]) -> str:
    return "\n".join("".join(token.text for token in line.tokens) for line in shown)


def kinds(source: str) -> list[tuple[str, str]]:
    return [(kind, text.strip(" ")) for line in lines(source) for kind, text in line.tokens if text.strip()]


@given(st.text(alphabet=st.sampled_from("ab1._ \n\t@%!#\"'\\{}()=fr가\r"), max_size=80))
def test_no_character_is_lost(source: str) -> None:
    """Whatever the text, its lines are those of the source."""
    assert text_of(lines(source)) == source


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_takes_long(piece: str) -> None:
    """The time grows with the length and no faster: eight times the longest page takes seconds, not many minutes."""
    began = time.process_time()
    lines('"%' + piece * (SIZE // len(piece)))
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


def test_lines_are_counted_from_their_cell() -> None:
    """In a question of two cells the second one's lines begin with 1 again; marks count through."""
    shown = lines("a\nb\n\nc", marked={4}, begins={1, 4})
    assert [(line.number, line.marked) for line in shown] == [(1, False), (2, False), (3, False), (1, True)]
