"""Annotations, read back as GitHub's runner reads them."""

from __future__ import annotations

import json

import pytest

from autograder.ci.annotations import Annotation, commands, of_result, of_unused
from autograder.ci.lines import Lines, Span
from autograder.ci.report import Unused
from autograder.messages import catalogue
from autograder.results import CellError, Finding, Outcome, Result, Ungraded
from tests.ci import workflow_log
from tests.ci.workflow_log import Command
from tests.exchange.results import check, graded, question
from tests.payloads import HOSTILE

WORDS = catalogue("en")
NOTEBOOK = json.dumps(
    {"cells": [{"source": ["a\n", "b\n", "c"]}, {"source": ["d\n", "e"]}]}, indent=1
).encode()
ROWS = NOTEBOOK.decode().splitlines()
PATH = "submitted/kim/dl1/dl1.ipynb"


def read(result: Result, path: str = PATH) -> list[Command]:
    made = list(of_result(result, path, Lines(NOTEBOOK)))
    return workflow_log.commands("\n".join(commands(made, WORDS)))


def row_of(line: str) -> str:
    return str(1 + next(number for number, row in enumerate(ROWS) if json.dumps(line) in row))


def test_a_question_is_annotated_at_its_own_cell() -> None:
    """File, lines, title and what was found, expected and hinted; questions that passed are left alone."""
    seen = Finding("wrong_shape", "(1, 5)", "(1, 4)", {"name": "output"})
    result = graded(
        question("good", check("good.one"), cell_lines={1: 1}),
        question("bad", check("bad.one"), check("bad.two", Outcome.FAILED, seen), cell_lines={2: 1}),
    )
    [command] = read(result)
    assert command.name == "warning"
    assert command.properties["file"] == PATH
    assert (command.properties["line"], command.properties["endLine"]) == (row_of("d\n"), row_of("e"))
    assert command.properties["title"] == "bad: Partly passed, 2 of 4"
    assert "`output` does not have the expected shape." in command.data
    assert "\nExpected: (1, 5)\nFound: (1, 4)\nHint: " in command.data


def test_an_error_is_annotated_at_the_line_that_raised() -> None:
    """A cell that raised is shown at that line, as an error; one that nobody answered is only a notice."""
    raised = Finding("cell_raised", facts={"name": "NameError", "message": "x", "cell": 1, "line": 2})
    result = graded(
        question(
            "q",
            check("q.one", Outcome.CELL_ERROR, raised),
            cell_lines={1: 1},
            error=CellError(1, "NameError", "x", 2),
        ),
        question(
            "empty", check("empty.one", Outcome.NOT_ANSWERED, Finding("not_answered")), cell_lines={2: 1}
        ),
        question("absent", check("absent.one", Outcome.NOT_ANSWERED, Finding("not_answered"))),
    )
    error, *notices = read(result)
    assert (error.name, error.properties["line"]) == ("error", row_of("b\n"))
    assert [one.name for one in notices] == ["notice", "notice"]
    assert [one.properties["line"] for one in notices] == [row_of("d\n"), "1"]


def test_an_ungraded_file_is_annotated_at_its_top() -> None:
    """What cannot be read says so, where it begins."""
    why = Ungraded("notebook_empty", "submission")
    [command] = read(graded(status="ungraded", score=None, ungraded=why))
    assert (command.name, command.properties["line"]) == ("error", "1")
    assert "The file is empty." in command.data


def test_no_more_than_ten_of_a_level() -> None:
    """GitHub drops what is over ten of a level in a step: the tenth says how many are not shown."""
    many = [Annotation("error", f"t{number}", "m", PATH, Span(1, 1)) for number in range(25)]
    few = [Annotation("notice", f"t{number}", "m", PATH, Span(1, 1)) for number in range(10)]
    read_back = workflow_log.commands("\n".join(commands([*many, *few], WORDS)))
    assert [one.name for one in read_back].count("error") == 10
    assert [one.name for one in read_back].count("notice") == 10
    assert (
        next(one for one in read_back if "file" not in one.properties).properties["title"]
        == "16 more of this kind"
    )


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_text_becomes_another_command_or_property(payload: str) -> None:
    """Whatever a path, a title or a finding says, it is one command with the same properties, and says that."""
    seen = Finding("check_said", payload, payload, {"sentence": payload})
    result = graded(question(payload or "q", check("q.one", Outcome.FAILED, seen), cell_lines={1: 1}))
    path = f"submitted/{payload}/dl1/dl1.ipynb"
    [command] = read(result, path)
    assert set(command.properties) == {"file", "title", "line", "endLine"}
    assert command.name == "warning"
    unused = of_unused([Unused(path, "somebody_else")], WORDS)
    [told] = workflow_log.commands("\n".join(commands(list(unused), WORDS)))
    assert told.data == "This belongs to another student."


def test_a_path_is_read_back_as_it_is() -> None:
    """A file called like a command is pointed at, letter by letter."""
    path = "submitted/::error::/dl1/a,b%0A=c.ipynb"
    [command] = read(graded(question("q", check("q.one", Outcome.FAILED), cell_lines={1: 1})), path)
    assert command.properties["file"] == path
