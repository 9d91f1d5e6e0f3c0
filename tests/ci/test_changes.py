"""What of a pull request is graded, and why everything else is not used."""

from __future__ import annotations

import pytest

from autograder.ci.changes import Author, Handed, Layout, belongs, sort
from autograder.ci.report import Unused
from autograder.ci.repository import GONE, LINK, SUBMODULE, Entry
from autograder.course.config import PullRequests

FILE = "100644"
COURSE = ("dl1", "dl2")


def sorted_out(
    *changed: tuple[str, str],
    account: str | None = "kim",
    layout: Layout = "course",
    rules: PullRequests | None = None,
) -> tuple[list[Handed], dict[str, str]]:
    author = Author(account, rules or PullRequests()) if account else None
    entries = [Entry(path, mode, "") for path, mode in changed]
    found = sort(entries, COURSE, author, layout, "kim")
    return list(found.handed), {one.path: one.why for one in found.unused}


@pytest.mark.parametrize(
    ("path", "mode", "why"),
    [
        ("submitted/lee/dl1/dl1.ipynb", FILE, "somebody_else"),
        ("submitted/lee/dl1/dl1.ipynb", GONE, "somebody_else"),
        ("submitted/lee/dl1/dl1.ipynb", LINK, "somebody_else"),
        ("solutions/dl1/test_hidden.py", FILE, "checks"),
        ("assignments/dl1/assignment.toml", FILE, "checks"),
        ("assignments/dl1/dl1.ipynb", FILE, "checks"),
        ("grader.toml", FILE, "configuration"),
        (".github/workflows/grade.yml", FILE, "workflow"),
        (".gitlab-ci.yml", FILE, "workflow"),
        ("action.yml", FILE, "workflow"),
        (".gitmodules", FILE, "submodule"),
        ("submitted/kim/dl1", SUBMODULE, "submodule"),
        ("submitted/kim/dl1/dl1.ipynb", LINK, "link"),
        ("submitted/kim/dl1/dl1.ipynb", GONE, "deleted"),
        ("submitted/kim/dl1/conftest.py", FILE, "code"),
        ("sitecustomize.py", FILE, "code"),
        ("conftest.py", FILE, "code"),
        ("submitted/kim/dl1/x.pth", FILE, "code"),
        ("submitted/kim/dl9/dl1.ipynb", FILE, "unknown_assignment"),
        ("submitted/kim/dl1.ipynb", FILE, "misplaced"),
        ("submitted/kim/dl1/deeper/dl1.ipynb", FILE, "misplaced"),
        ("submitted/kim/dl1/.ipynb_checkpoints/dl1.ipynb", FILE, "misplaced"),
        ("submitted/kim/dl1/.hidden.ipynb", FILE, "misplaced"),
        ("elsewhere/kim/dl1/dl1.ipynb", FILE, "misplaced"),
        ("dl1.ipynb", FILE, "misplaced"),
        ("submitted/kim/dl1/notes.md", FILE, "other"),
        ("submitted/../dl1/x.ipynb", FILE, "unusable_name"),
        ("../x.ipynb", FILE, "unusable_name"),
        (".", FILE, "unusable_name"),
        ("/etc/passwd", FILE, "unusable_name"),
        ("submitted/kim/dl1/.git/hooks/x.ipynb", FILE, "unusable_name"),
        (f"submitted/kim/dl1/{'x' * 250}.ipynb", FILE, "unusable_name"),
    ],
)
def test_what_is_not_used(path: str, mode: str, why: str) -> None:
    """Every kind of change that has no influence is told by its reason, and nothing of it is graded."""
    assert sorted_out((path, mode)) == ([], {path: why})


def test_several_students_and_assignments() -> None:
    """Whoever may hand in for all hands in for all; what is used and what is not does not mix."""
    changed = [
        ("submitted/kim/dl1/dl1.ipynb", FILE),
        ("submitted/kim/dl1/dl1.en.ipynb", FILE),
        ("submitted/kim/dl2/dl2.ipynb", "100755"),
        ("submitted/::error::/dl1/x.ipynb", FILE),
        ("grader.toml", FILE),
    ]
    expected = [Handed("dl1", "::error::"), Handed("dl1", "kim"), Handed("dl2", "kim")]
    assert sorted_out(*changed, account=None) == (expected, {"grader.toml": "configuration"})


@pytest.mark.parametrize(
    ("account", "student", "may"),
    [
        ("kim", "kim", True),
        ("Kim", "kim", True),  # accounts know no case
        ("kim", "lee", False),
        ("octocat", "park", True),
        ("OctoCat", "park", True),
        ("octocat", "octocat", False),  # the account stands for park, and for nobody else
        ("octocat", "Park", False),  # but students do
        ("prof", "anybody", True),
    ],
)
def test_whose_work_it_is(account: str, student: str, may: bool) -> None:
    """The account decides: staff for all, a listed one for its student, any other for its own name."""
    rules = PullRequests(staff=("prof",), students=("octocat=park",))
    assert Author(account, rules).hands_in_for(student) is may


def test_a_repository_of_ones_own() -> None:
    """In the layout single the notebooks at the top are graded, by name, whoever opened the pull request."""
    changed = [("dl1.ko.ipynb", FILE), ("dl2.ipynb", FILE), ("x.ipynb", FILE), ("sub/dl1.ipynb", FILE)]
    handed, unused = sorted_out(*changed, account="lee", layout="single")
    assert handed == [Handed("dl1", "kim"), Handed("dl2", "kim")]
    assert unused == {"x.ipynb": "unknown_assignment", "sub/dl1.ipynb": "misplaced"}


def test_an_only_assignment_owns_every_notebook_at_the_top() -> None:
    """Where a course has one assignment, a notebook of any name answers it."""
    found = sort([Entry("x.ipynb", FILE, "")], ["dl1"], None, "single", "kim")
    assert found.handed == (Handed("dl1", "kim"),)


def test_what_belongs_to_a_students_work() -> None:
    """Of the head's files, ordinary notebooks in the very folder; no link, no hidden one, no neighbour's."""
    work = Handed("dl1", "kim")
    paths = {
        "submitted/kim/dl1/dl1.ipynb": FILE,
        "submitted/kim/dl1/link.ipynb": LINK,
        "submitted/kim/dl1/.x.ipynb": FILE,
        "submitted/kim/dl1/deep/dl1.ipynb": FILE,
        "submitted/kim2/dl1/dl1.ipynb": FILE,
        "submitted/kim/dl1/notes.txt": FILE,
    }
    own = [path for path, mode in paths.items() if belongs(Entry(path, mode, ""), work, "course", COURSE)]
    assert own == ["submitted/kim/dl1/dl1.ipynb"]


def test_a_name_that_is_no_text_is_told_as_text() -> None:
    """A path with bytes that are no UTF-8 can be written into a report."""
    found = sort([Entry("x\udcff", FILE, "")], COURSE, None, "course", "")
    assert found.unused == (Unused("x\\xff", "other"),)
