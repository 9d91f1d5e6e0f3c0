"""Which cells run, which question each answers, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.errors import UnreadableNotebook
from autograder.notebooks.notebook import parse
from autograder.submissions.plan import Plan, plan
from tests.builders import (
    ANSWERS,
    CONV_GIVEN,
    LINEAR_GIVEN,
    SETUP,
    STUB,
    RawCell,
    code,
    course,
    notebook,
    source_cells,
    stripped,
    student_cells,
    text,
)

Remarks = set[tuple[str, str | None]]

# Indices in student_cells().
FIRST_TEXT, SETUP_AT, LINEAR_GIVEN_AT, LINEAR, CONV_TEXT, CONV_GIVEN_AT, CONV = 0, 1, 3, 4, 5, 6, 7
MODEL_TEXT, MODEL, CUSTOM_TEXT, CUSTOM = 8, 9, 10, 11


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    return course(tmp_path)


def planned(assignment: Assignment, cells: Sequence[RawCell]) -> Plan:
    return plan(assignment, parse(notebook(cells)))


def states(made: Plan) -> dict[str, str]:
    return {name: block.state for name, block in made.blocks.items()}


def remarks(made: Plan) -> Remarks:
    return {(remark.code, remark.question) for remark in made.remarks}


def positions(made: Plan, question: str) -> list[int | None]:
    return [made.cells[index].position for index in made.blocks[question].cells]


def run_order(made: Plan) -> list[str]:
    return [cell.given or cell.question or "-" for cell in made.cells]


ALL_ANSWERED = dict.fromkeys(ANSWERS, "answered")
WHOLE = ["setup", "linear-given", "linear", "conv-given", "conv", "model", "custom"]


def test_a_plain_submission(tiny: Assignment) -> None:
    """Every code cell runs where it stands, each question has its cell, and nothing is remarked."""
    made = planned(tiny, student_cells())
    assert run_order(made) == WHOLE
    assert states(made) == ALL_ANSWERED
    assert made.remarks == ()
    assert [cell.position for cell in made.cells] == [2, 4, 5, 7, 8, 10, 12]
    assert made.blocks["linear"].source == ANSWERS["linear"]
    assert made.cells[2].binds == frozenset({"linear_layer", "output"})


def test_an_untouched_notebook(tiny: Assignment) -> None:
    """The stub, with other comments, blank cells and installs around it, is no answer."""
    extra = [code("# to do"), code(""), code("!pip install torchinfo"), code("pass\n...")]
    made = planned(tiny, [*student_cells({"conv": "\n# 모르겠어요\n"}), *extra])
    assert set(states(made).values()) == {"unchanged"}


def test_a_stub_with_code_is_compared_as_code(tmp_path: Path) -> None:
    """Where the released cell binds the name itself, only other code makes an answer."""
    cells = source_cells()
    stub = "model = None"
    cells[MODEL]["source"] = f"{stub}\n### BEGIN SOLUTION\nmodel = 1\n### END SOLUTION"
    assignment = course(tmp_path, cells=cells)
    for source, state in ((f"{stub}  # later", "unchanged"), ("model = 1", "answered")):
        assert states(planned(assignment, student_cells({"model": source})))["model"] == state
    twice = student_cells({"model": stub})
    twice.insert(MODEL, twice[MODEL])
    assert states(planned(assignment, twice))["model"] == "unchanged"


def test_a_block_that_binds_none_of_its_names(tiny: Assignment) -> None:
    """Work under other names is told from no work, and from an earlier question's leftovers."""
    made = planned(tiny, student_cells(ANSWERS | {"conv": "layer = nn.Conv2d(3, 4, 3)\nprint(output)"}))
    assert states(made) == ALL_ANSWERED | {"conv": "unbound"}


def test_a_syntax_error_counts_as_an_answer(tiny: Assignment) -> None:
    """So that running it can tell the student where the error is."""
    made = planned(tiny, student_cells(ANSWERS | {"conv": "conv_layer = = 5"}))
    assert states(made) == ALL_ANSWERED
    assert made.cells[4].binds is None


def test_an_answer_may_stand_anywhere_in_its_block(tiny: Assignment) -> None:
    """Cells after the question's, up to the next question's given cell, are the block's."""
    cells = student_cells(ANSWERS | {"linear": STUB})
    cells[LINEAR + 1 : LINEAR + 1] = [
        code("linear_layer = nn.Linear(10, 5)"),
        text("and"),
        code("output = 1"),
    ]
    made = planned(tiny, cells)
    assert positions(made, "linear") == [5, 6, 8]
    assert states(made) == ALL_ANSWERED
    assert made.blocks["linear"].source == f"{STUB}\n\nlinear_layer = nn.Linear(10, 5)\n\noutput = 1"


