"""nbgrader's gradebook: our scores in it, read with nbgrader's own code, and nothing of people's lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nbgrader.api import Gradebook  # type: ignore[import-untyped]

from autograder.course.config import Config, Course
from autograder.course.roster import Student
from autograder.errors import AssignmentError, ConfigError, GraderError
from autograder.gradebook import entries, put, read_marks, read_students
from autograder.gradebook.book import opened, url_of
from autograder.results import Marks, Ungraded
from tests.builders import code
from tests.gradebook.courses import course, dump, marks, released, result, submit


@pytest.fixture
def here(tmp_path: Path, empty_gradebook: Path) -> Course:
    shutil.copyfile(empty_gradebook, tmp_path / "gradebook.db")
    return course(tmp_path)


@contextmanager
def nbgrader(course: Course) -> Iterator[Any]:
    book = Gradebook(f"sqlite:///{course.root / 'gradebook.db'}")
    try:
        yield book
    finally:
        book.close()


def graded_by_hand(course: Course, student: str, cell: str = "linear") -> None:
    """What formgrader does when a person grades one cell."""
    with nbgrader(course) as book:
        grade = book.find_grade(cell, "dl1", "dl1", student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2.5, 1.0, False
        book.find_comment(cell, "dl1", "dl1", student).manual_comment = "Talk to me"
        book.find_submission_notebook("dl1", "dl1", student).flagged = True
        book.db.commit()


def test_nbgrader_reads_our_scores(here: Course) -> None:
    """Score, maximum with what people grade, penalty, due date and time are what nbgrader computes with."""
    submit(here, "kim", stamp="2026-10-02 12:00:00.000000 UTC")
    done = put(here, "dl1", [result("kim", 3.0, penalty_percent=10)], {})
    assert (done.submissions, done.waiting, done.left_out) == (1, 2, ())
    with nbgrader(here) as book:
        submission = book.find_submission("dl1", "kim")
        assert (submission.score, submission.max_score) == (9.0, 18.0)
        assert submission.late_submission_penalty == 1.0
        assert submission.timestamp == datetime(2026, 10, 2, 12)
        assert submission.total_seconds_late == 21 * 3600
        grade = book.find_grade("linear", "dl1", "dl1", "kim")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (3.0, None, False)
        assert [notebook.name for notebook in book.find_assignment("dl1").notebooks] == ["dl1"]
        cells = {cell.name: cell for cell in book.find_notebook("dl1", "dl1").source_cells}
        assert (cells["setup"].locked, cells["linear"].locked) == (True, False)


def test_what_people_grade_waits_for_them(here: Course) -> None:
    """An essay and a task have no automatic score, count in the total, and wait until a person has graded them."""
    put(here, "dl1", [result("kim")], {})
    assert read_marks(here, "dl1") == {"kim": Marks(10.0, 18.0, waiting=True)}
    with nbgrader(here) as book:
        for cell in ("essay", "task"):
            grade = book.find_grade(cell, "dl1", "dl1", "kim")
            assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
            grade.manual_score, grade.needs_manual_grade = 3.0, False
        book.db.commit()
    assert put(here, "dl1", [result("kim")], {}).waiting == 0
    assert read_marks(here, "dl1") == {"kim": Marks(16.0, 18.0, waiting=False)}


def test_writing_again_changes_nothing(here: Course) -> None:
    """Byte for byte the same rows, ids included."""
    people = {"kim": Student("kim", name="Min Kim", email="k@x"), "lee": Student("lee", canvas_id="7")}
    put(here, "dl1", [result("kim", 3.0), result("zoe")], people)
    before = dump(here.root / "gradebook.db")
    put(here, "dl1", [result("kim", 3.0), result("zoe")], people)
    assert dump(here.root / "gradebook.db") == before
    assert before.count('INSERT INTO "student"') + before.count("INSERT INTO student") == 3


def test_what_people_set_survives_regrading(here: Course) -> None:
    """Manual scores, extra credit, comments and flags stay when the checks' score changes."""
    put(here, "dl1", [result("kim", 3.0)], {})
    graded_by_hand(here, "kim")
    put(here, "dl1", [result("kim", 1.0)], {})
    with nbgrader(here) as book:
        grade = book.find_grade("linear", "dl1", "dl1", "kim")
        assert (grade.auto_score, grade.manual_score, grade.extra_credit, grade.score) == (1.0, 2.5, 1.0, 3.5)
        assert grade.needs_manual_grade is False
        comment = book.find_comment("linear", "dl1", "dl1", "kim")
        assert comment.comment == "Talk to me"
        assert "(1, <b>4</b>)" in comment.auto_comment
        assert book.find_submission_notebook("dl1", "dl1", "kim").flagged
    assert read_marks(here, "dl1")["kim"].score == 3.5 + 6


def test_other_work_asks_for_another_look(here: Course) -> None:
    """A manual score was for what was there: when other work comes in it stays, and the cell waits."""
    submit(here, "kim", stamp="2026-10-01 12:00:00 UTC")
    put(here, "dl1", [result("kim")], {})
    graded_by_hand(here, "kim")
    submit(here, "kim", stamp="2026-10-01 13:00:00 UTC")
    put(here, "dl1", [result("kim")], {})
    with nbgrader(here) as book:
        grade = book.find_grade("linear", "dl1", "dl1", "kim")
        assert (grade.manual_score, grade.needs_manual_grade) == (2.5, True)
        assert book.find_grade("conv", "dl1", "dl1", "kim").needs_manual_grade is False


