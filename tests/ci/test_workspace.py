"""The folder that grading works in: the base's course, the head's notebooks, ordinary files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.ci.changes import Handed, Layout
from autograder.ci.repository import Entry, Repository
from autograder.ci.workspace import lay_out_course, lay_out_notebooks, path_in_head
from autograder.course.config import Config, Course
from autograder.errors import AssignmentError, ConfigError, UnreadableNotebook
from autograder.notebooks.notebook import read_file
from autograder.submissions.found import Found, raw_name
from tests.ci.histories import Content, History, Link, history

COURSE: dict[str, Content] = {
    "grader.toml": "",
    "assignments/dl1/assignment.toml": "a",
    "solutions/dl1/test_hidden.py": "h",
    "conftest.py": "raise SystemExit",
}
WORK = Handed("dl1", "kim")
HERE = "submitted/kim/dl1"


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "repository")


def files(root: Path) -> dict[str, str]:
    assert not [path for path in root.rglob("*") if path.is_symlink()]
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def notebooks(
    made: History,
    root: Path,
    *changed: str,
    layout: Layout = "course",
    work: Handed = WORK,
    max_bytes: int = 1000,
) -> list[Found]:
    (root / "assignments/dl1").mkdir(parents=True)
    (root / "assignments/dl1/assignment.toml").touch()
    repository = Repository(made.root)
    fresh = [Entry(path, "100644", "") for path in changed]
    head = repository.commit("main")
    return lay_out_notebooks(repository, head, [work], fresh, layout, Course(root, Config()), max_bytes)


def test_the_course_is_the_bases(made: History, tmp_path: Path) -> None:
    """Settings, assignments and answers come from that commit, and nothing beside them."""
    base = made.commit("main", COURSE)
    made.commit("main", dict.fromkeys(COURSE, "changed"))
    lay_out_course(Repository(made.root), base, None, tmp_path / "root")
    kept = {path: content for path, content in COURSE.items() if path != "conftest.py"}
    assert files(tmp_path / "root") == kept


def test_a_folder_of_the_staffs_goes_before_the_base(made: History, tmp_path: Path) -> None:
    """What it has is taken whole from there, what it has not from the base; its .git stays behind."""
    base = made.commit("main", COURSE)
    theirs = tmp_path / "theirs"
    (theirs / "solutions/dl1/.git").mkdir(parents=True)
    (theirs / "solutions/dl1/.git/config").write_text("secret")
    (theirs / "solutions/dl1/other.py").write_text("o")
    lay_out_course(Repository(made.root), base, theirs, tmp_path / "root")
    assert files(tmp_path / "root") == {
        "grader.toml": "",
        "assignments/dl1/assignment.toml": "a",
        "solutions/dl1/other.py": "o",
    }


def test_a_base_that_is_no_course(made: History, tmp_path: Path) -> None:
    """Without grader.toml, or with a link where a file belongs, the error says what to do."""
    base = made.commit("main", {"assignments/x": "1"})
    with pytest.raises(ConfigError, match=r"grader\.toml.*--course"):
        lay_out_course(Repository(made.root), base, None, tmp_path / "root")
    base = made.commit("main", {"grader.toml": "", "solutions/x": Link("/etc/passwd")})
    with pytest.raises(AssignmentError, match="solutions/x: is a link"):
        lay_out_course(Repository(made.root), base, None, tmp_path / "other")


def test_the_assignments_own_name_is_chosen(made: History, tmp_path: Path) -> None:
    """Of several notebooks the official one, else the one that the pull request changed; the rest are told."""
    made.commit("main", {f"{HERE}/b.ipynb": "b", f"{HERE}/a.ipynb": "a", f"{HERE}/c.ipynb": Link("a.ipynb")})
    [found] = notebooks(made, tmp_path / "one", f"{HERE}/b.ipynb")
    assert (found.student, found.path.name, [one.name for one in found.others]) == (
        "kim",
        "b.ipynb",
        ["a.ipynb"],
    )
    assert path_in_head(found.path, tmp_path / "one", "course") == f"{HERE}/b.ipynb"
    made.commit("main", {f"{HERE}/dl1.en.ipynb": "o"})
    [found] = notebooks(made, tmp_path / "two", f"{HERE}/b.ipynb")
    assert found.path.name == "dl1.en.ipynb"
    assert set(files(tmp_path / "two")) - {"assignments/dl1/assignment.toml"} == {
        f"{HERE}/{name}.ipynb" for name in ("a", "b", "dl1.en")
    }


@pytest.mark.parametrize("student", ["::error::x", "submitted", "dl1", "a b", "한글", "-p", "x\udcff"])
def test_any_name_of_a_student(made: History, tmp_path: Path, student: str) -> None:
    """Whatever a folder is called, its notebook is that student's."""
    made.commit("main", {f"submitted/{student}/dl1/dl1.ipynb": "x", f"submitted/{student}/dl1/z.ipynb": "x"})
    [found] = notebooks(made, tmp_path / "root", work=Handed("dl1", student))
    assert (found.student, found.path.name) == (raw_name(student), "dl1.ipynb")


def test_a_file_that_is_too_large_is_never_read(made: History, tmp_path: Path) -> None:
    """It takes no room, and is refused by its real size."""
    made.commit("main", {f"{HERE}/dl1.ipynb": b"x" * 3_000_000})
    [found] = notebooks(made, tmp_path / "root", max_bytes=1 << 20)
    assert found.path.stat().st_blocks == 0
    with pytest.raises(UnreadableNotebook) as caught:
        read_file(found.path, 1 << 20)
    assert caught.value.facts == {"size_mib": 3, "limit_mib": 1}


def test_a_tree_that_names_a_file_twice(made: History, tmp_path: Path) -> None:
    """What git itself would not write is no fault of ours: the file is there once."""
    blob = made.blob(b"x")
    inner = made.git("mktree", given=f"100644 blob {blob}\tdl1.ipynb\n".encode())
    entry = bytes.fromhex(blob)
    twice = (b"100644 dl1.ipynb\0" + entry) * 2
    tree = made.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", given=twice)
    assert tree != inner
    for name in ("dl1", "kim", "submitted"):
        tree = made.git("mktree", given=f"040000 tree {tree}\t{name}\n".encode())
    made.commit_tree("main", tree, None)
    [found] = notebooks(made, tmp_path / "root")
    assert found.path.read_text() == "x"


def test_a_repository_of_ones_own(made: History, tmp_path: Path) -> None:
    """In the layout single the notebooks at the top are the student's, at the top in annotations too."""
    made.commit("main", {"dl1.en.ipynb": "x", "notes/dl1.ipynb": "y"})
    [found] = notebooks(made, tmp_path / "root", layout="single")
    assert (found.student, path_in_head(found.path, tmp_path / "root", "single")) == ("kim", "dl1.en.ipynb")