def test_code_before_the_first_question_is_in_no_block(tiny: Assignment) -> None:
    """It runs, and answers nothing; nor does code between a given cell and its question's."""
    cells = student_cells()
    cells.insert(LINEAR, code("between = 1"))
    cells.insert(0, code("import numpy"))
    made = planned(tiny, cells)
    assert run_order(made) == ["-", "setup", "linear-given", "-", *WHOLE[2:]]


def test_an_altered_given_cell_runs_with_our_source(tiny: Assignment) -> None:
    """Its comments may change; other code is restored, and said so."""
    cells = student_cells()
    cells[LINEAR_GIVEN_AT] = cells[LINEAR_GIVEN_AT] | {"source": "x = None"}
    cells[CONV_GIVEN_AT] = cells[CONV_GIVEN_AT] | {"source": CONV_GIVEN + "  # an image"}
    made = planned(tiny, cells)
    assert (made.cells[1].source, made.cells[1].position) == (LINEAR_GIVEN, 4)
    (remark,) = made.remarks
    assert (remark.code, remark.question) == ("given_cell_restored", "linear")
    assert remark.facts == {"grade_id": "linear-given", "cell": 4}


def test_a_deleted_given_cell_is_put_back(tiny: Assignment) -> None:
    """Before its question's cell; the notebook's own at the very beginning."""
    cells = [cell for cell in student_cells() if cell["source"] not in (SETUP, CONV_GIVEN)]
    made = planned(tiny, [code("torch.manual_seed(0)"), *cells])
    assert run_order(made) == ["setup", "-", *WHOLE[1:]]
    assert [cell.source for cell in made.cells if cell.position is None] == [SETUP, CONV_GIVEN]
    assert remarks(made) == {("given_cell_missing", None), ("given_cell_missing", "conv")}


def test_all_given_cells_deleted(tiny: Assignment) -> None:
    """The setup comes before the first question's own values."""
    cells = [cell for cell in student_cells() if cell["source"] not in (SETUP, LINEAR_GIVEN, CONV_GIVEN)]
    assert run_order(planned(tiny, cells)) == WHOLE


def test_a_given_cell_that_was_moved_away_is_moved_back(tiny: Assignment) -> None:
    """Given values share names between questions: each must run right before its own answer."""
    cells = student_cells()
    cells[LINEAR_GIVEN_AT], cells[CONV_GIVEN_AT] = cells[CONV_GIVEN_AT], cells[LINEAR_GIVEN_AT]
    made = planned(tiny, cells)
    assert run_order(made) == WHOLE
    assert ("given_cell_moved", "linear") in remarks(made)
    assert ("given_cell_moved", "conv") in remarks(made)


def test_a_missing_question(tiny: Assignment) -> None:
    """A deleted question is absent, its lost given cell is not missed, and the rest is graded."""
    cells = student_cells()
    del cells[CONV_TEXT : CONV + 1]
    made = planned(tiny, cells)
    assert states(made) == ALL_ANSWERED | {"conv": "absent"}
    assert made.blocks["conv"].cells == ()
    assert remarks(made) == {("question_missing", "conv")}


def test_reordered_questions(tiny: Assignment) -> None:
    """Each keeps its block and its given cell; the order is remarked once."""
    cells = student_cells()
    cells = [*cells[:2], *cells[CONV_TEXT : CONV + 1], *cells[2:CONV_TEXT], *cells[MODEL_TEXT:]]
    made = planned(tiny, cells)
    assert states(made) == ALL_ANSWERED
    assert run_order(made) == ["setup", "conv-given", "conv", "linear-given", "linear", "model", "custom"]
    assert remarks(made) == {("question_order_changed", None)}


def test_a_copied_question_counts_in_its_last_complete_version(tiny: Assignment) -> None:
    """The first attempt answers nothing any more, nor does it help the question before."""
    cells = student_cells(ANSWERS | {"linear": "linear_layer = nn.Linear(10, 5)"})
    second = code("conv_layer = nn.Conv2d(3, 4, 5)\noutput = conv_layer(x)", "conv")
    cells[CONV + 1 : CONV + 1] = [second, code(STUB, "conv")]
    made = planned(tiny, cells)
    assert positions(made, "conv") == [9, 10]
    assert positions(made, "linear") == [5]
    assert made.remarks[0].code == "question_duplicated"
    assert made.remarks[0].facts == {"cell": 9, "copies": 3}


