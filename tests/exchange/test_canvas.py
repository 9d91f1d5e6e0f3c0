"""Canvas: a gradebook as Canvas's exporter writes it, of which only our cells change."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.exchange import canvas
from autograder.exchange.filling import Filled
from autograder.exchange.standing import Standing
from autograder.exchange.table import ExchangeError
from tests.exchange.standings import imported, standing, write

GRADEBOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Integration ID,Section,Essay (7),DL1 (42),Current Score,Final Score\r\n"
    ",,,,,,,Manual Posting,,\r\n"
    '"    Points Possible",,,,,,10,100,(read only),(read only)\r\n'
    '"Kim, Minsu",901,s-1,kim,,"A; B",8,,91.2,91.2\r\n'
    '"Lee, ""Jo""",902,s-2,lee,,A,,"12.5",,\r\n'
    "박서연,903,,,,A,,EX,,\r\n"
    "Choi Ara,904,,,,A,,,,\r\n"
    '"Student, Test",905,,abc,,A,,,,\r\n'
)


def filled(path: Path, text: str, *standings: Standing, column: str = "dl1") -> Filled:
    return canvas.fill(write(path / "grades.csv", text), [column], standings)


def test_only_our_cells_change(tmp_path: Path) -> None:
    """BOM, line endings, quotes, excused students and every other column stay as they are, byte for byte."""
    here = filled(
        tmp_path, GRADEBOOK, standing("kim", 85), standing("lee", 87.5), standing("park", canvas_id="903")
    )
    expected = GRADEBOOK.replace(',"A; B",8,,', ',"A; B",8,85,').replace(',"12.5",', ',"87.5",')
    assert here.data == expected.encode()
    assert (here.filled, here.excused, here.scaled) == (2, 1, 1)
    assert here.rows == ("Choi Ara (904)", "Student, Test (905)")
    assert here.unplaced == ()


def test_students_are_found_by_each_of_their_ids(tmp_path: Path) -> None:
    """By Canvas's id, from the import or the roster; by SIS id; by login; by name, however it is turned."""
    here = filled(
        tmp_path,
        GRADEBOOK,
        imported("minsu", "canvas", 1, user_id="901"),
        standing("x", 2, sis_id="s-2"),
        standing("y", 3, name="Ara Choi"),
        standing("nobody", 4),
        standing("unread", None),
    )
    rows = here.data.decode("utf-8-sig").splitlines()
    assert [row.split(",")[-3] for row in (rows[3], rows[4], rows[6])] == ["1", '"2"', "3"]
    assert here.unplaced == ("nobody",)


def test_a_name_that_two_students_have_names_nobody(tmp_path: Path) -> None:
    """Better no grade than another one's."""
    here = filled(tmp_path, GRADEBOOK, standing("a", name="Ara Choi"), standing("b", name="Choi, Ara"))
    assert here.filled == 0
    assert set(here.unplaced) == {"a", "b"}


def test_semicolons_and_decimal_commas_stay(tmp_path: Path) -> None:
    """A European export gets decimal commas, as its other numbers have."""
    text = "Student;ID;SIS Login ID;Section;DL1 (42)\n    Points Possible;;;;100,00\nKim;1;kim;A;\n"
    here = filled(tmp_path, text, standing("kim", 87.5))
    assert here.data == text.replace("Kim;1;kim;A;", "Kim;1;kim;A;87,5").encode()


def test_a_decimal_comma_between_commas_is_quoted(tmp_path: Path) -> None:
    """What would otherwise be two cells stays one."""
    text = 'Student,ID,SIS Login ID,Section,DL1 (42)\n    Points Possible,,,,"100,00"\nKim,1,kim,A,\n'
    assert filled(tmp_path, text, standing("kim", 87.5)).data.endswith(b'Kim,1,kim,A,"87,5"\n')


def test_points_are_scaled_to_the_column(tmp_path: Path) -> None:
    """85 of 100 in a column of 10 points is 8.5, and the caller is told."""
    here = filled(tmp_path, GRADEBOOK, standing("kim", 85), column="Essay")
    assert here.scaled == 0.1
    assert b'"A; B",8.5,,' in here.data


def test_a_column_is_found_by_its_id(tmp_path: Path) -> None:
    """The number in its brackets is enough."""
    assert filled(tmp_path, GRADEBOOK, standing("kim"), column="42").filled == 1


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a,b\n1,2\n", "dl1", "no Canvas gradebook"),
        ("\n", "dl1", "is empty"),
        (GRADEBOOK, "dl2", "no column is called 'dl2'. Name one with --column: 'Essay (7)', 'DL1 (42)'"),
        (GRADEBOOK.replace("Essay", "dl1"), "dl1", "several columns are called 'dl1'"),
        (GRADEBOOK.replace(",10,100,", ",10,(read only),"), "dl1", "is read only in Canvas"),
        (GRADEBOOK.replace(",10,100,", ",10,many,"), "dl1", "no number of points"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(tmp_path: Path, text: str, column: str, says: str) -> None:
    """Each refusal names the file and what to do; a new column is never made."""
    with pytest.raises(ExchangeError) as caught:
        filled(tmp_path, text, standing("kim"), column=column)
    assert says in str(caught.value)
    assert str(tmp_path / "grades.csv") in str(caught.value)


def test_pages_go_back_under_the_names_canvas_gave(tmp_path: Path) -> None:
    """The user's and the attachment's id lead back; work from elsewhere has none, and is named."""
    page = write(tmp_path / "dl1.html", "<p>")
    came = imported("kim", "canvas", file="kimminsu_LATE_901_5501_dl1.ipynb")
    done = canvas.write_feedback(tmp_path / "back.zip", [(came, page), (standing("lee"), page)])
    assert done == (1, ("lee",))
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        assert archive.namelist() == ["kimminsu_LATE_901_5501_dl1.html"]


def test_a_kept_name_cannot_leave_the_zip(tmp_path: Path) -> None:
    """A path in a name that was kept is cut off."""
    page = write(tmp_path / "dl1.html", "<p>")
    canvas.write_feedback(
        tmp_path / "back.zip", [(imported("kim", "canvas", file="../../x_1_2_y.ipynb"), page)]
    )
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        assert archive.namelist() == ["x_1_2_y.html"]
