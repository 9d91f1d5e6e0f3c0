"""Which notebook is whose, in every layout that a command line may name."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import SubmissionPathError
from autograder.submissions.found import (
    MAX_ENCODED_CHARACTERS,
    encoded,
    find,
    passed_over,
    raw_name,
    without_notebook,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are Unicode")


def tree(root: Path, *names: str) -> Path:
    """Files in ``root``, each a second younger than the one before."""
    for age, name in enumerate(names):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
        os.utime(file, (1_000_000 + age, 1_000_000 + age))
    return root


def keep_closed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Has the system refuse to list ``folder``."""
    plain = os.scandir

    def scandir(path: Path) -> object:
        if path == folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return plain(path)

    monkeypatch.setattr(os, "scandir", scandir)


def found(*paths: Path, languages: Sequence[str] = ("ko", "en")) -> dict[str, str]:
    """Each student's chosen notebook, as its path's last two parts."""
    return {one.student: "/".join(one.path.parts[-2:]) for one in find(paths, "dl1", languages)}


def test_nbgraders_tree(tmp_path: Path) -> None:
    """In ``<student>/<assignment>/<notebook>`` the folder is the student; other assignments are not read."""
    tree(tmp_path, "lee/dl1/dl1.ipynb", "kim/dl1/x.ipynb", "kim/dl2/dl2.ipynb", "kim/loose.ipynb")
    tree(tmp_path, "oh/dl2/x.ipynb")
    assert found(tmp_path) == {"kim": "dl1/x.ipynb", "lee": "dl1/dl1.ipynb"}


def test_folders_of_students(tmp_path: Path) -> None:
    """In ``<student>/<notebook>`` the folder is the student."""
    tree(tmp_path, "lee/dl1.ipynb", "kim/hw.ipynb")
    assert found(tmp_path) == {"kim": "kim/hw.ipynb", "lee": "lee/dl1.ipynb"}


def test_a_flat_folder(tmp_path: Path) -> None:
    """In a flat folder each stem is a student, also one that looks like another suffix."""
    tree(tmp_path / "in", "lee.ipynb", "kim.final.ipynb", "oh.IPYNB", "notes.txt")
    assert found(tmp_path / "in") == {
        "kim.final": "in/kim.final.ipynb",
        "lee": "in/lee.ipynb",
        "oh": "in/oh.IPYNB",
    }


@pytest.mark.parametrize("name", ["dl1", "submitted/dl1"])
def test_a_flat_folder_that_bears_the_assignments_name(tmp_path: Path, name: str) -> None:
    """A folder ``dl1`` full of students' notebooks is a class, not one student with many."""
    folder = tree(tmp_path / name, "a.ipynb", "b.ipynb")
    expected = {"a": "dl1/a.ipynb", "b": "dl1/b.ipynb"}
    assert found(folder) == expected
    assert found(folder.parent) == expected
    assert found(*folder.iterdir()) == expected


def test_one_notebook(tmp_path: Path) -> None:
    """A notebook's student is its stem; in nbgrader's tree, the student's folder."""
    tree(tmp_path, "kim.ipynb", "submitted/lee/dl1/a.ipynb", "submitted/lee/dl1/b.ipynb", "oh/dl1/hw.ipynb")
    assert found(tmp_path / "kim.ipynb").keys() == {"kim"}
    assert found(tmp_path / "submitted/lee/dl1/a.ipynb") == {"lee": "dl1/a.ipynb"}
    assert found(tmp_path / "oh/dl1/hw.ipynb") == {"oh": "dl1/hw.ipynb"}


@pytest.mark.parametrize("path", ["submitted/kim", "submitted/kim/dl1", "kim", "kim/dl1"])
def test_one_student_of_a_tree(tmp_path: Path, path: str) -> None:
    """A student's own folder, or the assignment's in it, is that student."""
    tree(tmp_path, f"{path.removesuffix('/dl1')}/dl1/dl1.ipynb", f"{path.removesuffix('/dl1')}/dl2/dl2.ipynb")
    assert found(tmp_path / path) == {"kim": "dl1/dl1.ipynb"}


def test_a_student_named_as_the_assignment_hides_no_one(tmp_path: Path) -> None:
    """A folder ``dl1`` among students' folders is one more student."""
    tree(tmp_path, "dl1/dl1.ipynb", "kim/dl1.ipynb", "lee/dl1.ipynb")
    assert found(tmp_path).keys() == {"dl1", "kim", "lee"}