def test_a_split_question_counts_as_a_whole(tiny: Assignment) -> None:
    """Splitting a cell in Jupyter gives both parts its grade_id."""
    cells = student_cells()
    parts = [code(line, "conv") for line in ANSWERS["conv"].splitlines()]
    cells[CONV : CONV + 1] = parts
    made = planned(tiny, cells)
    assert positions(made, "conv") == [8, 9]
    assert states(made) == ALL_ANSWERED
    block = made.blocks["conv"]
    numbered = block.source.split("\n")
    assert [(cell, numbered[line - 1]) for cell, line in block.lines.items()] == [
        (8, parts[0]["source"]),
        (9, parts[1]["source"]),
    ]


def test_a_copied_cell_put_to_another_use(tiny: Assignment) -> None:
    """A copy of a question's cell that holds other code is an ordinary cell of the block it is in."""
    cells = student_cells()
    cells.insert(CONV + 1, code("print(output.shape)", "linear"))
    made = planned(tiny, cells)
    assert positions(made, "linear") == [5]
    assert positions(made, "conv") == [8, 9]


def test_stripped_metadata(tiny: Assignment) -> None:
    """Without any grade_id the given cells, the text and the names lead to the same plan."""
    made = planned(tiny, stripped(student_cells()))
    assert run_order(made) == WHOLE
    assert states(made) == ALL_ANSWERED
    assert remarks(made) == {("question_found_by_name", name) for name in ANSWERS}


def test_stripped_metadata_and_no_answers(tiny: Assignment) -> None:
    """A stub binds nothing: its place after the question's text finds it."""
    made = planned(tiny, stripped(student_cells({"custom": ANSWERS["custom"]})))
    assert states(made) == dict.fromkeys(ANSWERS, "unchanged") | {"custom": "answered"}
    assert run_order(made) == WHOLE


def test_only_the_answers_are_left(tiny: Assignment) -> None:
    """Without text and given cells, the order and the names suffice."""
    cells = [code(answer) for answer in ANSWERS.values()]
    cells.insert(2, code("print(output.shape)"))
    made = planned(tiny, cells)
    assert states(made) == ALL_ANSWERED
    assert positions(made, "conv") == [2, 3]
    assert [cell.given for cell in made.cells if cell.given] == ["setup", "linear-given", "conv-given"]


def test_names_shared_between_questions(tiny: Assignment) -> None:
    """`model` and `output` alone do not pull a cell to the first question that defines them."""
    cells = [code(ANSWERS["conv"]), code("class Custom(nn.Module):\n    pass"), code("model = Custom()")]
    made = planned(tiny, cells)
    assert states(made) == {"linear": "absent", "conv": "answered", "model": "absent", "custom": "answered"}
    assert positions(made, "custom") == [2, 3]


def test_a_cell_written_anew(tiny: Assignment) -> None:
    """A question whose cell was deleted and written again is found between its neighbours."""
    cells = student_cells()
    cells[MODEL] = code(ANSWERS["model"])
    made = planned(tiny, cells)
    assert states(made) == ALL_ANSWERED
    assert remarks(made) == {("question_found_by_name", "model")}


def test_an_answer_outside_its_block_is_remarked(tiny: Assignment) -> None:
    """It earns nothing there, but the student is told which cell it stands in."""
    cells = student_cells(ANSWERS | {"linear": STUB})
    cells.append(code(ANSWERS["linear"]))
    made = planned(tiny, cells)
    assert states(made)["linear"] == "unchanged"
    (remark,) = made.remarks
    assert (remark.code, remark.question) == ("question_answered_elsewhere", "linear")
    assert remark.facts == {"cell": 13}


@pytest.mark.parametrize(
    "cells",
    [
        [code("print(1)")],
        [text("# Nothing here")],
        [code("model = nn.Linear(2, 1)")],
        [code(SETUP), code("model = nn.Linear(2, 1)")],
    ],
)
def test_a_notebook_of_something_else(tiny: Assignment, cells: list[RawCell]) -> None:
    """A notebook with none of the questions is refused, somebody's `model` notwithstanding."""
    with pytest.raises(UnreadableNotebook) as caught:
        plan(tiny, parse(notebook(cells, {"autograder": {"assignment": "other"}})))
    assert caught.value.code == "not_this_assignment"
    assert caught.value.facts == {"assignment": "tiny", "found": "other"}


def test_a_question_turned_into_text_is_absent(tiny: Assignment) -> None:
    """Only code cells run and answer."""
    cells = student_cells()
    cells[MODEL] = cells[MODEL] | {"cell_type": "markdown"}
    assert states(planned(tiny, cells))["model"] == "absent"


def test_a_question_marked_as_given_is_nothing_special(tiny: Assignment) -> None:
    """The student's own metadata says nothing but the id: a `locked` answer is still an answer."""
    cells = student_cells()
    cells[MODEL]["metadata"]["nbgrader"] |= {"locked": True, "solution": False}
    assert states(planned(tiny, cells)) == ALL_ANSWERED
