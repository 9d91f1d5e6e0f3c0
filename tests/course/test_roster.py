"""The roster: what it says is read, what it cannot mean is refused with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.roster import Student, read
from autograder.errors import ConfigError


def roster(folder: Path, data: bytes | str) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_students_in_their_order(tmp_path: Path) -> None:
    """Columns in any order, headings in any case, empty rows and columns passed over."""
    text = "\ufeffEmail,Student,Canvas ID,Name,\r\nk@x,kim,901,김 민수,\r\n,,,,\r\nl@x,lee,,,\r\n"
    assert list(read(roster(tmp_path, text)).values()) == [
        Student("kim", name="김 민수", email="k@x", canvas_id="901"),
        Student("lee", email="l@x"),
    ]


def test_semicolons(tmp_path: Path) -> None:
    """A European spreadsheet's CSV is read as well."""
    assert read(roster(tmp_path, "student;name\nkim;Kim, M\n"))["kim"].name == "Kim, M"


def test_names_whole_or_in_parts() -> None:
    """Each can be had from the other."""
    parts, whole = Student("a", first_name="Min", last_name="Kim"), Student("a", name="Min Kim")
    assert (parts.full_name, parts.surname, parts.given_name) == ("Min Kim", "Kim", "Min")
    assert (whole.full_name, whole.surname, whole.given_name) == ("Min Kim", "Kim", "Min")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "is empty"),
        ("name\nkim\n", "no column `student`"),
        ("student,emial\nkim,x\n", "column 'emial'"),
        ("student,student\nkim,x\n", "a column twice"),
        ("student,name\n,x\n", "row 2: names no student"),
        ("student\nkim\nkim\n", "row 3: 'kim' is there already"),
        ("student,name\nkim,a,b\n", "row 2: has more cells"),
        ('student\n"kim\n', "is no CSV"),
        ("student\n김\n".encode("cp949"), "is not UTF-8"),
    ],
)
def test_what_it_cannot_mean_is_refused(tmp_path: Path, data: bytes | str, says: str) -> None:
    """The error names the file, the place and the remedy."""
    with pytest.raises(ConfigError) as caught:
        read(roster(tmp_path, data))
    assert says in str(caught.value)
    assert str(tmp_path / "roster.csv") in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A roster that grader.toml names has to be there."""
    with pytest.raises(ConfigError, match=r"roster\.file"):
        read(tmp_path / "roster.csv")