def test_relative_paths_and_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``.`` and ``..`` name folders as their full path would."""
    tree(tmp_path, "kim/dl1/dl1.ipynb")
    monkeypatch.chdir(tmp_path / "kim")
    assert found(Path()) == found(Path("../kim")) == found(Path("dl1")) == {"kim": "dl1/dl1.ipynb"}


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["dl1.ipynb", "dl1.ko.ipynb", "new.ipynb"], "dl1.ipynb"),
        (["dl1.en.ipynb", "dl1.ko.ipynb", "new.ipynb"], "dl1.ko.ipynb"),
        (["dl1.fr.ipynb", "new.ipynb"], "new.ipynb"),
        (["new.ipynb", "dl1.ipynb.txt"], "new.ipynb"),
        (["dl1.ipynb의 사본"], "dl1.ipynb의 사본"),
    ],
)
def test_the_choice_among_several(tmp_path: Path, names: list[str], chosen: str) -> None:
    """The assignment's own name first, then a language's, then the newest; the others are reported."""
    tree(tmp_path, *(f"kim/dl1/{name}" for name in names))
    (one,) = find([tmp_path], "dl1", ["ko", "en"])
    assert one.path.name == chosen
    assert {one.path.name, *(path.name for path in one.others)} == set(names)


def test_notebooks_of_one_age_are_chosen_by_name(tmp_path: Path) -> None:
    """The choice never depends on the order in which a file system lists a folder."""
    for name in "cab":
        os.utime(tree(tmp_path, f"kim/{name}.ipynb") / f"kim/{name}.ipynb", (1, 1))
    (one,) = find([tmp_path], "dl1", [])
    assert [path.stem for path in (one.path, *one.others)] == ["a", "b", "c"]


def test_hidden_files_and_links_are_not_looked_at(tmp_path: Path) -> None:
    """Checkpoints, dot files and links to files or folders hold no submission."""
    tree(
        tmp_path,
        "in/kim/dl1/dl1.ipynb",
        "in/kim/dl1/.ipynb_checkpoints/dl1-checkpoint.ipynb",
        "in/kim/dl1/._dl1.ipynb",
        "in/.cache/dl1/dl1.ipynb",
        "secret/dl1.ipynb",
    )
    (tmp_path / "in/lee/dl1").mkdir(parents=True)
    (tmp_path / "in/lee/dl1/dl1.ipynb").symlink_to(tmp_path / "secret/dl1.ipynb")
    (tmp_path / "in/oh").symlink_to(tmp_path / "secret", target_is_directory=True)
    (tmp_path / "in/park").mkdir()
    (tmp_path / "in/park/dl1").symlink_to(tmp_path / "secret", target_is_directory=True)
    (one,) = find([tmp_path / "in"], "dl1", [])
    assert (one.student, one.others) == ("kim", ())


@linux
def test_a_pipe_is_no_notebook(tmp_path: Path) -> None:
    """What would block its reader is not looked at, and refused if it is named."""
    tree(tmp_path, "kim/dl1.ipynb")
    os.mkfifo(tmp_path / "kim/hw.ipynb")
    assert found(tmp_path) == {"kim": "kim/dl1.ipynb"}
    with pytest.raises(SubmissionPathError, match="neither a notebook nor a folder"):
        find([tmp_path / "kim/hw.ipynb"], "dl1", [])


def test_a_link_on_the_command_line_is_refused(tmp_path: Path) -> None:
    """A shell's ``*`` may have expanded to a student's link."""
    tree(tmp_path, "kim.ipynb")
    (tmp_path / "lee.ipynb").symlink_to(tmp_path / "kim.ipynb")
    with pytest.raises(SubmissionPathError, match=r"lee\.ipynb: is a symbolic link"):
        find([tmp_path / "lee.ipynb"], "dl1", [])


def test_two_submissions_of_one_student_are_refused(tmp_path: Path) -> None:
    """The error names student and both files; one path given twice is no second submission."""
    tree(tmp_path, "a/kim.ipynb", "b/kim/dl1.ipynb")
    with pytest.raises(SubmissionPathError) as caught:
        find([tmp_path / "a", tmp_path / "b"], "dl1", [])
    for said in ("kim", str(tmp_path / "a/kim.ipynb"), str(tmp_path / "b/kim/dl1.ipynb")):
        assert said in str(caught.value)
    assert len(find([tmp_path / "a", tmp_path / "a/kim.ipynb"], "dl1", [])) == 1


def test_a_folder_and_a_file_of_one_student_are_refused(tmp_path: Path) -> None:
    """``kim/`` beside ``kim.ipynb`` is two submissions, not a choice."""
    tree(tmp_path, "kim.ipynb", "kim/dl1.ipynb")
    with pytest.raises(SubmissionPathError, match="two submissions of one student, kim"):
        find([tmp_path], "dl1", [])


def test_nothing_found_says_what_to_give(tmp_path: Path) -> None:
    """A path that is not there is refused, also beside one that has something; all empty, the first one is."""
    tree(tmp_path, "full/kim.ipynb", "empty/kim/notes.txt", "more/notes.txt")
    with pytest.raises(SubmissionPathError, match=r"missing: .*Check the path"):
        find([tmp_path / "full", tmp_path / "missing"], "dl1", [])
    with pytest.raises(SubmissionPathError, match=r"empty: .*Give a notebook"):
        find([tmp_path / "empty", tmp_path / "more"], "dl1", [])


def test_an_empty_path_among_several_is_named(tmp_path: Path) -> None:
    """``submitted/*`` is what ``submitted`` is: one student's empty folder keeps nobody else from being graded."""
    tree(tmp_path, "kim/dl1/dl1.ipynb", "lee/notes.txt", "oh.ipynb")
    paths = sorted(tmp_path.iterdir())
    handed_in = find(paths, "dl1", [])
    assert [one.student for one in handed_in] == ["kim", "oh"]
    assert without_notebook(paths, handed_in) == ("lee",)


@pytest.mark.parametrize("closed", ["kim", "kim/dl1"])
def test_a_folder_that_may_not_be_read_stands_for_its_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """In a tree and as one of several paths; alone, or where it holds the class, it is refused."""
    tree(tmp_path, "kim/dl1/dl1.ipynb", "lee/dl1/dl1.ipynb")
    keep_closed(monkeypatch, tmp_path / closed)
    for paths in ([tmp_path], [tmp_path / "kim", tmp_path / "lee"]):
        handed_in = find(paths, "dl1", [])
        assert [(one.student, one.path) for one in handed_in] == [
            ("kim", tmp_path / closed),
            ("lee", tmp_path / "lee/dl1/dl1.ipynb"),
        ]
        assert without_notebook(paths, handed_in) == ()
    keep_closed(monkeypatch, tmp_path)
    with pytest.raises(SubmissionPathError, match="cannot be read"):
        find([tmp_path], "dl1", [])


def test_notebooks_whose_age_may_not_be_asked_are_chosen_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a folder that may be listed and not entered; that one cannot be opened is said when it is read."""
    tree(tmp_path, "kim/b.ipynb", "kim/a.ipynb")
    plain = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.parent.name == "kim":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return plain(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    assert found(tmp_path) == {"kim": "kim/a.ipynb"}


@linux
def test_names_that_are_no_text(tmp_path: Path) -> None:
    r"""A folder's bytes that are no UTF-8 become ``\xff``: JSON can hold it, and two stay two."""
    for name in (b"\xff", b"\xfe", "김\n".encode()):
        folder = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 -- pathlib takes no bytes
        os.mkdir(folder)  # noqa: PTH102 -- nor here
        Path(os.fsdecode(folder), "dl1.ipynb").touch()
    assert found(tmp_path).keys() == {"\\xff", "\\xfe", "김\n"}


def test_students_are_sorted(tmp_path: Path) -> None:
    """The order is by student, whatever the order of the paths."""
    tree(tmp_path, "b.ipynb", "B.ipynb", "a.ipynb", "ä.ipynb")
    paths = [tmp_path / name for name in ("b.ipynb", "ä.ipynb", "B.ipynb", "a.ipynb")]
    assert [one.student for one in find(paths, "dl1", [])] == ["B", "a", "b", "ä"]


def decoded(name: str) -> str | None:
    """The student whose encoded name this is; None where it ends in a hash."""
    safe, _, capitals = name.partition("~")
    return None if capitals.startswith("~") else unquote_to_bytes(safe).decode(errors="surrogateescape")


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("kim-2024_1.b", "kim-2024_1.b"),
        ("Kim", "Kim~1"),
        ("kIM", "kIM~6"),
        ("김", "%EA%B9%80"),
        ("a/b", "a%2Fb"),
        ("a~b", "a%7Eb"),
        (".hidden", "%2Ehidden"),
        ("..", "%2E%2E"),
        ("dot.", "dot%2E"),
        ("con", "%63on"),
        ("", "~0"),
    ],
)
def test_a_students_file_name(student: str, name: str) -> None:
    """Plain lower-case names stay as they are; everything else is escaped and can be read back."""
    assert encoded(student) == name
    assert decoded(name) == student


NAMES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("aA~%./\udcff"))


@given(NAMES, NAMES)
def test_file_names_are_safe_and_collide_for_equal_students_alone(one: str, other: str) -> None:
    """Also where the file system ignores case, two students never share a file; the way back is exact."""
    name = encoded(one)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-%~")
    assert 0 < len(name) <= MAX_ENCODED_CHARACTERS
    assert not name.startswith(".")
    assert decoded(name) in (one, None)
    for twin in (other, one.swapcase(), one.lower(), one + "A", one + "a"):
        assert (encoded(twin).lower() == name.lower()) == (twin == one)


@pytest.mark.parametrize("student", ["a" * 300, "A" * 300, "김" * 100])
def test_over_long_names_end_in_a_hash(student: str) -> None:
    """A name that is too long to encode is bounded, and still its own."""
    name = encoded(student)
    assert len(name) <= MAX_ENCODED_CHARACTERS
    assert decoded(name) is None
    assert name.lower() not in {encoded(student + "a").lower(), encoded(student.swapcase() + "b").lower()}


def test_a_raw_name_is_text() -> None:
    """Surrogates, which UTF-8 cannot hold, are gone; all else stays."""
    assert raw_name("김 a\udcff") == "김 a\\xff"


def test_a_folder_that_holds_nothing_is_named(tmp_path: Path) -> None:
    """Beside students' folders, one without a notebook, or with a folder or link of its name, is not passed over."""
    (tmp_path / "kim/dl1").mkdir(parents=True)
    (tmp_path / "kim/dl1/dl1.ipynb").write_text("{}")
    (tmp_path / "lee/dl1/dl1.ipynb").mkdir(parents=True)
    (tmp_path / "oh/dl1").mkdir(parents=True)
    (tmp_path / "oh/dl1/dl1.ipynb").symlink_to(tmp_path / "kim/dl1/dl1.ipynb")
    (tmp_path / ".git").mkdir()
    found = find([tmp_path], "dl1", ("ko", "en"))
    assert [one.student for one in found] == ["kim"]
    assert without_notebook([tmp_path], found) == ("lee", "oh")
    assert without_notebook([tmp_path / "kim"], find([tmp_path / "kim"], "dl1", ("ko", "en"))) == ()


def test_folders_of_systems_are_no_students(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that may not be read nor one with a notebook in it, and neither is said to hold none."""
    tree(tmp_path, "submitted/kim/dl1/dl1.ipynb", "submitted/__MACOSX/dl1/dl1.ipynb")
    (tmp_path / "submitted/lost+found").mkdir()
    keep_closed(monkeypatch, tmp_path / "submitted/lost+found")
    assert set(found(tmp_path / "submitted")) == {"kim"}
    chosen = find([tmp_path / "submitted"], "dl1", ("ko", "en"))
    assert without_notebook([tmp_path / "submitted"], chosen) == ()


def test_links_and_hidden_folders_where_students_are_looked_for(tmp_path: Path) -> None:
    """Those that could be a student's are told: neither Jupyter's, nor the course's own, nor what a student keeps."""
    tree(tmp_path, "in/kim/dl1/dl1.ipynb", "in/.lee/dl1/dl1.ipynb", "in/.ipynb_checkpoints/dl1.ipynb", "out/dl1.ipynb")
    tree(tmp_path, "in/.receipts/dl1/kim.json", "in/kim/.mine/dl1.ipynb")
    (tmp_path / "in/oh").symlink_to(tmp_path / "out", target_is_directory=True)
    (tmp_path / "in/yun.ipynb").symlink_to(tmp_path / "gone")
    (tmp_path / "in/notes.txt").symlink_to(tmp_path / "gone")
    assert passed_over([tmp_path / "in", tmp_path / "nowhere"], "dl1") == (("oh", "yun.ipynb"), (".lee",))
    assert passed_over([tmp_path / "in/kim/dl1/dl1.ipynb"], "dl1") == ((), ())
