"""``grader export``: what it writes for each system, what it says, and what it refuses."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest

from autograder.results import Outcome, Ungraded, decode, encode
from autograder.submissions.receipts import Receipt, write
from tests.cli.stub import World, result

SETTINGS = '[roster]\nfile = "roster.csv"\n[due]\ndl1 = 2026-10-01T23:59:00+09:00\n'
ROSTER = "student,name,canvas_id,moodle_id\nkim,Kim M,901,123\nlee,Lee J,902,124\npark,Park S,903,125\n"


@pytest.fixture
def graded(here: World) -> World:
    """kim has 10 of 20, lee's file could not be read, park handed nothing in, zoe is in no roster."""
    (here.root / "grader.toml").write_text(SETTINGS)
    (here.root / "roster.csv").write_text(ROSTER)
    here.submit("kim", "lee", "zoe")
    here.engine.grades["kim"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    here.engine.grades["lee"] = lambda found: result(found, ungraded=Ungraded("notebook_empty", "submission"))
    code, out, _ = here.grader("grade", "dl1")
    assert code == 0
    assert "in the roster, and nothing handed in: park" in out
    assert "handed in, and not in the roster: zoe" in out
    return here


def exported(world: World) -> Path:
    return world.root / "graded/export/dl1"


def test_scores_of_everybody(graded: World) -> None:
    """The CSV file has who handed in, who did not, and who is in no roster; the counts say so."""
    code, out, _ = graded.grader("export", "dl1", "--to", "csv")
    assert code == 0
    rows = (exported(graded) / "scores.csv").read_text("utf-8-sig").splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["kim", "lee", "park", "zoe"]
    assert "2 graded, 1 ungraded, without a grade here, 1 in the roster handed nothing in" in out


def test_a_canvas_gradebook_is_filled_in(graded: World) -> None:
    """The copy has the grades, the downloaded file stays; who has no row is named."""
    gradebook = graded.root / "grades.csv"
    text = (
        "Student,ID,SIS Login ID,Section,dl1 (42)\n    Points Possible,,,,20\nKim M,901,,A,\nLee J,902,,A,\n"
    )
    gradebook.write_text(text)
    code, out, err = graded.grader(
        "export", "dl1", "--to", "canvas", "--fill", "grades.csv", "--column", "dl1"
    )
    assert code == 0
    assert gradebook.read_text() == text
    copy = (exported(graded) / "canvas-gradebook.csv").read_text()
    assert copy == text.replace("901,,A,", "901,,A,10")
    assert "filled:   1 grades" in out
    assert "no row for: zoe" in err


@pytest.mark.parametrize(
    ("system", "text", "row"),
    [
        ("canvas", "Student,ID,Section,dl1 (42)\nYun A,77,A,\n", "Yun A (77)"),
        (
            "moodle",
            "Identifier,Full name,Grade,Maximum grade\nParticipant 77,Yun A,,20\n",
            "Participant 77 Yun A",
        ),
    ],
)
def test_a_table_with_none_of_our_students_is_refused(graded: World, system: str, text: str, row: str) -> None:
    """With who is in it and who is here; what an earlier export wrote stays."""
    (graded.root / "other.csv").write_text(text)
    graded.grader("export", "dl1", "--to", "csv")
    name = {"canvas": "canvas-gradebook.csv", "moodle": "moodle-worksheet.csv"}[system]
    (exported(graded) / name).write_text("earlier")
    code, out, err = graded.grader("export", "dl1", "--to", system, "--fill", "other.csv")
    assert (code, out) == (2, "")
    assert "other.csv: nothing is filled in: no row is one of our students'.\n" in err
    assert f"\nIts rows are of {row}; our students are kim, lee, park, zoe.\n" in err
    assert f"\nIs it this course's file? If so, give the roster a column {system}_id" in err
    assert (exported(graded) / name).read_text() == "earlier"


def test_feedback_for_canvas_needs_its_names(graded: World) -> None:
    """Work that came from Canvas goes back there; of the rest it is said that it cannot."""
    digest = decode((graded.root / "graded/results/dl1/kim.json").read_bytes()).submission.sha256
    write(graded.root, "dl1", "kim", Receipt(digest, "canvas", lms={"file": "kimm_901_5_dl1.ipynb"}))
    code, out, err = graded.grader("export", "dl1", "--to", "canvas")
    assert code == 0
    with zipfile.ZipFile(exported(graded) / "canvas-feedback.zip") as archive:
        assert archive.namelist() == ["kimm_901_5_dl1.html"]
    assert "(1 pages)" in out
    assert "could not tell whose they are: lee, zoe" in err
    assert "no grades: export the gradebook in Canvas from Grades, Export, and give it with --fill" in err


@pytest.mark.parametrize(
    ("system", "remedy"),
    [
        ("canvas", "export the gradebook in Canvas from Grades, Export"),
        ("moodle", "download the grading worksheet in Moodle's submissions"),
    ],
)
def test_an_export_that_can_write_nothing_is_refused(here: World, system: str, remedy: str) -> None:
    """Without a table to fill in, and with no work of which the LMS could tell whose it is: what to do is said."""
    here.submit("kim")
    here.grader("grade", "dl1")
    code, out, err = here.grader("export", "dl1", "--to", system)
    assert (code, out) == (2, "")
    assert "could not tell whose they are: kim" in err
    assert f"dl1: nothing is written: {remedy}, and give it with --fill" in err.replace("\n", " ")
    assert not [*exported(here).glob("*")]


def test_a_moodle_worksheet_and_its_feedback(graded: World) -> None:
    """Both files for Moodle, by the roster's participants."""
    worksheet = "Identifier,Full name,Status,Grade,Maximum grade,Last modified (grade)\nParticipant 123,x,y,,20.00,-\n"
    (graded.root / "w.csv").write_text(worksheet)
    code, _, err = graded.grader("export", "dl1", "--to", "moodle", "--fill", "w.csv")
    assert code == 0
    assert (exported(graded) / "moodle-worksheet.csv").read_text() == worksheet.replace(
        ",,20.00", ",10,20.00"
    )
    with zipfile.ZipFile(exported(graded) / "moodle-feedback.zip") as archive:
        assert archive.namelist() == [
            "Kim M_123_assignfeedback_file_dl1.html",
            "Lee J_124_assignfeedback_file_dl1.html",
        ]
    assert "could not tell whose they are: zoe" in err


@pytest.mark.parametrize(("system", "files"), [("gradescope", 3), ("classroom50", 2)])
def test_a_file_for_every_student(graded: World, system: str, files: int) -> None:
    """Classroom 50 cannot say ungraded, and gets no file; Gradescope can."""
    code, out, _ = graded.grader("export", "dl1", "--to", system)
    assert code == 0
    assert len(list((exported(graded) / system).glob("*.json"))) == files
    assert f"({files} files)" in out


def test_who_has_no_grade_any_more_has_no_file_any_more(graded: World) -> None:
    """What an earlier export wrote of them would still be taken for their grade."""
    graded.grader("export", "dl1", "--to", "classroom50")
    graded.engine.grades["kim"] = lambda found: result(found, ungraded=Ungraded("notebook_empty", "submission"))
    graded.grader("grade", "dl1", "--force")
    assert "(1 files)" in graded.grader("export", "dl1", "--to", "classroom50")[1]
    assert [path.name for path in (exported(graded) / "classroom50").iterdir()] == ["zoe.json"]


def test_nothing_is_said_to_be_written_where_nobody_has_a_grade(here: World) -> None:
    """That is no fault of the command's; it names no folder that is not there."""
    here.submit("lee")
    here.engine.grades["lee"] = lambda found: result(found, ungraded=Ungraded("notebook_empty", "submission"))
    here.grader("grade", "dl1")
    code, out, err = here.grader("export", "dl1", "--to", "classroom50")
    assert (code, out) == (0, "students: 1 ungraded, without a grade here\n")
    assert "nothing is written: nobody has a grade" in err


def test_junit(graded: World) -> None:
    """One suite a submission."""
    assert graded.grader("export", "dl1", "--to", "junit")[0] == 0
    assert (exported(graded) / "junit.xml").read_bytes().count(b"<testsuite ") == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("dl2", "--to", "csv"), "Did you mean dl1?"),
        (("dl1", "--to", "csv", "--fill", "x"), "only canvas and moodle"),
        (("dl1", "--to", "canvas", "--column", "dl1"), "only a FILE to fill in has columns"),
        (("dl1", "--to", "canvas", "--fill", "nowhere.csv", "--column", "x"), "nowhere.csv: cannot be read"),
        (("dl1", "--to", "csv", "--out", "empty"), "Grade first: grader grade dl1"),
        (("dl1",), "--to"),
    ],
)
def test_what_cannot_be_exported_is_refused(graded: World, arguments: tuple[str, ...], says: str) -> None:
    """Exit code 2, and the remedy."""
    code, _, err = graded.grader("export", *arguments)
    assert code == 2
    assert says in err


def test_a_torn_result_is_named(graded: World) -> None:
    """A file that is no result stops the export: a grade would be missing without a word."""
    path = graded.root / "graded/results/dl1/kim.json"
    path.write_bytes(path.read_bytes()[:50])
    code, _, err = graded.grader("export", "dl1", "--to", "csv")
    assert code == 2
    assert str(path) in err
    assert "grade that student again" in err


def test_results_of_before_have_no_arrival(graded: World) -> None:
    """A result that was written before there were due dates is still one."""
    path = graded.root / "graded/results/dl1/kim.json"
    document = msgspec.json.decode(path.read_bytes())
    document.pop("handed_in", None)
    path.write_bytes(msgspec.json.encode(document))
    assert decode(path.read_bytes()).penalty == 0
    assert decode(encode(decode(path.read_bytes()))) == decode(path.read_bytes())
