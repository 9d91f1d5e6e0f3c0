"""``grader grade`` again: what is kept, what is graded anew, and what it says of the difference."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.engine import intake
from autograder.notebooks.notebook import read_file
from autograder.results import Outcome, Result, Ungraded, decode
from autograder.submissions.found import Found
from tests.cli.stub import World, result


def course_with_checks(here: World) -> Path:
    """Gives dl1 a file of hidden checks, which is returned."""
    checks = here.root / "solutions/dl1/test_hidden.py"
    checks.parent.mkdir(parents=True)
    checks.write_text("one")
    return checks


def graded_now(here: World, *arguments: str) -> list[str]:
    """The students that a run with these arguments grades."""
    here.engine.students.clear()
    assert here.grader("grade", "dl1", *arguments)[0] == 0
    return list(here.engine.students)


def losing(found: Found) -> Result:
    return result(found, Outcome.FAILED)


def test_what_is_unchanged_is_kept_and_counted(here: World) -> None:
    """The second run grades nothing, has everybody in its table, and --min-score judges them."""
    here.submit("kim", "lee")
    here.engine.grades["lee"] = losing
    assert graded_now(here) == ["kim", "lee"]
    before = {path: path.read_bytes() for path in (here.root / "graded").rglob("*.json")}
    here.engine.students.clear()
    code, out, err = here.grader("grade", "dl1", "--min-score", "50")
    assert (code, here.engine.students) == (1, [])
    assert "2 unchanged, their results kept; 0 graded now" in out
    assert "seed:" not in out
    assert "below 50 %: lee" in err
    assert {path: path.read_bytes() for path in before} == before


def test_a_notebook_is_read_when_it_is_graded_or_may_be_kept(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no result stands there is nothing to compare with: nobody's notebook is read before the first is graded."""
    here.submit("kim", "lee")
    read: list[str] = []

    def reading(path: Path, max_bytes: int) -> bytes:
        read.append(path.parent.parent.name)
        return read_file(path, max_bytes)

    monkeypatch.setattr(intake, "read_file", reading)
    here.engine.grades["kim"] = lambda found: result(found) if read == ["kim"] else losing(found)
    assert graded_now(here) == read == ["kim", "lee"]
    here.grader("grade", "dl1")
    assert read == ["kim", "lee"] * 2
    standing = decode((here.root / "graded/results/dl1/kim.json").read_bytes())
    assert standing.score == standing.max_score


def change_notebook(here: World) -> None:
    (here.root / "submitted/lee/dl1/dl1.ipynb").write_text('{"cells": []}')


def change_check(here: World) -> None:
    (here.root / "solutions/dl1/test_hidden.py").write_text("two")


def add_beside_the_checks(here: World) -> None:
    (here.root / "solutions/dl1/expected.json").write_text("[]")


def change_data(here: World) -> None:
    (here.root / "assignments/dl1/data").mkdir()
    (here.root / "assignments/dl1/data/x.csv").write_text("1")


def change_limit(here: World) -> None:
    (here.root / "grader.toml").write_text("[limits]\ncell_seconds = 3\n")


def add_conftest(here: World) -> None:
    (here.root / "conftest.py").touch()


def remove_page(here: World) -> None:
    (here.root / "graded/feedback/lee/dl1/dl1.md").unlink()


def edit_page(here: World) -> None:
    (here.root / "graded/feedback/lee/dl1/dl1.html").write_text("full marks")


def tear_result(here: World) -> None:
    path = here.root / "graded/results/dl1/lee.json"
    path.write_bytes(path.read_bytes()[:100])


def copy_result(here: World) -> None:
    shutil.copy(here.root / "graded/results/dl1/kim.json", here.root / "graded/results/dl1/lee.json")


def give_a_key_of_nothing(here: World) -> None:
    path = here.root / "graded/results/dl1/lee.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key": ""}))


def add_notebook(here: World) -> None:
    (here.root / "submitted/lee/dl1/scratch.ipynb").touch()


@pytest.mark.parametrize(
    ("change", "students"),
    [
        (change_notebook, ["lee"]),
        (add_notebook, ["lee"]),
        (remove_page, ["lee"]),
        (edit_page, ["lee"]),
        (tear_result, ["lee"]),
        (copy_result, ["lee"]),
        (give_a_key_of_nothing, ["lee"]),
        (change_check, ["kim", "lee"]),
        (add_beside_the_checks, ["kim", "lee"]),
        (change_data, ["kim", "lee"]),
        (change_limit, ["kim", "lee"]),
        (add_conftest, ["kim", "lee"]),
    ],
)
def test_exactly_what_depends_on_a_change_is_graded_anew(
    here: World, change: Callable[[World], None], students: list[str]
) -> None:
    """And only once: the run after that keeps all of it."""
    here.submit("kim", "lee")
    course_with_checks(here)
    graded_now(here)
    change(here)
    assert graded_now(here) == students
    assert graded_now(here) == []


