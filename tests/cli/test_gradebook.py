"""``grader grade`` and ``grader export`` where the course keeps nbgrader's gradebook."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook  # type: ignore[import-untyped]

from autograder.results import Ungraded
from tests.cli.stub import World
from tests.cli.stub import result as stub_result
from tests.gradebook.courses import course, result, submit


@pytest.fixture
def kept(here: World, empty_gradebook: Path) -> World:
    """kim is graded, lee's file could not be read; nobody is in the gradebook yet."""
    shutil.copyfile(empty_gradebook, here.root / "gradebook.db")
    course(here.root)
    (here.root / "grader.toml").write_text("[gradebook]\n[roster]\nfrom_gradebook = true\n")
    data = submit(course(here.root), "kim")
    submit(course(here.root), "lee")
    here.engine.grades["kim"] = lambda found: result("kim", 3.0, data)
    none = Ungraded("notebook_empty", "submission")
    here.engine.grades["lee"] = lambda found: stub_result(found, ungraded=none)
    return here


def scores(root: Path) -> dict[str, tuple[str, str]]:
    with (root / "graded/export/dl1/scores.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student_id"]: (row["score"], row["status"]) for row in csv.DictReader(file)}


def test_grades_go_in_and_peoples_come_out(kept: World) -> None:
    """Grading writes the gradebook; a score that a person sets there is what is exported, after a regrade too."""
    code, out, err = kept.grader("grade", "dl1")
    assert code == 0
    assert "gradebook: 1 submissions, 2 cells for a person to grade" in out
    assert "ungraded, in the gradebook as before: lee" in err
    book = Gradebook(f"sqlite:///{kept.root / 'gradebook.db'}")
    for name, score in (("linear", 1.5), ("essay", 5.0), ("task", 0.0)):
        grade = book.find_grade(name, "dl1", "dl1", "kim")
        grade.manual_score, grade.needs_manual_grade = score, False
    book.db.commit()
    book.close()
    assert kept.grader("grade", "dl1")[0] == 0
    assert kept.grader("export", "dl1", "--to", "csv")[0] == 0
    assert scores(kept.root) == {"kim": ("12.5", "graded"), "lee": ("", "ungraded")}


def test_what_was_graded_is_kept_where_a_run_ends_badly(kept: World) -> None:
    """One student's work is ungraded by our fault: exit code 2, and the other's grade is in the gradebook."""
    fault = Ungraded("grader_fault", "grader")
    kept.engine.grades["lee"] = lambda found: stub_result(found, ungraded=fault)
    code, out, err = kept.grader("grade", "dl1")
    assert code == 2
    assert "ungraded by the grader's own fault: lee" in err
    assert "gradebook: 1 submissions" in out


def test_what_formgrader_wants(kept: World) -> None:
    """--to nbgrader writes gradebook and trees; who a person has still to grade is counted."""
    assert kept.grader("grade", "dl1")[0] == 0
    code, out, _ = kept.grader("export", "dl1", "--to", "nbgrader")
    assert code == 0
    assert (kept.root / "autograded/kim/dl1/dl1.ipynb").is_file()
    assert (kept.root / "feedback/kim/dl1/dl1.html").is_file()
    assert not (kept.root / "autograded/lee").exists()
    assert "1 wait for a person to grade the rest, 1 ungraded" in out


def test_without_a_gradebook_nothing_is_kept(here: World) -> None:
    """A course that does not ask for one gets none, and is told how to ask."""
    here.submit("kim")
    assert here.grader("grade", "dl1")[0] == 0
    assert not (here.root / "gradebook.db").exists()
    code, _, err = here.grader("export", "dl1", "--to", "nbgrader")
    assert code == 2
    assert "Write [gradebook]" in err
