"""``grader report``, and the class page at the end of a run."""

from __future__ import annotations

import pytest

from autograder.messages import catalogue
from tests.cli.stub import World


def test_a_run_ends_with_the_class_page(here: World) -> None:
    """The page is where the run says it is, and knows students of earlier runs too."""
    here.submit("kim", "lee")
    here.grader("grade", "dl1", "submitted/kim")
    code, out, _ = here.grader("grade", "dl1", "submitted/lee")
    path = here.root / "graded/report/dl1/index.html"
    assert code == 0
    assert f"report:   {path}" in out
    assert {"kim", "lee"} <= set(path.read_text("utf-8").replace("<", ">").split(">"))


@pytest.mark.parametrize(("arguments", "language"), [([], "ko"), (["--lang", "en"], "en")])
def test_the_page_is_made_from_what_lies_there(here: World, arguments: list[str], language: str) -> None:
    """Without grading anything, in the course's language unless told otherwise."""
    here.submit("kim")
    here.grader("grade", "dl1", "--out", "elsewhere")
    path = here.root / "elsewhere/report/dl1/index.html"
    path.unlink()
    code, out, _ = here.grader("report", "dl1", "--out", "elsewhere", *arguments)
    assert (code, out) == (0, f"{path}\n")
    assert catalogue(language).ui("needs_a_person") in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("dl1", "graded/results/dl1: holds no results. Grade first: grader grade dl1"),
        ("dl", "dl: no such assignment. Did you mean dl1?"),
        ("../dl1", "no such assignment"),
    ],
)
def test_what_is_missing_is_said(here: World, assignment: str, says: str) -> None:
    """No results, or no such assignment, is one line on stderr and exit code 2."""
    code, out, err = here.grader("report", assignment)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_page_that_cannot_be_written_costs_no_result(here: World) -> None:
    """The results are kept and shown, and the run exits with 2."""
    here.submit("kim")
    (here.root / "graded").mkdir()
    (here.root / "graded/report").touch()
    code, out, err = here.grader("grade", "dl1")
    assert code == 2
    assert "1 of 1 graded" in out
    assert "report" in err.splitlines()[-1]
    assert (here.root / "graded/results/dl1/kim.json").is_file()
