"""Imports: whose work it is in each system's download, which attempt counts, and what never gets in."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.config import Attempt, Config, Course, Late, Limits
from autograder.course.roster import Roster, Student
from autograder.exchange.archive import entries
from autograder.exchange.downloads import recognise
from autograder.exchange.placing import Placed, place
from autograder.exchange.table import ExchangeError
from autograder.submissions import receipts
from autograder.submissions.receipts import Receipt
from tests.exchange import downloads
from tests.exchange.downloads import course, work, zipped

PEOPLE = {
    "kim": Student("kim", name="Minsu Kim", canvas_id="901", moodle_id="123", gradescope_sid="2026001"),
    "lee": Student("lee", last_name="Lee", first_name="Jo", email="LEE@x.kr"),
}


def taken(here: Course, files: Mapping[str, bytes] | Path, roster: Roster | None = None) -> Placed:
    path = files if isinstance(files, Path) else zipped(here.root / "download.zip", files)
    return place(here, "dl1", recognise(entries(path)), PEOPLE if roster is None else roster)


def submitted(here: Course) -> dict[str, bytes]:
    return {path.parts[-3]: path.read_bytes() for path in here.root.glob("submitted/*/dl1/dl1.ipynb")}


def receipt(here: Course, student: str) -> Receipt:
    digest = hashlib.sha256(submitted(here)[student]).hexdigest()
    return receipts.read(here.root, "dl1", student, digest)


def test_canvas(tmp_path: Path) -> None:
    """By the roster's id, by name; strangers get a name of their own; lateness and file names are kept."""
    here = course(tmp_path)
    placed = taken(here, downloads.CANVAS)
    assert submitted(here) == {
        "kim": work("kim"),
        "lee": work("lee"),
        "o_brien-903": work("brien"),
        "anon_Ab3dE": work("anon"),
    }
    assert placed.late == ["lee"]
    assert receipt(here, "lee").lms["file"] == "leejo_LATE_902_5502_dl1-2.ipynb"
    assert receipt(here, "kim").lms["user_id"] == "901"
    assert dict(placed.problems) == {
        "choi_904_text.html": "was typed in or linked to, which is no notebook",
        "park_905_link.html": "was typed in or linked to, which is no notebook",
    }


def test_moodle(tmp_path: Path) -> None:
    """Folders as new sites write them and as old ones did, flat names, blind marking; typed text is reported."""
    here = course(tmp_path)
    placed = taken(here, downloads.MOODLE)
    assert submitted(here) == {
        "kim": work("kim"),
        "이-조-124": work("lee"),
        "125": work("blind"),
        "Ann_b_c-126": work("ann"),
    }
    assert placed.problems == [("Choi", "no notebook is among its files")]
    assert receipt(here, "125").lms["participant_id"] == "125"


