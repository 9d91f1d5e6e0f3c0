"""One submission from bytes to result, whatever its cells do; no sandbox is needed for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from torch import Tensor

from autograder.course.assignment import Assignment
from autograder.course.config import Limits
from autograder.errors import UnreadableNotebook
from autograder.grading import execution
from autograder.grading import grader as grader_module
from autograder.grading.grader import Grader
from autograder.grading.job import Job
from autograder.messages import catalogue
from autograder.notebooks.notebook import Notebook
from autograder.pytest_plugin import Replay
from autograder.results import Result, Ungraded
from autograder.sandbox.contract import Answer, Overran
from autograder.submissions.plan import Plan, plan
from autograder.wire import messages
from autograder.wire.messages import Request
from tests.builders import RawCell, code, notebook
from tests.grading import courses
from tests.grading.slots import CLOCK, HereChannel, HereRunner, HereSlot

STUB = "# Write your code here"
FULL = {"first.shape": "passed", "first.layer": "passed", "second.model": "passed", "second.output": "passed"}


def cells(first: str | None = courses.FIRST, second: str | None = courses.SECOND) -> list[RawCell]:
    """A student's notebook; ``None`` leaves a question's cell out."""
    made = []
    for cell in courses.source_cells():
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        answer = {"first": first, "second": second}.get(name, cell["source"])
        if answer is not None:
            made.append(cell | {"source": answer})
    return made


def job(made: Sequence[RawCell], student: str = "kim") -> Job:
    return Job(student=student, path="two.ipynb", data=notebook(made))


def graded(
    root: Path,
    jobs: Sequence[Job],
    slot: HereSlot | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    checks: str = courses.CHECKS,
    rehearsed: bool = False,
) -> list[Result]:
    """The results, and every runner retired."""
    slot = slot or HereSlot()
    found: list[Result] = []

    def grade(replay: Replay) -> None:
        grader = Grader(assignment, slot, replay, limits or Limits(), seed, "en")
        if rehearsed:
            grader.rehearse()
            slot.log.clear()
            slot.together.clear()
        found.extend(grader.grade(one) for one in jobs)

    assignment = courses.two_questions(root, checks)
    courses.held(assignment, root, grade)
    assert slot.running == 0
    return found


def one(
    root: Path, first: str | None = courses.FIRST, second: str | None = courses.SECOND, **how: object
) -> Result:
    (result,) = graded(root, [job(cells(first, second))], **how)  # type: ignore[arg-type]  # passed on as they are
    return result


def outcomes(result: Result) -> dict[str, str]:
    return {check.id: check.outcome.value for item in result.questions for check in item.checks}


def codes(result: Result, question: str) -> set[str]:
    return {
        finding.code
        for item in result.questions
        if item.id == question
        for check in item.checks
        for finding in check.findings
    }


def all_of(outcome: str, question: str) -> dict[str, str]:
    return {name: outcome for name in FULL if name.startswith(question)}


def test_a_right_submission(tmp_path: Path) -> None:
    """Full points, each question with its source, layers reported."""
    result = one(tmp_path)
    assert outcomes(result) == FULL
    assert (result.status, result.score, result.max_score) == ("graded", 10, 10)
    assert [item.source for item in result.questions] == [courses.FIRST, courses.SECOND]
    assert set(result.environment.sandbox.values()) == {True}
    assert result.remarks == []
    assert set(result.durations) == {"first", "second", *FULL}
    assert 0 < sum(result.durations.values()) < result.timing["total"]


@pytest.mark.parametrize(
    "first",
    [STUB, "", "# 모르겠어요", "pass", "print(x)", "lair = nn.Linear(4, 3)", None, "...", "%time"],
)
def test_what_is_no_answer(tmp_path: Path, first: str | None) -> None:
    """The blank, other names, or no cell at all: 0 points for that question, and the next is judged."""
    result = one(tmp_path, first)
    assert outcomes(result) == FULL | all_of("not_answered", "first")
    assert result.score == 5


def test_nothing_passes_where_nothing_was_answered(tmp_path: Path) -> None:
    """An untouched notebook has no points, and no cell of it is run."""
    slot = HereSlot()
    result = one(tmp_path, STUB, STUB, slot=slot)
    assert (result.score, set(outcomes(result).values())) == (0, {"not_answered"})
    assert slot.log == []


def test_a_leftover_is_not_an_answer(tmp_path: Path) -> None:
    """``y`` of the first question does not answer the second, which forgot its own."""
    result = one(
        tmp_path,
        "layer = nn.Linear(4, 3)\nmodel = layer\ny = layer(x)",
        "model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())",
    )
    assert outcomes(result) == FULL | {"second.output": "failed"}
    assert codes(result, "second") == {"missing_name"}


def test_a_name_deleted_again_is_missing(tmp_path: Path) -> None:
    """What the block bound must be there when it is asked for."""
    result = one(tmp_path, courses.FIRST + "\ndel y")
    assert outcomes(result) == FULL | {"first.shape": "failed"}


def test_a_cell_that_raises_costs_its_own_question(tmp_path: Path) -> None:
    """Told with cell and line; the next question starts from the given values."""
    result = one(tmp_path, "x = None\nlayer = nn.Linaer(4, 3)\ny = layer(x)")
    assert outcomes(result) == FULL | all_of("cell_error", "first") | {
        "second.model": "passed",
        "second.output": "cell_error",
    }


def test_what_was_bound_before_the_error_counts(tmp_path: Path) -> None:
    """Only what is missing is explained by the error."""
    result = one(tmp_path, "layer = nn.Linear(4, 3)\ny = layer(oops)")
    assert outcomes(result) == FULL | {"first.shape": "cell_error"}
    (error,) = [item.error for item in result.questions if item.error]
    assert (error.name, error.line) == ("NameError", 2)
    assert codes(result, "first") == {"cell_raised", "name_never_defined"}


def test_a_syntax_error_binds_nothing(tmp_path: Path) -> None:
    """Nor does what an earlier question left under the same name."""
    result = one(tmp_path, second="model = = 3")
    assert outcomes(result) == FULL | all_of("cell_error", "second")


def test_an_answer_in_two_cells(tmp_path: Path) -> None:
    """The question is judged after the cell that completes it; what a later cell does to it changes nothing."""
    made = cells("layer = nn.Linear(4, 3)")
    made[4:4] = [code("y = layer(x)"), code("layer = y = None\nnn = None\nimport torch.nn as nn")]
    (result,) = graded(tmp_path, [job(made)])
    assert outcomes(result) == FULL


def test_checks_leave_no_trace(tmp_path: Path) -> None:
    """A later cell sees its model, its mode and its random numbers as if nobody had asked."""
    seen = "[torch.get_rng_state().sum().item(), layer.weight.sum().item(), layer.training, dict(layer.__dict__)]"
    result = one(tmp_path, f"{courses.FIRST}\nstate = {seen}", f"assert state == {seen}\n{courses.SECOND}")
    assert outcomes(result) == FULL


@pytest.mark.parametrize("obeys", [True, False])
def test_a_cell_that_overruns_costs_its_own_question(tmp_path: Path, obeys: bool) -> None:
    """Interrupted, or killed if it does not obey: what it had bound by then counts only where it can still be asked."""
    result = one(tmp_path, f"layer = nn.Linear(4, 3)\noverruns(obeys={obeys})\ny = layer(x)")
    expected = {"first.shape": "timeout", "first.layer": "passed" if obeys else "timeout"}
    assert outcomes(result) == FULL | expected
    assert codes(result, "first") == {"cell_timeout"}
    assert set(result.headlines.values()) == {"layer = nn.Linear(4, 3)"}, (
        "cells that are spoken of, no others"
    )


def test_an_interrupt_that_lands_outside_the_cell(tmp_path: Path) -> None:
    """Between the cell's last line and the answer: still that cell's timeout, and no more."""
    result = one(tmp_path, "babbles('interrupted outside')\nlayer = y = 1")
    assert outcomes(result) == FULL | all_of("timeout", "first")


def test_a_killed_runner_is_started_again_without_that_cell(tmp_path: Path) -> None:
    """The same seed, the same cells in order, and never the one that hung."""
    slot = HereSlot()
    one(tmp_path, "overruns(obeys=False)\nlayer = y = 1", slot=slot)
    setup = courses.SETUP.partition("\n")[0]
    begin = next(line for line in slot.log if line.startswith("seed"))
    expected = ["fork", begin, setup, courses.GIVEN, "overruns(obeys=False)", "retire"]
    expected += ["fork", begin, setup, courses.GIVEN, courses.SECOND.partition("\n")[0], "retire"]
    assert slot.log == expected


@pytest.mark.parametrize(
    ("exit_", "outcome", "code"),
    [
        ("ENDED", "crashed", "process_ended"),
        ("OUT_OF_CPU", "timeout", "cpu_timeout"),
        ("OUT_OF_MEMORY", "out_of_memory", "out_of_memory"),
    ],
)
def test_a_cell_that_ends_the_process(tmp_path: Path, exit_: str, outcome: str, code: str) -> None:
    """Is not run again: later questions are lost, earlier ones kept. What was used up is told apart."""
    result = one(tmp_path, second=f"model = y = dies({exit_})")
    assert outcomes(result) == FULL | all_of(outcome, "second")
    assert codes(result, "second") == {code}
    assert one(tmp_path / "again", f"dies({exit_})\nlayer = y = 1").score == 0


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        ("OSError(27, 'File too large')", "file_limit", {"limit_mib": 16}),
        ("OSError(28, 'No space left on device')", "folder_limit", {"limit_mib": 64}),
        ("OSError(24, 'Too many open files')", "open_files_limit", {"limit": 128}),
        ("RuntimeError(\"can't start new thread\")", "threads_limit", {"limit": 64}),
    ],
)
def test_a_limit_that_was_met_is_named(tmp_path: Path, error: str, code: str, facts: dict[str, int]) -> None:
    """With the cell and how much that is; in the course's words, beside Python's."""
    result = one(tmp_path, f"raise {error}\nlayer = y = 1")
    (remark,) = result.remarks
    assert (remark.code, remark.question) == (code, "first")
    assert remark.facts == {"cell": 4, **facts}
    assert catalogue("en").text(code, **remark.facts)


def test_what_was_used_is_kept_for_the_instructor(tmp_path: Path) -> None:
    """Of all processes that a submission took."""
    result = one(tmp_path, "overruns(obeys=False)\nlayer = y = 1")
    assert result.usage == {"processes": 2, "cpu_seconds": 0.2, "peak_mib": 1}


@pytest.mark.parametrize("how", ["noise", "another reply"])
def test_a_nonsense_reply_ends_the_submission(tmp_path: Path, how: str) -> None:
    """A runner that talks nonsense is not believed again: crashed, with what was judged before kept."""
    slot = HereSlot()
    result = one(tmp_path, second=f"babbles({how!r})\nmodel = y = 1", slot=slot)
    assert outcomes(result) == FULL | all_of("crashed", "second")
    assert slot.log.count("fork") == 1


@pytest.mark.parametrize("rehearsed", [False, True])
@pytest.mark.parametrize(
    ("what", "outcome", "later"),
    [
        ("asked(overruns)", "timeout", "passed"),
        ("asked(overruns, False)", "timeout", "passed"),
        ("asked(dies)", "crashed", "crashed"),
        ("asked(babbles)", "crashed", "crashed"),
        ("asked(babbles, 'another reply')", "crashed", "crashed"),
    ],
)
def test_an_answer_that_misbehaves_when_asked(
    tmp_path: Path, what: str, outcome: str, later: str, rehearsed: bool
) -> None:
    """A probe past its limit costs its check; one that ends the runner costs what comes after, nothing before.

    It is so as well where it is asked together with others, before its check begins.
    """
    result = one(tmp_path, f"y = torch.zeros(1, 3)\nlayer = {what}", rehearsed=rehearsed)
    assert outcomes(result) == all_of(later, "second") | {"first.shape": "passed", "first.layer": outcome}


def test_what_is_known_beforehand_is_sent_together(tmp_path: Path) -> None:
    """The cells up to an answer, and what checks asked of the course's own: a round trip a question."""
    slot = HereSlot()
    one(tmp_path, slot=slot, rehearsed=True)
    assert len(slot.together) == 2
    assert min(slot.together) > 4


