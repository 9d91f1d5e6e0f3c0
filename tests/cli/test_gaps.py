"""What ``grader export`` and ``grader report`` say where results and class do not agree."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.stub import World

COMMANDS = [("report", "dl1"), ("export", "dl1", "--to", "csv")]


@pytest.fixture(params=COMMANDS, ids=lambda command: command[0])
def told(request: pytest.FixtureRequest, here: World) -> list[str]:
    """The command that is to tell of kim's and lee's results."""
    here.submit("kim", "lee")
    here.grader("grade", "dl1")
    return [*request.param]


def test_a_class_and_its_results_agree(here: World, told: list[str]) -> None:
    """Then nothing is said."""
    code, _, err = here.grader(*told)
    assert (code, err) == (0, "")


def test_results_of_other_checks_are_named(here: World, told: list[str]) -> None:
    """They are handed out all the same, and who is meant and what to do is said."""
    (here.root / "solutions/dl1").mkdir(parents=True)
    (here.root / "solutions/dl1/test_hidden.py").write_text("other")
    here.grader("grade", "dl1", "submitted/kim")
    code, _, err = here.grader(*told)
    assert code == 0
    assert err == "1 results are from other checks than the present ones (run grader grade dl1): lee\n"


def test_who_is_in_the_results_or_in_the_class_alone_is_named(here: World, told: list[str]) -> None:
    """A result whose notebook is gone, and a notebook that was not graded."""
    shutil.rmtree(here.root / "submitted/lee")
    here.submit("oh", "yu")
    code, _, err = here.grader(*told)
    assert code == 0
    assert err.splitlines() == [
        "1 results have no submission any more: lee",
        "2 submissions have no result (run grader grade dl1): oh, yu",
    ]


def test_who_handed_in_another_notebook_since_is_named(here: World, told: list[str]) -> None:
    """Whose score is that of an earlier one; the class page says so as well."""
    (here.root / "submitted/lee/dl1/dl1.ipynb").write_text("{ }")
    code, _, err = here.grader(*told)
    assert code == 0
    assert err == "1 results are of an earlier notebook (run grader grade dl1): lee\n"
    page = (here.root / "graded/report/dl1/index.html").read_text()
    assert ("제출했지만 아직 채점되지 않았습니다" in page) == (told[0] == "report")


def test_work_from_elsewhere_is_not_missed(
    here: World, told: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What does not lie in the course is not looked for, nor is the class that does asked for its results."""
    outside = tmp_path_factory.mktemp("downloads")
    (outside / "park.ipynb").write_text("{}")
    here.grader("grade", "dl1", str(outside), "--out", "elsewhere")
    code, _, err = here.grader(*told, "--out", "elsewhere")
    assert (code, err) == (0, "")


def test_what_may_not_be_looked_at_is_not_gone(here: World, told: list[str]) -> None:
    """A student's folder without permissions keeps nobody's grades back."""
    plain = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.name == "dl1.ipynb":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return plain(path)

    here.monkeypatch.setattr(Path, "lstat", lstat)
    code, _, err = here.grader(*told)
    assert (code, err) == (0, "")
