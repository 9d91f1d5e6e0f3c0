"""``grader new``: what was made, and what to do with it."""

from __future__ import annotations

from tests.cli.stub import World


def test_it_says_what_it_made(here: World) -> None:
    """Each file by its path in the course, and the commands that come next."""
    code, out, _ = here.grader("new", "week-3", "--lang", "ko")
    assert code == 0
    for path in ("assignments/week-3/assignment.toml", "solutions/week-3/week-3.ipynb"):
        assert f"made: {path}\n" in out
        assert (here.root / path).is_file()
    assert "grader verify week-3 --mutants\n" in out


def test_what_is_there_already_exits_with_2(here: World) -> None:
    """The world's own assignment stays as it is."""
    code, out, err = here.grader("new", "dl1")
    assert code == 2
    assert out == ""
    assert "assignments/dl1: is there already. Take another name, or move it away" in err