def test_what_is_asked_ahead_is_expected_of_runners(tmp_path: Path) -> None:
    """After a rehearsal: each recipe of the model's weights and inputs, once; a rehearsal that fails leaves none.

    And the cells that the course gives, as everybody has them: no answer is among them.
    """
    slot = HereSlot()
    one(tmp_path / "rehearsed", slot=slot, rehearsed=True)
    ((expected, cells),) = slot.expected
    assert cells == (courses.SETUP, courses.GIVEN)
    assert {recipe.shape for recipe in expected} >= {(3, 4), (3,)}
    assert len(set(expected)) == len(expected)
    slot = HereSlot("fork 1")
    one(tmp_path / "broken", slot=slot, rehearsed=True)
    assert slot.expected == [((), (courses.SETUP, courses.GIVEN))]


@pytest.mark.parametrize(("said", "believed"), [(0.25, 0.25), (7.0, 0.5), (-1.0, 0.5), (float("nan"), 0.5)])
@pytest.mark.usefixtures("stopped_clock")
def test_a_cells_time_is_the_runners_word_as_far_as_it_can_be_true(
    tmp_path: Path, said: float, believed: float
) -> None:
    """Which is no longer than it was waited for; the rest was the answers behind it."""
    result = one(tmp_path, f"sleep(0.5)\nsays({said!r})\n{courses.FIRST}".replace("nan", "float('nan')"))
    assert result.durations["first"] == pytest.approx(believed)
    assert result.timing["cells"] == pytest.approx(believed)


