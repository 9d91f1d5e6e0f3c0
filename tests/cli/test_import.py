"""``grader import``: which assignment it is for, what it says, and that its work is graded next."""

from __future__ import annotations

import pytest

from tests.cli.stub import World
from tests.exchange import downloads
from tests.exchange.downloads import zipped


def test_a_download_is_taken_and_graded(here: World) -> None:
    """Counts, what has no place and why; then grading finds it, and exports go back by the ids that were kept."""
    zipped(here.root / "canvas.zip", downloads.CANVAS)
    code, out, err = here.grader("import", "canvas.zip")
    assert code == 0
    assert "canvas: 4 students for dl1 (4 new)" in out
    assert "marked late, without a time, so that no penalty is known: leejo-902" in err
    assert "not placed: choi_904_text.html: was typed in" in err
    assert here.grader("grade", "dl1")[0] == 0
    gradebook = "Student,ID,SIS Login ID,Section,dl1 (42)\n    Points Possible,,,,10\nKim,901,,A,\n"
    (here.root / "grades.csv").write_text(gradebook)
    code, out, _ = here.grader("export", "dl1", "--to", "canvas", "--fill", "grades.csv", "--column", "dl1")
    assert code == 0
    assert (here.root / "graded/export/dl1/canvas-gradebook.csv").read_text().endswith("Kim,901,,A,10\n")
    assert "canvas-feedback.zip" in out


def test_the_assignment_is_asked_for(here: World) -> None:
    """Where the course has several it must be named, or be named in the download."""
    (here.root / "assignments/dl2").mkdir()
    (here.root / "assignments/dl2/assignment.toml").touch()
    zipped(here.root / "canvas.zip", downloads.CANVAS)
    code, _, err = here.grader("import", "canvas.zip")
    assert code == 2
    assert "Name one with --assignment: dl1, dl2" in err
    zipped(here.root / "one.zip", {"kim/dl2/dl2.ipynb": downloads.work("x")})
    assert here.grader("import", "one.zip")[0] == 0
    assert (here.root / "submitted/kim/dl2/dl2.ipynb").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.zip",), "nowhere.zip: there is no such file or folder. Check its spelling"),
        (("text.zip",), "text.zip: is neither a zip nor a folder"),
        (("other.zip",), "other.zip: no names of Canvas"),
        (("tree.zip", "--assignment", "dl9"), "Did you mean dl1?"),
        (("tree.zip", "--assignment", "dl1"), "no submission for dl1 is in it"),
    ],
)
def test_what_cannot_be_taken_is_refused(here: World, arguments: tuple[str, ...], says: str) -> None:
    """Exit code 2, the file and the remedy."""
    (here.root / "text.zip").write_text("no zip")
    zipped(here.root / "other.zip", {"a.txt": b"x"})
    zipped(here.root / "tree.zip", {"kim/other/other.ipynb": b"{}"})
    code, _, err = here.grader("import", *arguments)
    assert code == 2
    assert says in err