def test_an_extension_is_nbgraders_too(here: Course) -> None:
    """The course's own is written; one that a person gave in nbgrader stays where the course has none."""
    assert here.config.due
    own = msgspec.structs.replace(
        here.config, extensions={"dl1": {"kim": here.config.due["dl1"] + timedelta(days=2)}}
    )
    put(Course(here.root, own), "dl1", [result("kim"), result("lee")], {})
    with nbgrader(here) as book:
        assert book.find_submission("dl1", "kim").extension == timedelta(days=2)
        book.grant_extension("dl1", "lee", days=3)
    put(here, "dl1", [result("kim"), result("lee")], {})
    with nbgrader(here) as book:
        assert book.find_submission("dl1", "lee").extension == timedelta(days=3)


def test_students_are_known_by_name(here: Course) -> None:
    """The roster's facts come in; what it does not know stays as a person wrote it."""
    put(here, "dl1", [result("kim")], {"kim": Student("kim", name="Min Kim", canvas_id="901")})
    with nbgrader(here) as book:
        book.find_student("kim").email = "written@by.hand"
        book.db.commit()
    put(here, "dl1", [result("kim")], {"kim": Student("kim", name="Minsu Kim"), "lee": Student("lee")})
    assert read_students(here) == [
        Student("lee"),
        Student("kim", first_name="Minsu", last_name="Kim", email="written@by.hand", canvas_id="901"),
    ]


def test_ungraded_work_is_no_zero(here: Course) -> None:
    """Who could not be graded is left out, and an earlier grade stays as it was."""
    put(here, "dl1", [result("kim")], {})
    none = result("kim", status="ungraded", ungraded=Ungraded("notebook_empty", "submission"))
    done = put(here, "dl1", [msgspec.structs.replace(none, score=None)], {})
    assert done.left_out == ("kim",)
    assert read_marks(here, "dl1")["kim"].score == 10


def test_a_question_that_came_and_one_that_went(here: Course) -> None:
    """The gradebook follows the assignment: cells come and go with their grades."""
    put(here, "dl1", [result("kim")], {})
    gone = [cell for cell in released() if cell["metadata"]["nbgrader"]["grade_id"] != "task"]
    new = code("# here") | {"metadata": marks("new", grade=True, solution=True, points=2)}
    put(course(here.root, cells=[*gone, new]), "dl1", [result("kim")], {})
    with nbgrader(here) as book:
        there = book.find_notebook("dl1", "dl1")
        names = {cell.name for cell in [*there.grade_cells, *there.task_cells]}
        assert names == {"linear", "conv", "essay", "new"}
        assert book.find_submission("dl1", "kim").max_score == 17


def test_a_cell_that_a_person_graded_is_not_thrown_away(here: Course) -> None:
    """It is refused, naming the cell, and nothing is written."""
    put(here, "dl1", [result("kim")], {})
    graded_by_hand(here, "kim", "task")
    before = dump(here.root / "gradebook.db")
    gone = [cell for cell in released() if cell["metadata"]["nbgrader"]["grade_id"] != "task"]
    with pytest.raises(AssignmentError, match="'task' was graded by a person"):
        put(course(here.root, cells=gone), "dl1", [result("kim", 1.0)], {})
    assert dump(here.root / "gradebook.db") == before


def test_all_or_nothing(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that breaks off while writing leaves the gradebook as it was."""
    put(here, "dl1", [result("kim")], {})
    before = dump(here.root / "gradebook.db")
    flush = entries._flush

    def breaks_off(book: Any, changes: Any) -> None:
        flush(book, changes)
        raise KeyboardInterrupt

    monkeypatch.setattr(entries, "_flush", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        put(here, "dl1", [result("kim", 1.0), result("lee")], {"new": Student("new")})
    assert dump(here.root / "gradebook.db") == before


def test_a_new_gradebook_is_made(empty_gradebook: Path) -> None:
    """By nbgrader, at the version it is at, although the environment's programs were not on the PATH."""
    with sqlite3.connect(empty_gradebook) as database:
        assert database.execute("select version_num from alembic_version").fetchone()


def test_what_cannot_be_written_is_refused(here: Course, tmp_path: Path) -> None:
    """No [gradebook], no release, no database: each says what to do, and shows no password."""
    with pytest.raises(ConfigError, match=r"\[gradebook\]"):
        put(Course(here.root, Config()), "dl1", [result("kim")], {})
    (here.root / "assignments/dl1/dl1.en.ipynb").unlink()
    with pytest.raises(AssignmentError, match="grader release dl1"):
        put(here, "dl1", [result("kim")], {})
    with (
        pytest.raises(GraderError, match=r"gradebook\.url") as caught,
        opened("nothing://me:secret@there/db"),
    ):
        pass
    assert "secret" not in str(caught.value)
    (tmp_path / "old.db").write_bytes(b"no database at all, whatever its name may say")
    with pytest.raises(GraderError, match=r"old\.db"), opened(f"sqlite:///{tmp_path / 'old.db'}"):
        pass


def test_a_relative_file_lies_in_the_course(here: Course) -> None:
    """Wherever the command is run; another database's URL is left alone."""
    assert url_of(here) == f"sqlite:///{here.root / 'gradebook.db'}"