@pytest.mark.usefixtures("stopped_clock")
def test_cells_that_ran_while_the_first_reply_was_waited_for_have_their_times(tmp_path: Path) -> None:
    """Together no longer than was waited for all of them."""
    made = cells("sleep(0.5)\nsays(0.2)\nlayer = nn.Linear(4, 3)")
    made.insert(4, code("says(0.25)\ny = layer(x)"))
    (result,) = graded(tmp_path, [job(made)])
    assert result.timing["cells"] == pytest.approx(0.45)
    assert result.timing["probes"] == pytest.approx(0.05)


def test_a_rehearsal_changes_no_result(tmp_path: Path) -> None:
    """Right and wrong answers, errors, other names and blanks come to the same with it and without."""
    more, fewer = "layer = nn.Linear(4, 3)\ny = layer(x) + 1", "layer = nn.Linear(4, 2)\ny = layer(x)"
    wrong = [more, fewer, "layer = 1 / 0", "z = 1"]
    jobs = [job(cells(answer)) for answer in [courses.FIRST, *wrong, courses.FIRST + " * 1"]]
    plain, rehearsed = (graded(tmp_path / str(how), jobs, rehearsed=how) for how in (False, True))
    assert without_timing(plain) == without_timing(rehearsed)
    assert len({result.score for result in plain}) > 1