def test_no_clock_has_a_say(here: World) -> None:
    """A touched notebook is unchanged; a changed one with the old one's size and date is not."""
    here.submit("kim", "lee")
    graded_now(here)
    kim, lee = (here.root / f"submitted/{name}/dl1/dl1.ipynb" for name in ("kim", "lee"))
    os.utime(kim, (2e9, 2e9))
    stat = lee.stat()
    lee.write_text("[]")
    os.utime(lee, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert lee.stat().st_size == stat.st_size
    assert graded_now(here) == ["lee"]


def test_a_change_taken_back_finds_no_old_result(here: World) -> None:
    """The result is the last run's: nothing is taken from an earlier one that happened to fit."""
    here.submit("kim")
    checks = course_with_checks(here)
    graded_now(here)
    checks.write_text("two")
    here.engine.grades["kim"] = losing
    graded_now(here)
    checks.write_text("one")
    del here.engine.grades["kim"]
    assert graded_now(here) == ["kim"]
    assert decode((here.root / "graded/results/dl1/kim.json").read_bytes()).score == 10


def test_force_and_another_seed_grade_all_anew(here: World) -> None:
    """--seed with the seed a result has keeps it."""
    here.submit("kim", "lee")
    graded_now(here, "--seed", "1")
    assert graded_now(here, "--force", "--seed", "1") == ["kim", "lee"]
    assert graded_now(here, "--seed", "1") == []
    assert graded_now(here, "--seed", "2") == ["kim", "lee"]
    assert graded_now(here) == []


def seeds(here: World) -> dict[str, int]:
    """The seed each student's result was decided with."""
    results = map(decode, (path.read_bytes() for path in (here.root / "graded/results/dl1").glob("*.json")))
    return {result.student: result.seed for result in results}


def stopped(found: Found) -> Result:
    raise KeyboardInterrupt


def test_a_class_that_took_two_runs_has_one_seed(here: World) -> None:
    """What was interrupted goes on with the seed it began with, and so does whoever hands in later."""
    here.submit("kim", "lee")
    here.engine.grades["lee"] = stopped
    assert here.grader("grade", "dl1")[0] == 130
    here.engine.grades.clear()
    here.submit("oh")
    assert graded_now(here) == ["lee", "oh"]
    assert len(set(seeds(here).values())) == 1


def test_some_of_a_class_are_graded_anew_with_the_seed_of_the_rest(here: World) -> None:
    """Of a class with two seeds with that of most of those who stay; nobody who stays has another one: a new one."""
    here.submit("kim", "lee", "oh", "yu")
    graded_now(here, "--seed", "1")
    graded_now(here, "--seed", "2", "submitted/yu")
    assert graded_now(here, "--force", "submitted/kim") == ["kim"]
    assert seeds(here) == {"kim": 1, "lee": 1, "oh": 1, "yu": 2}
    assert graded_now(here, "--force") == ["kim", "lee", "oh", "yu"]
    assert len(set(seeds(here).values()) | {1, 2}) == 3


def test_results_of_other_checks_have_no_say_in_the_seed(here: World) -> None:
    """A run that a changed check made necessary, and that was interrupted, goes on with its own."""
    here.submit("kim", "lee", "oh")
    checks = course_with_checks(here)
    graded_now(here, "--seed", "1")
    checks.write_text("two")
    here.engine.grades["lee"] = stopped
    assert here.grader("grade", "dl1")[0] == 130
    second = seeds(here)["kim"]
    assert second != 1
    here.engine.grades.clear()
    assert graded_now(here) == ["lee", "oh"]
    assert set(seeds(here).values()) == {second}


def test_another_language_is_another_result(here: World) -> None:
    """Its pages are words."""
    here.submit("kim")
    graded_now(here, "--lang", "ko")
    assert graded_now(here, "--lang", "en") == ["kim"]


def test_our_own_fault_is_tried_again(here: World) -> None:
    """A result that is ungraded through our fault, or has a check that failed itself, never stands."""
    here.submit("kim", "lee")
    fault = Ungraded("grader_fault", "grader", "a worker was lost")
    here.engine.grades["kim"] = lambda found: result(found, ungraded=fault)
    here.engine.grades["lee"] = lambda found: result(found, Outcome.GRADER_ERROR)
    assert here.grader("grade", "dl1")[0] == 2
    here.engine.grades.clear()
    here.engine.students.clear()
    code, out, _ = here.grader("grade", "dl1")
    assert (code, here.engine.students) == (0, ["kim", "lee"])
    assert "kim: ungraded → 10" in out


def test_our_own_fault_takes_no_earlier_grade(here: World) -> None:
    """The result and its pages stay, the run names it and exits with 2; the next one finds it unchanged."""
    here.submit("kim", "lee")
    here.engine.grades["kim"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    graded_now(here)
    files = {path: path.read_bytes() for path in (here.root / "graded").rglob("kim/**/*.*")}
    files |= {path: path.read_bytes() for path in (here.root / "graded/results/dl1").glob("kim.json")}
    fault = Ungraded("grader_fault", "grader", "a worker was lost")
    for ours in (
        lambda found: result(found, ungraded=fault),
        lambda found: result(found, Outcome.PASSED, Outcome.GRADER_ERROR),
    ):
        here.engine.grades["kim"] = ours
        code, out, err = here.grader("grade", "dl1", "--force")
        assert code == 2
        assert {path: path.read_bytes() for path in files} == files
        assert "1 ungraded by the grader's own fault" in out
        assert "moved" not in out
        assert "kim: not graded again (a " in err
        assert "; its earlier result of 10 is kept" in err
    assert graded_now(here) == []


def test_an_earlier_grade_of_another_notebook_is_told_as_such(here: World) -> None:
    """It is kept until the new one can be graded, which the next run tries."""
    here.submit("kim")
    graded_now(here)
    change = here.root / "submitted/kim/dl1/dl1.ipynb"
    change.write_text("{ }")
    fault = Ungraded("grader_fault", "grader", "a worker was lost")
    here.engine.grades["kim"] = lambda found: result(found, ungraded=fault)
    _, out, err = here.grader("grade", "dl1")
    assert "kim: not graded again (a worker was lost); its earlier result of 10, of another notebook, is kept" in err
    assert "1 not graded again, their earlier results kept, 1 of these of an earlier notebook; the same command" in out
    assert "제출했지만 아직 채점되지 않았습니다" in (here.root / "graded/report/dl1/index.html").read_text()
    here.engine.grades.clear()
    assert graded_now(here) == ["kim"]


def test_who_moved_because_of_which_check(here: World) -> None:
    """After a check was changed: by student, and by check; who did not move is not named."""
    here.submit("kim", "lee", "oh")
    checks = course_with_checks(here)
    for name in ("kim", "lee", "oh"):
        here.engine.grades[name] = lambda found: result(found, Outcome.PASSED, Outcome.PASSED)
    here.grader("grade", "dl1")
    checks.write_text("two")
    here.engine.grades["kim"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    here.engine.grades["lee"] = lambda found: result(found, Outcome.PASSED, Outcome.TIMEOUT)
    _, out, _ = here.grader("grade", "dl1")
    assert "2 moved:" in out
    assert "  kim: 20 → 10 (-10): check2 passed 10/10 → failed 0/10" in out
    assert "  lee: 20 → 10 (-10): check2 passed 10/10 → timeout 0/10" in out
    assert "  check2: 2 down" in out
    table = (here.root / "graded/report/dl1/moved.csv").read_text("utf-8-sig").splitlines()
    assert table[1].endswith(",kim,20,20,10,20,check2 passed 10/10 → failed 0/10")
    assert "oh: " not in out


def test_another_notebook_moves_for_its_own_reason(here: World) -> None:
    """Which is said, so that nobody looks for it in the checks."""
    here.submit("kim")
    here.grader("grade", "dl1")
    (here.root / "submitted/kim/dl1/dl1.ipynb").write_text("{ }")
    here.engine.grades["kim"] = losing
    out = here.grader("grade", "dl1")[1]
    assert "  kim: 10 → 0 (-10): another notebook; check1 passed 10/10 → failed 0/10" in out


def test_a_second_run_into_one_folder_is_refused(here: World) -> None:
    """With exit code 2 and the way out, before anything is graded."""
    from autograder.records.store import Store

    here.submit("kim")
    with Store(here.root / "graded").locked():
        code, out, err = here.grader("grade", "dl1")
    assert (code, out, here.engine.students) == (2, "", [])
    assert "a run is writing here already" in err
    assert here.grader("grade", "dl1")[0] == 0


def test_an_interrupted_run_is_completed(here: World) -> None:
    """By the same command, which grades what is missing alone."""
    here.submit("kim", "lee", "oh")
    here.engine.grades["lee"] = stopped
    assert here.grader("grade", "dl1")[0] == 130
    here.engine.grades.clear()
    assert graded_now(here) == ["lee", "oh"]


def test_what_needs_a_person_comes_first(here: World) -> None:
    """Ours, then what could not be read, then what was stopped; and a line counts the last."""
    here.submit("a", "b", "c", "d")
    here.engine.grades["b"] = lambda found: result(found, Outcome.PASSED, Outcome.TIMEOUT)
    here.engine.grades["c"] = lambda found: result(found, ungraded=Ungraded("notebook_empty", "submission"))
    here.engine.grades["d"] = lambda found: result(found, ungraded=Ungraded("grader_fault", "grader", "lost"))
    _, out, _ = here.grader("grade", "dl1")
    rows = [line.split()[1] for line in out.splitlines() if line.startswith("│")]
    assert rows == ["d", "c", "b", "a"]
    assert "worth a look: 1 with timeout" in out