def test_gradescope(tmp_path: Path) -> None:
    """A group's work is each one's; times and ids come from the metadata, whatever Ruby wrote beside them."""
    here = course(tmp_path)
    placed = taken(here, downloads.GRADESCOPE)
    assert submitted(here) == {"kim": work("kim and lee"), "lee": work("kim and lee"), "Ann-3": work("ann")}
    assert receipt(here, "kim").at == datetime(2026, 10, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert receipt(here, "Ann-3").at is None
    assert placed.problems == [("assignment_9_export/submission_13/dl1.ipynb", "is nobody's by its name")]


def test_an_nbgrader_tree(tmp_path: Path) -> None:
    """Students are folders; the time stamp comes along, as nbgrader reads it."""
    here = course(tmp_path)
    taken(here, downloads.TREE, {})
    assert submitted(here) == {"kim": work("kim"), "lee": work("lee")}
    assert receipt(here, "kim").at == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert (tmp_path / "submitted/kim/dl1/timestamp.txt").read_text() == "2026-10-01 12:00:00.000000 UTC\n"


@pytest.mark.parametrize(
    ("policy", "said", "number"), [("last", "kim 3", 3), ("first", "kim 1", 1), ("last_on_time", "kim 2", 2)]
)
def test_which_attempt_counts(tmp_path: Path, policy: Attempt, said: str, number: int) -> None:
    """Of an exchange's inbound folder, as the course says; the folder's time counts, not the student's file."""
    due = datetime(2026, 10, 2, 12, tzinfo=UTC)
    here = course(tmp_path, Config(late=Late(attempt=policy), due={"dl1": due}))
    taken(here, downloads.INBOUND)
    assert submitted(here)["kim"] == work(said)
    known = receipt(here, "kim")
    assert (known.attempt, known.attempts) == (number, 3)


@pytest.mark.parametrize(
    ("policy", "said", "outcome"), [("last", "new", "changed"), ("first", "kim", "kept")]
)
def test_an_earlier_import_is_an_attempt(tmp_path: Path, policy: Attempt, said: str, outcome: str) -> None:
    """A later download counts with what came before; the same work again changes nothing."""
    here = course(tmp_path, Config(late=Late(attempt=policy)))
    assert taken(here, downloads.CANVAS).outcomes["kim"] == "new"
    assert taken(here, downloads.CANVAS).outcomes["kim"] == "unchanged"
    assert (receipt(here, "kim").attempt, receipt(here, "kim").attempts) == (1, 1)
    assert taken(here, {"kimminsu_901_7_dl1-1.ipynb": work("new")}).outcomes == {"kim": outcome}
    assert submitted(here)["kim"] == work(said)
    if policy == "last":
        assert (receipt(here, "kim").attempt, receipt(here, "kim").attempts) == (2, 2)


def test_a_folder_is_as_good_as_a_zip(tmp_path: Path) -> None:
    """An unpacked download is read alike; links in it are refused, and hidden files passed over."""
    here = course(tmp_path)
    with zipfile.ZipFile(zipped(tmp_path / "x.zip", downloads.MOODLE)) as archive:
        archive.extractall(tmp_path / "down")
    place_ = tmp_path / "down/Evil_9_assignsubmission_file"
    place_.mkdir()
    (place_ / "dl1.ipynb").symlink_to(tmp_path / "x.zip")
    (place_ / ".dl1.ipynb").write_bytes(work("hidden"))
    placed = taken(here, tmp_path / "down")
    assert len(submitted(here)) == 4
    assert ("Evil_9_assignsubmission_file/dl1.ipynb", "is a link") in placed.problems


@pytest.mark.parametrize(
    "name",
    [
        "../kim_1_2_dl1.ipynb",
        "/kim_1_2_dl1.ipynb",
        "a/../../kim_1_2_dl1.ipynb",
        "..\\kim_1_2_dl1.ipynb",
        "C:kim_1_2_dl1.ipynb",
    ],
)
def test_no_path_leads_out(tmp_path: Path, name: str) -> None:
    """A climbing or absolute name is refused and reported; the rest is taken, and nothing lies elsewhere."""
    here = course(tmp_path / "course")
    placed = taken(here, {name: work("evil"), "lee_902_5_dl1.ipynb": work("lee")}, {})
    assert list(submitted(here)) == ["lee-902"]
    assert len(placed.problems) == 1
    assert not list(tmp_path.glob("*.ipynb"))
    assert {path.name for path in tmp_path.iterdir()} == {"course"}


@pytest.mark.parametrize("student", ["..", ".", "a/b", "..\\x", ".hidden"])
def test_no_student_leads_out(tmp_path: Path, student: str) -> None:
    """A student's name that is no folder's is reported, or made one."""
    here = course(tmp_path / "course")
    entry = entries(zipped(tmp_path / "d.zip", {f"{student}_1_assignsubmission_file/dl1.ipynb": work("x")}))
    if entry[0].refused:
        return
    placed = place(here, "dl1", recognise(entry), {})
    for path in tmp_path.rglob("dl1.ipynb"):
        assert path.relative_to(here.root / "submitted").parts[1:] == ("dl1", "dl1.ipynb")
    assert len(submitted(here)) + len(placed.problems) == 1


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A file that unpacks to more than a notebook may have is reported, and read no further."""
    here = course(tmp_path, Config(limits=Limits(notebook_mib=1)))
    bomb = b'{"cells": []}' + b" " * (64 << 20)
    placed = taken(here, {"kim_901_5_dl1.ipynb": bomb, "lee_902_6_dl1.ipynb": work("lee")}, {})
    assert list(submitted(here)) == ["lee-902"]
    assert placed.problems == [("kim_901_5_dl1.ipynb", "is larger than 1 MiB")]


def test_a_torn_or_locked_entry_is_reported(tmp_path: Path) -> None:
    """A checksum that is wrong, a password: that student is named, the rest is taken."""
    here = course(tmp_path)
    path = zipped(
        tmp_path / "d.zip", {"kim_901_5_dl1.ipynb": work("kim"), "lee_902_6_dl1.ipynb": work("lee")}
    )
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the first entry in the directory says it is encrypted
    path.write_bytes(data)
    assert dict(taken(here, path, {}).problems)["kim_901_5_dl1.ipynb"] == "is encrypted"
    assert list(submitted(here)) == ["lee-902"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    """It would be written as a file that holds a path."""
    here = course(tmp_path)
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        info = zipfile.ZipInfo("kim_901_5_dl1.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("lee_902_6_dl1.ipynb", work("lee"))
    assert ("kim_901_5_dl1.ipynb", "is a link") in taken(here, tmp_path / "d.zip", {}).problems
    assert list(submitted(here)) == ["lee-902"]


def test_korean_names_of_an_old_zip(tmp_path: Path) -> None:
    """Windows writes names in cp949 and says no encoding: they are read as their author saw them."""
    here = course(tmp_path)
    name = "김민수_123_assignsubmission_file/dl1.ipynb"
    path = zipped(tmp_path / "d.zip", {"x" * len(name.encode("cp949")): work("kim")})
    path.write_bytes(path.read_bytes().replace(b"x" * len(name.encode("cp949")), name.encode("cp949")))
    taken(here, path, {})
    assert list(submitted(here)) == ["김민수-123"]


def test_several_notebooks_of_one_student(tmp_path: Path) -> None:
    """The one that is named as the assignment is taken, and the others are named."""
    here = course(tmp_path)
    files = {"kim_901_5_dl1-1.ipynb": work("mine"), "kim_901_6_scratch.ipynb": work("other")}
    placed = taken(here, files, {})
    assert submitted(here) == {"kim-901": work("mine")}
    assert placed.problems == [
        ("kim_901_6_scratch.ipynb", "another notebook of this student was taken, kim_901_5_dl1-1.ipynb")
    ]


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_download_is_refused(tmp_path: Path, data: bytes) -> None:
    """The error names the file and what to give."""
    (tmp_path / "d.zip").write_bytes(data)
    with pytest.raises(ExchangeError, match=r"d\.zip: is neither a zip nor a folder"):
        entries(tmp_path / "d.zip")


@pytest.mark.parametrize("name", ["nowhere.zip", "file.txt/d.zip", "link"])
def test_what_is_not_there_is_said_not_to_be(tmp_path: Path, name: str) -> None:
    """Not that it is no zip: a name that was mistyped, a folder that is a file, a link to nothing."""
    (tmp_path / "file.txt").touch()
    (tmp_path / "link").symlink_to("gone.zip")
    with pytest.raises(ExchangeError, match=f"{name}: there is no such file or folder"):
        entries(tmp_path / name)


def test_a_zip_that_may_not_be_read_is_told_from_what_is_no_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what the system says."""

    def closed(path: Path) -> zipfile.ZipFile:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(zipfile, "ZipFile", closed)
    with pytest.raises(ExchangeError, match=r"d\.zip: cannot be read \(Permission denied\)"):
        entries(tmp_path / "d.zip")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    """Names that no system gives."""
    with pytest.raises(ExchangeError, match="no names of Canvas, Moodle, Gradescope or nbgrader"):
        recognise(entries(zipped(tmp_path / "d.zip", {"holiday.jpg": b"x", "dl1.ipynb": work("x")})))


def metadata(folder: Path, text: str) -> Path:
    return zipped(
        folder / "d.zip", {"submission_metadata.yml": text.encode(), "submission_1/dl1.ipynb": b"{}"}
    )


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "a: &x [*y]", "a: !!python/object/apply:os.system ['true']"]
)
def test_metadata_that_does_not_read_is_refused(tmp_path: Path, text: str) -> None:
    """The error names the file within."""
    with pytest.raises(ExchangeError, match=r"submission_metadata\.yml"):
        recognise(entries(metadata(tmp_path, text)))


@pytest.mark.parametrize("value", ["5", "{':submitters': 5}", "!ruby/object:Kernel {a: 1}"])
def test_metadata_makes_nothing_but_plain_values(tmp_path: Path, value: str) -> None:
    """What is of another shape lists nobody, and no tag runs anything."""
    assert recognise(entries(metadata(tmp_path, f"submission_1: {value}"))).arrivals == ()