@pytest.mark.parametrize("answer", ["layer = y = 1 / 0", "dies()\nlayer = y = 1", "overruns(False)\nlayer = y = 1"])
def test_a_course_whose_own_answers_fail_is_graded(
    tmp_path: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What checks ask is not known then, and nothing else."""
    monkeypatch.setattr(courses, "FIRST", answer)
    result = one(tmp_path, "layer = nn.Linear(4, 3)\ny = layer(x)", rehearsed=True)
    assert outcomes(result) == FULL


@pytest.mark.parametrize("late", ["swallows()", "overruns()"])
def test_what_was_sent_with_a_late_cell_is_sent_again(tmp_path: Path, late: str) -> None:
    """The cells behind it run as if they had been sent alone, in the same process."""
    slot = HereSlot()
    made = cells()
    made[1:1] = [code(late), code("w = 1"), code("w = w + 1")]
    (result,) = graded(tmp_path, [job(made)], slot)
    assert outcomes(result) == FULL
    assert [remark.code for remark in result.remarks] == ["cell_stopped"]
    assert (slot.log.count("fork"), slot.log.count(late), slot.log.count("w = w + 1")) == (1, 1, 1)


@pytest.mark.parametrize("rehearsed", [False, True])
def test_a_cell_that_is_late_keeps_its_names_where_it_goes_on(tmp_path: Path, rehearsed: bool) -> None:
    """It swallowed the interrupt: what it did counts, and it was late; what was to be asked behind it was not."""
    slot = HereSlot()
    result = one(tmp_path, second=f"swallows()\n{courses.SECOND}", slot=slot, rehearsed=rehearsed)
    assert outcomes(result) == FULL | all_of("timeout", "second")
    assert slot.log.count("fork") == 1


@pytest.mark.usefixtures("stopped_clock")
def test_a_module_that_hangs_costs_no_more_where_it_is_asked_ahead(tmp_path: Path) -> None:
    """Its cells are not run again, nor is it waited for twice: there is time for the rest."""
    slow = f"sleep(0.5)\n{courses.FIRST}\nlayer = asked(overruns)"
    slot = HereSlot()
    result = one(tmp_path, slow, slot=slot, limits=Limits(submission_seconds=0.9), rehearsed=True)
    assert outcomes(result) == FULL | {"first.layer": "timeout"}
    assert slot.log.count("fork") == 1


def test_who_says_too_much_is_asked_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has asked for yet is not kept beyond a limit; the verdicts are the same."""

    def grade(replay: Replay) -> None:
        grader = Grader(assignment, slot, replay, Limits(), 0, "en")
        grader.rehearse()
        slot.together.clear()
        monkeypatch.setattr(execution, "MOST_BYTES_AHEAD", 100)
        assert outcomes(grader.grade(job(cells()))) == FULL
        assert set(slot.together[4:]) == {1}

    slot = HereSlot()
    assignment = courses.two_questions(tmp_path)
    courses.held(assignment, tmp_path, grade)
    assert slot.log.count("fork") == 3


def test_what_makes_large_replies_is_not_asked_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's would be too much."""
    monkeypatch.setattr(grader_module, "MOST_BYTES_AHEAD", 100)
    slot = HereSlot()
    assert outcomes(one(tmp_path, slot=slot, rehearsed=True)) == FULL
    assert max(slot.together[2:]) <= 3
    assert slot.log.count("fork") == 1


def test_a_source_that_no_student_could_hand_in_is_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be rehearsed, which is no fault of anybody's."""

    def refused(*_: object) -> Notebook:
        raise UnreadableNotebook("notebook_other_language", language="R")

    def grade(replay: Replay) -> None:
        grader = Grader(assignment, slot, replay, Limits(), 0, "en")
        with monkeypatch.context() as patch:
            patch.setattr(grader_module, "parse", refused)
            grader.rehearse()
        assert (grader.faults, slot.log) == ([], [])
        assert outcomes(grader.grade(job(cells()))) == FULL

    slot = HereSlot()
    assignment = courses.two_questions(tmp_path)
    courses.held(assignment, tmp_path, grade)


@pytest.mark.parametrize("hangs", ["check", "cell"])
def test_a_rehearsal_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    """All of it, with the sandbox: what is known beforehand must not depend on how far it came.

    The check that it came to no end with is told, and no later loss is put down to it.
    """
    monkeypatch.setattr(grader_module, "REHEARSAL_SECONDS", 0.3)
    endless = "\n    while len(calls) < 2: pass" if hangs == "check" else ""
    checks = "calls = []\n" + courses.CHECKS.replace(
        "def test_model(answer):", f"def test_model(answer):\n    calls.append(1){endless}"
    )
    if hangs == "cell":
        monkeypatch.setattr(courses, "SECOND", "import time\ntime.sleep(20)\nmodel = y = 1")
    slot = HereSlot()

    def grade(replay: Replay) -> None:
        at = ""

        def note(check: str) -> None:
            nonlocal at
            at = check

        grader = Grader(assignment, slot, replay, Limits(), 0, "en", note=note)
        assert grader.rehearse() == ("second.model" if hangs == "check" else "")
        assert at == ""
        assert slot.log[-2:] == ["close", "launch"]
        slot.together.clear()
        right = "model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\ny = model(x)"
        assert outcomes(grader.grade(job(cells(second=right)))) == FULL
        assert slot.together[2] == 1  # nothing is asked ahead

    assignment = courses.two_questions(tmp_path, checks)
    courses.held(assignment, tmp_path, grade)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes but what cells and answers say they take."""
    monkeypatch.setattr(execution, "time", CLOCK)


@pytest.mark.usefixtures("stopped_clock")
def test_the_submissions_own_deadline(tmp_path: Path) -> None:
    """Past it nothing more is run: the rest is a timeout of the submission, with what was judged before kept."""
    slow = "sleep(0.25)\noverruns(obeys=True)\nmodel = y = 1"
    result = one(tmp_path, second=slow, limits=Limits(submission_seconds=0.2))
    assert codes(result, "second") == {"submission_timeout"}
    assert outcomes(result) == FULL | all_of("timeout", "second")


@pytest.mark.usefixtures("stopped_clock")
def test_nobody_is_asked_afresh_past_the_deadline() -> None:
    """Nor for longer than is left: what a graph claims may take for ever, and one may be claimed in every check."""
    slot, waited = HereSlot(), []

    class Waiting(HereChannel):
        def ask(self, request: Request, seconds: float, tensors: Sequence[Tensor] = ()) -> Answer:
            waited.append(seconds)
            CLOCK.sleep(seconds)
            raise Overran

    slot.fork = lambda seed=0: HereRunner(Waiting([], []))  # type: ignore[method-assign]
    run = execution.Execution(slot, [], Limits(submission_seconds=3), 0)
    slot.running = 3  # runners that are retired
    answers = [run.ask_afresh(messages.Replay((), "float32", (), ())) for _ in range(3)]
    assert answers == [None] * 3
    assert waited == [execution.AFRESH_SECONDS, pytest.approx(3 - execution.AFRESH_SECONDS)]


@pytest.mark.usefixtures("stopped_clock")
def test_many_cells_in_time_are_not_in_time_together(tmp_path: Path) -> None:
    """No cell is begun past the submission's deadline, however short each of them is."""
    slot = HereSlot()
    made = cells()
    made[4:4] = [code("sleep(0.02)")] * 200
    (result,) = graded(tmp_path, [job(made)], slot, Limits(submission_seconds=0.3))
    assert outcomes(result) == FULL | all_of("timeout", "second")
    assert codes(result, "second") == {"submission_timeout"}
    assert slot.log.count("sleep(0.02)") in (15, 16)


@pytest.mark.usefixtures("stopped_clock")
def test_many_answers_in_time_are_not_in_time_together(tmp_path: Path) -> None:
    """No question is asked past the submission's deadline, however quick each answer is."""
    checks = """
@first.check(points=1)
@pytest.mark.parametrize("number", range(100))
def test_asks(answer, number):
    assert_maps(answer.module("layer"), input_shape=(4,), output_shape=(3,))

@second.check(points=1)
def test_asks_too(answer):
    assert answer.module("model")
"""
    result = one(
        tmp_path,
        f"{courses.FIRST}\nlayer = slow(layer, 0.02)",
        checks=checks,
        limits=Limits(submission_seconds=0.3),
    )
    passed = [outcome for outcome in outcomes(result).values() if outcome == "passed"]
    assert 0 < len(passed) < 20
    assert codes(result, "second") == {"submission_timeout"}


@pytest.mark.parametrize("breaks", ["fork 1", "fork 2", "retire 1"])
def test_a_broken_sandbox_is_ours_and_mended(tmp_path: Path, breaks: str) -> None:
    """The submission is ungraded, never zero; the slot is started anew, and the next submission is graded."""
    slot = HereSlot(breaks)
    jobs = [job(cells("overruns(obeys=False)\nlayer = y = 1")), job(cells(), "lee")]
    broken, fine = graded(tmp_path, jobs, slot)
    assert (broken.status, broken.score) == ("ungraded", None)
    assert broken.ungraded is not None
    assert (broken.ungraded.code, broken.ungraded.fault) == ("grader_fault", "grader")
    assert outcomes(fine) == FULL
    assert slot.log.count("launch") == 1


@pytest.mark.parametrize("question", ["first", "second"])
def test_a_sandbox_that_breaks_while_a_check_asks(tmp_path: Path, question: str) -> None:
    """Is as much ours: no check is blamed, and the next submission finds a new sandbox, even after the last check."""
    slot = HereSlot("fork 2")
    hung = "y = torch.zeros(1, 3)\n{} = asked(overruns, False)"
    answers = {"first": hung.format("layer")} if question == "first" else {"second": hung.format("model")}
    broken, fine = graded(tmp_path, [job(cells(**answers)), job(cells(), "lee")], slot)
    assert broken.ungraded is not None
    assert (broken.status, broken.ungraded.fault) == ("ungraded", "grader")
    assert outcomes(fine) == FULL
    assert slot.log.count("launch") == 1


@pytest.mark.parametrize("first", ["dies(STARVED)", "layer = asked(dies, STARVED)\ny = x"], ids=["cell", "check"])
def test_a_machine_without_memory_costs_nobody_a_point(tmp_path: Path, first: str) -> None:
    """Its kernel ended the process: ours, tried again by the next run, and told with what to do."""
    starved, fine = graded(tmp_path, [job(cells(first)), job(cells(), "lee")])
    assert starved.ungraded is not None
    assert (starved.ungraded.code, starved.ungraded.fault) == ("grader_fault", "grader")
    assert "ran out of memory" in starved.ungraded.message
    assert "Use fewer --workers" in starved.ungraded.message
    assert outcomes(fine) == FULL


def test_a_sandbox_that_breaks_at_the_very_end(tmp_path: Path) -> None:
    """The verdicts stand, and the next submission finds a new sandbox."""
    slot = HereSlot("retire 1")
    whole, fine = graded(tmp_path, [job(cells()), job(cells(), "lee")], slot)
    assert outcomes(whole) == outcomes(fine) == FULL
    assert slot.log.count("launch") == 1


def test_a_notebook_that_breaks_whoever_reads_it_costs_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours while it is read is this submission's alone: ungraded by our fault, told with its traceback."""

    def broken(assignment: Assignment, notebook: Notebook) -> Plan:
        if "1 / 0" in notebook.cells[3].source:
            raise ZeroDivisionError("ours")
        return plan(assignment, notebook)

    monkeypatch.setattr("autograder.grading.grader.plan", broken)
    ours, fine = graded(tmp_path, [job(cells("1 / 0")), job(cells(), "lee")])
    assert ours.ungraded == Ungraded("grader_fault", "grader", "ZeroDivisionError: ours")
    assert outcomes(fine) == FULL


def test_an_error_of_ours_while_answers_are_judged_costs_nobody_else(tmp_path: Path) -> None:
    """Not even the worker: the next submission finds it as it was."""
    leaves = 'if answer.tensor("y").value.sum() == 0:\n        pytest.exit("all")\n    assert_shape('
    checks = courses.CHECKS.replace("assert_shape(", leaves)
    zeros = job(cells("layer = 1\ny = torch.zeros(1, 3)"))
    ours, fine = graded(tmp_path, [zeros, job(cells(), "lee")], checks=checks)
    assert ours.ungraded == Ungraded("grader_fault", "grader", "Exit: all")
    assert outcomes(fine) == FULL


def test_a_broken_check_leaves_the_submission_ungraded(tmp_path: Path) -> None:
    """Never zero; the other checks keep their points."""
    checks = courses.CHECKS + "\n@first.check(points=5)\ndef test_broken(answer): 1 / 0\n"
    result = one(tmp_path, checks=checks)
    assert outcomes(result) == FULL | {"first.broken": "grader_error"}
    assert (result.status, result.score, result.max_score) == ("ungraded", None, 15)
    assert result.ungraded == Ungraded("grader_fault", "grader")
    assert [item.score for item in result.questions] == [5, 5]


def test_a_check_that_asks_for_a_name_no_question_defines_is_broken(tmp_path: Path) -> None:
    """A slip in the check is not every student's missing answer."""
    checks = courses.CHECKS + '\n@first.check(points=5)\ndef test_slip(answer): answer.tensor("yy")\n'
    assert outcomes(one(tmp_path, checks=checks)) == FULL | {"first.slip": "grader_error"}


def test_a_broken_check_of_an_unanswered_question_is_not_asked(tmp_path: Path) -> None:
    """Where there is no answer there is nothing to decide."""
    checks = courses.CHECKS + "\n@first.check(points=5)\ndef test_broken(answer): 1 / 0\n"
    assert one(tmp_path, STUB, checks=checks).status == "graded"


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"<html>", b'{"cells": 3}'])
def test_a_file_that_is_no_notebook(tmp_path: Path, data: bytes) -> None:
    """Ungraded with the student's fault, without a runner."""
    slot = HereSlot()
    (result,) = graded(tmp_path, [Job("kim", "two.ipynb", data)], slot)
    assert result.ungraded is not None
    assert (result.score, result.ungraded.fault, slot.log) == (None, "submission", [])


