"""Git as data: what changed between two commits, whatever its name and kind, and nothing else."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from autograder.ci.repository import GONE, LINK, SUBMODULE, Repository
from autograder.errors import GraderError
from tests.ci.histories import History, Link, Submodule, history


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "repository")


def test_what_changed_since_the_sides_parted(made: History) -> None:
    """What the base got meanwhile is no change of the pull request's; a rename is two paths, one of them gone."""
    made.commit("main", {"a": "1", "b": "1", "old": "same"})
    made.git("branch", "pr", "main")
    made.commit("main", {"b": "2"})
    made.commit("pr", {"a": "2", "old": None, "new": "same"})
    repository = Repository(made.root)
    base, head = repository.commit("main"), repository.commit("pr")
    start = repository.fork_point(base, head)
    changed = {entry.path: entry.mode for entry in repository.changed(start, head)}
    assert changed == {"a": "100644", "old": GONE, "new": "100644"}


def test_after_a_force_push_the_new_commit_alone_counts(made: History) -> None:
    """A branch that was rewritten is compared as it is now."""
    made.commit("main", {"a": "1"})
    made.git("branch", "pr", "main")
    made.commit("pr", {"first": "1"})
    made.commit("pr", {"second": "1"}, parent=made.tip("main"))
    repository = Repository(made.root)
    start = repository.fork_point(repository.commit("main"), repository.commit("pr"))
    assert [entry.path for entry in repository.changed(start, repository.commit("pr"))] == ["second"]


def test_histories_without_a_common_commit(made: History) -> None:
    """Where nothing is shared there is no fork point; in a history that is cut off that is our fault, with a remedy."""
    made.commit("main", {"a": "1"})
    made.commit("main", {"a": "2"})
    made.git("branch", "pr", "main~1")
    made.commit("pr", {"b": "1"})
    made.commit("strange", {"c": "1"})
    repository = Repository(made.root)
    assert repository.fork_point(repository.commit("main"), repository.commit("strange")) is None
    shallow = made.root.parent / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", f"file://{made.root}", str(shallow)],
        check=True,
    )
    cut_off = Repository(shallow)
    with pytest.raises(GraderError, match="fetch-depth: 0"):
        cut_off.fork_point(cut_off.commit("origin/main"), cut_off.commit("origin/pr"))


def test_every_kind_and_name_of_file(made: History) -> None:
    """Links and submodules are what they are, and no name is bent."""
    names = ["::error::x", "a\nb", 'quo"te', "한글.ipynb", ":(top)x", "bytes\udcff", "-p", "*"]
    made.commit("main", {"x": "1"})
    made.commit("main", {**dict.fromkeys(names, "1"), "link": Link("/etc/passwd"), "sub": Submodule()})
    repository = Repository(made.root)
    head = repository.commit("main")
    changed = {entry.path: entry.mode for entry in repository.changed(repository.commit("main~1"), head)}
    assert changed == {**dict.fromkeys(names, "100644"), "link": LINK, "sub": SUBMODULE}
    for name in names:
        assert [entry.path for entry in repository.listing(head, [name])] == [name]


def test_blobs_are_read_up_to_a_size(made: History) -> None:
    """Whatever bytes they hold, in order, and none of one that is too large."""
    contents = [b"", b"\n\n", b"a\0b\xff", b"x" * 1000, b"last"]
    blobs = [made.blob(content) for content in contents]
    made.commit("main", {"x": "1"})
    read = list(Repository(made.root).read([*blobs, blobs[0]], max_bytes=999))
    assert read == [(0, b""), (2, b"\n\n"), (4, b"a\0b\xff"), (1000, None), (4, b"last"), (0, b"")]
    assert list(Repository(made.root).read([])) == []


@pytest.mark.parametrize("ref", ["nowhere", "--help", "-h", "main^{tree}", "", "x y", "main..pr"])
def test_a_commit_that_is_not_here(made: History, ref: str) -> None:
    """Whatever is asked for is a commit or an error that names it, never an option."""
    made.commit("main", {"x": "1"})
    with pytest.raises(GraderError, match="no commit"):
        Repository(made.root).commit(ref)


def test_outside_of_any_repository(tmp_path: Path) -> None:
    """A folder that git does not know is an error that says so."""
    with pytest.raises(GraderError, match="not a git repository"):
        Repository(tmp_path)


def test_what_is_in_the_environment_points_git_nowhere_else(
    made: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook's environment, or a program set to show differences, has no part in it."""
    made.commit("main", {"x": "1"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    repository = Repository(made.root)
    assert [entry.path for entry in repository.changed(None, repository.commit("main"))] == ["x"]


def test_replaced_objects_are_not_followed(made: History) -> None:
    """git's replace references change what a commit seems to hold; here they do not."""
    good, forged = made.commit("main", {"x": "1"}), made.commit("other", {"y": "1"})
    made.git("replace", good, forged)
    repository = Repository(made.root)
    assert [entry.path for entry in repository.listing(good, [])] == ["x"]


def test_when_a_commit_was_made(made: History) -> None:
    """The committer's time with its zone."""
    commit = made.commit("main", {"x": "1"}, when=60)
    assert Repository(made.root).committed_at(commit) == datetime.fromisoformat("2026-09-21T23:14:20+09:00")
