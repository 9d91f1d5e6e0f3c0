"""What of a student's code, output and error is shown."""

from __future__ import annotations

import re
from typing import Any

from autograder.feedback import blocks
from autograder.messages import catalogue
from autograder.results import CellError, Finding, QuestionResult

WORDS = catalogue("en")


def question(**fields: Any) -> QuestionResult:
    return QuestionResult("linear", 0.0, 1.0, [], **fields)


def test_a_long_output_keeps_its_ends() -> None:
    """Its first and its last lines are shown, and that the middle is left out is said."""
    shown = blocks.output(question(output="\n".join(map(str, range(1000)))), WORDS)
    assert shown is not None
    assert shown.text.split("\n") == [*map(str, range(12)), blocks.GAP, *map(str, range(988, 1000))]
    assert shown.shortened == WORDS.ui("middle_left_out")


def test_a_long_line_keeps_its_ends() -> None:
    """An output of one endless line is cut as well."""
    shown = blocks.output(question(output="a" * 50_000 + "b" * 50_000), WORDS)
    assert shown is not None
    assert len(shown.text) < 7_000
    assert (shown.text[0], shown.text[-1]) == ("a", "b")


def test_a_short_output_is_whole() -> None:
    """Nothing is said to be left out where nothing is."""
    shown = blocks.output(question(output="\n1\n\n2\n"), WORDS)
    assert shown is not None
    assert (shown.text, shown.shortened) == ("1\n\n2", "")


def test_what_is_not_there_is_not_shown() -> None:
    """No code, no output and no error make no block."""
    empty = question(source="\n \n", output="\n")
    assert (
        blocks.code(empty, [], WORDS) is blocks.output(empty, WORDS) is blocks.error(empty, "", WORDS) is None
    )


def test_blank_lines_above_move_no_mark() -> None:
    """What is cut off at the top of a cell does not shift the line that is marked."""
    answer = question(source="\n\nx = 1\ny = 2", cell_lines={5: 1}, error=CellError(5, "E", "m", 4))
    shown = blocks.code(answer, [], WORDS)
    assert shown is not None
    marked = re.findall(r'<(span|mark) class="line" data-n="\d+">(.)', shown.coloured or "")
    assert marked == [("span", "x"), ("mark", "y")]


def test_places_elsewhere_mark_nothing() -> None:
    """A finding about another cell, or one without a line, leaves the code as it is."""
    answer = question(source="x = 1", cell_lines={5: 1})
    seen = [Finding("a", facts={"cell": 6, "line": 1}), Finding("b", facts={"cell": 5}), Finding("c")]
    shown = blocks.code(answer, seen, WORDS)
    assert shown is not None
    assert "x = " in (shown.coloured or "")
    assert "<mark" not in (shown.coloured or "")


def test_an_error_is_cut() -> None:
    """A message of a megabyte is not a page of one."""
    shown = blocks.error(question(error=CellError(1, "E", "x" * 1_000_000, 1)), "Cell 1", WORDS)
    assert shown is not None
    assert len(shown.text) == blocks.MAX_ERROR_CHARACTERS
    assert shown.shortened