def test_a_file_that_could_not_be_read_keeps_its_reason(tmp_path: Path) -> None:
    """Whoever's fault it was, and without a runner."""
    slot = HereSlot()
    reason = Ungraded("grader_fault", "grader", "a.ipynb: cannot be read")
    (result,) = graded(tmp_path, [Job("kim", "two.ipynb", b"", unreadable=reason)], slot)
    assert (result.score, result.ungraded, slot.log) == (None, reason, [])


def without_timing(results: Sequence[Result]) -> list[Mapping[str, object]]:
    return [
        msgspec.to_builtins(msgspec.structs.replace(result, timing={}, usage={}, durations={})) for result in results
    ]


def test_equal_seeds_give_equal_results(tmp_path: Path) -> None:
    """In any order and company; another seed draws other weights, and the same verdicts."""
    wrong = job(
        cells("layer = nn.Linear(4, 3, bias=False)\ny = layer(x)", "model = nn.Linear(4, 3)\ny = model(x)"),
        "lee",
    )
    jobs = [job(cells()), wrong, job(cells("dies()\nlayer = y = 1"), "park")]
    first = graded(tmp_path / "a", jobs, seed=3)
    second = graded(tmp_path / "b", jobs[::-1], seed=3)
    assert without_timing(first) == without_timing(second[::-1])
    assert [outcomes(result) for result in graded(tmp_path / "c", jobs, seed=4)] == [
        outcomes(result) for result in first
    ]


def test_a_students_random_numbers_follow_from_the_seed(tmp_path: Path) -> None:
    """The runner is seeded from run and assignment: alike for a whole class, otherwise in another run."""
    logs = []
    for root, first, seed in (("a", courses.FIRST, 1), ("b", courses.FIRST + "  # mine", 1), ("c", courses.FIRST, 2)):
        slot = HereSlot()
        one(tmp_path / root, first, slot=slot, seed=seed)
        logs.append([line for line in slot.log if line.startswith("seed")])
    assert logs[0] == logs[1] != logs[2]
