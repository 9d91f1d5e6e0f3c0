"""A check that is told what it was told before is not run again, and nothing else is spared it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading import precedents
from autograder.results import Result
from tests.grading.courses import FIRST
from tests.grading.test_grader import cells, graded, job, outcomes

ONCE = """
ran = []

@first.check(points=2)
def test_once(answer):
    ran.append(answer)
    assert answer.tensor("y").shape == (1, 3)
    assert len(ran) == 1, "run again"

@second.check(points=1)
def test_any(answer):
    assert answer.module("model")
"""


def verdicts(root: Path, checks: str, *answers: str) -> list[str]:
    """What becomes of the first question's one check, for one student after the other."""
    results: list[Result] = graded(root, [job(cells(answer)) for answer in answers], checks=checks)
    return [next(iter(outcomes(result).values())) for result in results]


def test_the_same_replies_are_judged_once(tmp_path: Path) -> None:
    """Whatever was written to compute them; a number that is another sends them to the check."""
    same = ["layer = y = torch.ones(1, 3)", "layer = 2\ny = torch.zeros(1, 3) + 1", "y = layer = x[:, :3] * 1"]
    assert verdicts(tmp_path / "same", ONCE, *same) == ["passed"] * 3
    assert verdicts(tmp_path / "other", ONCE, same[0], f"{same[0]} * 2") == ["passed", "failed"]


def test_the_names_that_are_bound_are_seen_too(tmp_path: Path) -> None:
    """The replies are the same, but another answer was given."""
    assert verdicts(tmp_path, ONCE, "layer = y = torch.ones(1, 3)", "y = torch.ones(1, 3)") == ["passed", "failed"]


@pytest.mark.parametrize(
    "reads",
    ['answer.literal("y").value == 1', 'answer.around.block == ("layer = y = 1",)'],
    ids=["literal", "around"],
)
def test_who_reads_the_source_reads_everybodys(tmp_path: Path, reads: str) -> None:
    """A reply is not all that such a check sees."""
    checks = ONCE.replace('answer.tensor("y").shape == (1, 3)', reads).replace("len(ran) == 1", "True")
    assert verdicts(tmp_path, checks, "layer = y = 1", "layer = y = 2") == ["passed", "failed"]


def test_who_needs_a_fixture_is_run_for_everybody(tmp_path: Path) -> None:
    """It may hold anything."""
    fixture = "\n@pytest.fixture\ndef more():\n    return 1\n"
    checks = fixture + ONCE.replace("test_once(answer)", "test_once(answer, more)")
    assert verdicts(tmp_path, checks, *["layer = y = torch.ones(1, 3)"] * 2) == ["passed", "failed"]


def test_a_mistake_that_many_make_is_judged_once(tmp_path: Path) -> None:
    """With what the check found, and with what each student's own source explains of it."""
    checks = ONCE.replace('assert answer.tensor("y").shape == (1, 3)', 'answer.module("layer")\n    answer.tensor("y")')
    answers = ["lair = 1\ny = x", "layr = 1\ny = x", "y = x"]
    results = graded(tmp_path, [job(cells(answer)) for answer in answers], checks=checks)
    found = [[(one.code, one.facts) for one in result.questions[0].checks[0].findings] for result in results]
    missing = ("missing_name", {"name": "layer"})
    assert found == [
        [missing],
        [missing, ("answer_misspelt", {"name": "layer", "close": "layr"})],
        [missing],
    ]


def test_a_check_of_a_wrong_answer_runs_once(tmp_path: Path) -> None:
    """Its message is that of the first time."""
    checks = ONCE.replace("assert len(ran) == 1", "assert len(ran) == 0").replace('"run again"', "str(len(ran))")
    results = graded(tmp_path, [job(cells("layer = y = torch.ones(1, 3)"))] * 3, checks=checks)
    assert [result.questions[0].checks[0].findings[0].facts["sentence"] for result in results] == ["1"] * 3


def test_what_was_asked_to_find_a_precedent_is_not_asked_again(tmp_path: Path) -> None:
    """A module that counts its passes is asked as often as without one."""
    counts = """
class Counts(nn.Linear):
    passes = 0
    def forward(self, x):
        Counts.passes += 1
        return super().forward(x) * (1 if Counts.passes < 50 else 2)
"""
    tally = "model = nn.Linear(1, 1)\ny = torch.tensor([float(Counts.passes)])"
    right = counts + FIRST.replace("nn.Linear(4, 3)", "Counts(4, 3)")
    wrong = right.replace("* (1 if", "* 1.5 * (1 if")
    seen = []
    for name, answers in (("alone", [wrong]), ("after", [right, wrong])):
        jobs = [job(cells(answer, tally)) for answer in answers]
        checks = CHECKS_AND_TALLY
        seen.append(graded(tmp_path / name, jobs, checks=checks)[-1])
    alone, after = (
        {check.id: check.findings for item in result.questions for check in item.checks} for result in seen
    )
    assert alone == after
    assert alone["second.tally"][0].facts["sentence"] != "0.0"


CHECKS_AND_TALLY = """
@first.check(points=3)
def test_layer(answer):
    assert_same_computation(answer.module("layer"), nn.Linear(4, 3), input_shape=(4,))

@second.check(points=1)
def test_tally(answer):
    raise AssertionError(str(answer.tensor("y").value.item()))
"""


def test_no_more_is_kept_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then everybody's answer goes to the check."""
    monkeypatch.setattr(precedents, "MOST_BYTES", 100)
    assert verdicts(tmp_path, ONCE, *["layer = y = torch.ones(1, 3)"] * 2) == ["passed", "failed"]


def test_several_precedents_are_told_apart(tmp_path: Path) -> None:
    """By the first reply that differs."""
    checks = ONCE.replace("len(ran) == 1", "len(ran) <= 2")
    ways = ["layer = y = torch.ones(1, 3)", "layer = y = torch.zeros(1, 3)"]
    assert verdicts(tmp_path, checks, *ways, *ways, "layer = y = x[:, :3] * 7") == ["passed"] * 4 + ["failed"]


def test_an_answer_that_a_check_kept_is_no_answer_to_another_question(tmp_path: Path) -> None:
    """Its replies would stand in nobody's transcript, and the first student's would pass for everybody's."""
    checks = """
kept = []

@first.check(points=2)
def test_keeps(answer):
    kept.append(answer)

@second.check(points=1)
def test_looks_back(answer):
    assert answer.module("model") and kept[-1].tensor("y").value.sum() < 100
"""
    jobs = [job(cells(f"layer = 1\ny = torch.ones(1, 3) * {size}")) for size in (1, 1000)]
    results = graded(tmp_path, jobs, checks=checks)
    assert [outcomes(result)["second.looks_back"] for result in results] == ["grader_error"] * 2
