"""``grader demo``: the course's own sample class, whatever this machine can isolate."""

from __future__ import annotations

from autograder.results import Outcome
from tests.cli.stub import World, result


def test_the_demo_names_a_page_to_open(here: World) -> None:
    """The page is one that has something to say: a graded submission that lost something."""
    here.submit("kim", "lee", "oh")
    here.engine.grades["lee"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    code, out, _ = here.grader("demo")
    assert code == 0
    assert f"Open a student's page: {here.root / 'graded/feedback/lee/dl1/dl1.html'}" in out
    assert f"Open the class page:   {here.root / 'graded/report/dl1/index.html'}" in out


def test_a_missing_layer_is_a_warning(here: World) -> None:
    """The demo requires no layer, says which is missing, and grades."""
    here.submit("kim")
    here.layers(landlock=False)
    code, _, err = here.grader("demo")
    assert code == 0
    assert "warning: without landlock, which does not work here: the kernel forbids it. Mend it" in err
    assert here.engine.options is not None
    assert here.engine.options.require == frozenset()


def test_the_only_assignment_is_the_demo(here: World) -> None:
    """A course with one assignment of another name can be demonstrated too; of several it is dl1."""
    here.submit("kim")
    (here.root / "assignments/dl1").rename(here.root / "assignments/other")
    (here.root / "submitted/kim/dl1").rename(here.root / "submitted/kim/other")
    assert here.grader("demo")[0] == 0
    (here.root / "assignments/third").mkdir()
    (here.root / "assignments/third/assignment.toml").touch()
    code, _, err = here.grader("demo")
    assert code == 2
    assert "dl1: no such assignment. Known here: other, third" in err
