"""Foreign text made safe: in every medium it stays text, and it stays readable."""

from __future__ import annotations

import csv
import io
import re
from typing import Literal

import pytest

from autograder.escaping import (
    csv_cell,
    html_value,
    is_harmless_link,
    markdown_block,
    markdown_code,
    markdown_words,
    terminal_line,
    visible,
    workflow_data,
    workflow_property,
)
from tests.payloads import HOSTILE

FUNCTIONS = [
    *(visible, html_value, markdown_words, markdown_code, markdown_block),
    *(csv_cell, terminal_line, workflow_data, workflow_property),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("safe", FUNCTIONS, ids=lambda function: function.__name__)
def test_no_medium_lets_an_unseen_character_through(safe: object, text: str) -> None:
    """What acts without being seen is shown, whichever function a writer calls, and it can be written as UTF-8."""
    assert callable(safe)
    shown = safe(text)
    assert visible(shown) == shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\u202e", "⟨U+202E⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("한글 👩\u200d🔬 नमस्\u200dते", "한글 👩\u200d🔬 नमस्\u200dते"),
    ],
)
def test_unseen_characters_are_shown(text: str, shown: str) -> None:
    """What acts without being seen is seen; scripts that need joiners are left alone."""
    assert visible(text) == shown


def test_markdown_escapes() -> None:
    """Code spans and fences are longer than any run of backticks inside; words keep only their letters."""
    assert markdown_code("a`b``c") == "```a`b``c```"
    assert markdown_code("`") == "`` ` ``"
    assert markdown_code("a\nb") == "`a b`"
    assert markdown_code("") == "` `" or markdown_code("").strip("`").isspace()
    assert markdown_block("````").startswith("`````text\n")
    assert markdown_words("<b>*x*</b> | [y]") == r"\<b\>\*x\*\</b\> \| \[y\]"
    assert markdown_words("1. # x") == r"1\. \# x"
    assert markdown_words(" was graded ") == " was graded "


@pytest.mark.parametrize("text", ["thanks @octocat", "see #12", "o/r#12", "a@example.org"])
def test_nobody_is_mentioned(text: str) -> None:
    """GitHub finds mentions and references when the backslashes are gone, but none across the end of code."""
    rendered = markdown_words(text).replace("\\", "")
    assert not re.search(r"[@#]\w", rendered)
    assert rendered.replace("`", "") == text


@pytest.mark.parametrize(
    ("href", "harmless"),
    [("../kim/dl1.ipynb", True), ("https://example.org/x", True), ("java\tscript:x", False), ("//x", False)],
)
def test_a_link_is_relative_or_https(href: str, harmless: bool) -> None:
    """A link that would run something, or that a browser would repair into one that does, is told apart."""
    assert is_harmless_link(href) is harmless


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("written_with", [",", ";", "\t"])
def test_a_spreadsheet_sees_no_formula(text: str, quoting: Literal[0, 1], written_with: str) -> None:
    """The cell comes back as it was put, and split at whatever character, no cell begins with what computes."""
    stream = io.StringIO()
    csv.writer(stream, quoting=quoting, delimiter=written_with).writerow(["first", csv_cell(text), "last"])
    for separator in ",;\t":
        rows = list(csv.reader(io.StringIO(stream.getvalue()), delimiter=separator))
        assert len(rows) == 1
        assert not [cell for cell in rows[0] if re.match(r"[\s\"]*[=+\-@\uff0b\uff0d\uff1d\uff20]", cell)]
        if separator == written_with:
            assert rows[0] == ["first", csv_cell(text), "last"]


@pytest.mark.parametrize(
    "text", ["12", "-3", "+1.5", "-0,25", "1e-3", "-5%", "(1, -5)", "kim", "O'Brien-Lee", "a=b"]
)
def test_numbers_and_ordinary_names_are_left_alone_in_a_cell(text: str) -> None:
    """A score stays a number, and a name stays the name that an LMS knows."""
    assert csv_cell(text) == text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [3, 7, 20, 500])
def test_no_line_of_a_terminal_is_a_command_to_a_ci(text: str, width: int) -> None:
    """Whole or wrapped at any width, no line is one that GitHub, Azure or TeamCity would obey."""
    line = terminal_line(text)
    assert "\n" not in line
    for begin in range(len(line)):
        piece = line[begin : begin + width].lstrip()
        assert not re.match(r"::[\w-]+( .*)?::", piece)
        assert not re.search(r"##(\[|vso\[|teamcity\[)", piece)


@pytest.mark.parametrize(
    "text", ["x[::2]", "at::Tensor", "model.py::test_a", "# comment", "## heading", "a::b"]
)
def test_ordinary_code_is_left_alone_on_a_terminal(text: str) -> None:
    """Slices, C++ names and comments look as they were written."""
    assert terminal_line(text) == text


def test_a_line_of_a_terminal_is_cut() -> None:
    """A long text is cut, and the cut is seen."""
    assert terminal_line("x" * 600, 10) == "x" * 10 + "…"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workflow_command_keeps_its_message_to_itself(text: str) -> None:
    """A message is one line, and a property ends neither itself nor the command."""
    assert "\n" not in workflow_data(text)
    assert not set("\n:,") & set(workflow_property(text))
    unescaped = workflow_property(text).replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n")
    assert unescaped.replace("%25", "%") == visible(text)
