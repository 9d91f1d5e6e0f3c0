"""Every mutant is graded; what survives, what is excused and what proves nothing is told apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.course.config import Config, Course
from autograder.mutation.proof import MutantProof, prove
from autograder.results import CheckResult, Outcome, QuestionResult, Result
from autograder.submissions.found import Found
from tests.builders import ANSWERS, course
from tests.exchange.results import graded

Judge = Callable[[str, str], Outcome]  # (question, source of its cell) → what its check says


def by_reference(question: str, source: str) -> Outcome:
    """A check that sees every slip."""
    return Outcome.PASSED if source == reference(question) else Outcome.FAILED


def reference(question: str) -> str:
    return f"### BEGIN SOLUTION\n{ANSWERS[question]}\n### END SOLUTION"


@dataclass(frozen=True)
class Record:
    result: Result


@dataclass
class Engine:
    """Grades by ``judge``; an answer that crashes takes all later ones with it."""

    judge: Judge
    runs: list[int] = field(default_factory=list)

    def run(self, course: Course, name: str, found: Sequence[Found], options: object) -> Iterator[Record]:
        self.runs.append(len(found))
        for one in found:
            notebook = json.loads(one.path.read_bytes())
            yield Record(self._result(one.student, notebook))

    def _result(self, student: str, notebook: Any) -> Result:
        questions = []
        crashed = False
        for cell in notebook["cells"]:
            about = cell["metadata"]["nbgrader"]
            if not about.get("solution"):
                continue
            question, source = about["grade_id"], cell["source"]
            outcome = self.judge(question, source) if source else Outcome.NOT_ANSWERED
            crashed = crashed or outcome is Outcome.CRASHED
            outcome = Outcome.CRASHED if crashed and source else outcome
            check = CheckResult(f"{question}.check", outcome, 0.0, 1.0, "hidden", {})
            questions.append(QuestionResult(question, 0.0, 1.0, [check]))
        return graded(*questions, assignment="tiny", student=student)


@pytest.fixture
def proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Judge], MutantProof]:
    course(tmp_path)

    def proved(judge: Judge) -> MutantProof:
        engine = Engine(judge)
        module: Any = ModuleType("autograder.engine.local")
        module.run = engine.run
        monkeypatch.setitem(sys.modules, module.__name__, module)
        options: Any = None
        return prove(Course(tmp_path, Config()), "tiny", options)

    return proved


def test_checks_that_see_everything_are_proven(proof: Callable[[Judge], MutantProof]) -> None:
    """Nothing survives where every slip costs a check."""
    found = proof(by_reference)
    assert found.whole
    assert (found.questions, len(found.caught)) == (4, found.mutants)
    assert found.mutants > 40


def test_a_slip_that_no_check_sees_survives(proof: Callable[[Judge], MutantProof]) -> None:
    """It is told with its diff; what does the same is not among the survivors."""

    def blind_to_padding(question: str, source: str) -> Outcome:
        blind = "padding=1" in source or "4, 3, stride=1" in source or "padding_mode" in source
        return Outcome.PASSED if blind else by_reference(question, source)

    found = proof(blind_to_padding)
    assert [mutant.after for mutant in found.survivors] == ["conv_layer = nn.Conv2d(3, 4, 3, padding=1)"]
    assert [mutant.after for mutant in found.alike] == [
        "conv_layer = nn.Conv2d(3, 4, 3, padding_mode='reflect')"
    ]
    assert not found.whole


LISTED = '[[equivalent]]\nquestion = "conv"\nbefore = "conv_layer = nn.Conv2d(3, 4, 3)"\nafter = {}\nreason = "so"\n'


def test_a_listed_survivor_is_excused_and_a_stale_entry_is_not(
    tmp_path: Path, proof: Callable[[Judge], MutantProof]
) -> None:
    """An entry whose mutant is caught, alike or not made at all is to be taken out."""

    def blind(question: str, source: str) -> Outcome:
        seen = "padding=1" not in source and "padding_mode" not in source
        return by_reference(question, source) if seen else Outcome.PASSED

    afters = ["padding=1", "stride=2", "padding_mode='reflect'", "no=1"]
    text = "".join(LISTED.format(json.dumps(f"conv_layer = nn.Conv2d(3, 4, 3, {one})")) for one in afters)
    (tmp_path / "solutions/tiny/equivalent.toml").write_text(text)
    found = proof(blind)
    assert [mutant.after for mutant, _ in found.listed] == ["conv_layer = nn.Conv2d(3, 4, 3, padding=1)"]
    assert found.survivors == ()
    assert [entry.after[32:-1] for entry in found.stale] == afters[1:]
    assert not found.whole


def test_an_entry_that_means_two_places_is_a_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Callable[[Judge], MutantProof]
) -> None:
    """One of them may not have been meant."""
    monkeypatch.setattr("autograder.mutation.proof.equivalent", lambda *_: False)
    text = '[[equivalent]]\nquestion = "linear"\nbefore = ""\nafter = ""\nreason = "so"\n'
    text = text.replace('before = ""', f"before = '{ANSWERS['conv'].splitlines()[1]}'").replace(
        "linear", "conv"
    )
    (tmp_path / "solutions/tiny/equivalent.toml").write_text(text.replace('after = ""', 'after = "pass"'))
    monkeypatch.setitem(ANSWERS, "conv", ANSWERS["conv"] + "\noutput = conv_layer(x)")
    for folder in ("assignments", "solutions"):
        (tmp_path / folder / "tiny").rename(tmp_path / folder / "old")
    course(tmp_path)
    (tmp_path / "solutions/old/equivalent.toml").rename(tmp_path / "solutions/tiny/equivalent.toml")
    found = proof(
        lambda question, source: Outcome.PASSED if question == "conv" else by_reference(question, source)
    )
    (hole,) = found.holes
    assert hole.question == "conv"
    assert "lines 3, 4" in hole.problem


def test_a_reference_that_loses_by_itself_proves_nothing(proof: Callable[[Judge], MutantProof]) -> None:
    """Its mutants would all be caught for no reason of theirs."""
    found = proof(
        lambda question, source: Outcome.FAILED if question == "conv" else by_reference(question, source)
    )
    (hole,) = found.holes
    assert hole.question == "conv"
    assert "conv.check" in hole.problem
    assert {one.mutant.question for one in found.caught} == {"linear", "model", "custom"}


def test_a_mutant_that_ends_the_process_catches_no_other(proof: Callable[[Judge], MutantProof]) -> None:
    """What shared the notebook with it is graded again by itself."""

    def crashes_and_is_blind(question: str, source: str) -> Outcome:
        if question == "linear" and source != reference("linear"):
            return Outcome.CRASHED
        return Outcome.PASSED

    found = proof(crashes_and_is_blind)
    assert {one.mutant.question for one in found.caught} == {"linear"}
    assert {mutant.question for mutant in found.survivors} == {"conv", "model", "custom"}


def test_a_check_that_fails_itself_is_a_hole(proof: Callable[[Judge], MutantProof]) -> None:
    """A grader_error catches nothing: the submission would be ungraded."""

    def breaks(question: str, source: str) -> Outcome:
        return Outcome.GRADER_ERROR if "bias=False" in source else by_reference(question, source)

    found = proof(breaks)
    assert {hole.problem.split(" ")[0] for hole in found.holes} == {
        "linear.check",
        "conv.check",
        "model.check",
    }
    assert not found.whole


PUBLIC = """
from torch import nn
from autograder.checks import assert_maps, assert_output_of, assert_same_computation, assert_shape, question

@question("linear").check(points=6)
def test_maps(answer):
    assert_same_computation(answer.module("linear_layer"), nn.Linear(10, 5), input_shape=(10,))

@question("linear").check(points=1)
def test_output_is_its_own(answer):
    assert_output_of(answer.tensor("output"), answer.module("linear_layer"), answer.given("x"))

@question("conv").check(points=2)
def test_maps_sizes(answer):
    assert_maps(answer.module("conv_layer"), input_shape=(3, 8, 8), output_shape=(4, 6, 6))

@question("conv").check(points=1)
def test_output(answer):
    assert_shape(answer.tensor("output"), (1, 4, 6, 6))

@question("model").check(points=1)
def test_maps_two_to_one(answer):
    assert_same_computation(answer.module("model", type=nn.Sequential), nn.Linear(2, 1), input_shape=(2,))

@question("custom").check(points=1)
def test_is_its_own(answer):
    answer.module("model", of="Custom")
"""


def test_a_weak_check_is_found_for_real(tmp_path: Path) -> None:
    """In the sandbox: a convolution that is only asked for its sizes may be without a bias, and the wrong kind."""
    from autograder.engine.options import Options
    from autograder.sandbox.layers import probe

    if missing := [f"{layer.name}: {layer.why}" for layer in probe() if not layer.works]:
        pytest.skip(f"this machine cannot isolate ({'; '.join(missing)})")
    course(tmp_path)
    (tmp_path / "grader.toml").touch()
    (tmp_path / "assignments/tiny/test_public.py").write_text(PUBLIC)
    found = prove(Course(tmp_path, Config()), "tiny", Options(1, 7, None, frozenset()))
    assert found.holes == ()
    survived = {(mutant.question, mutant.after) for mutant in found.survivors}
    assert ("conv", "conv_layer = nn.Conv2d(3, 4, 3, bias=False)") in survived
    assert ("conv", "conv_layer = nn.Conv2d(3, 4, 3, dilation=2)") not in survived
    assert {question for question, _ in survived} == {"conv"}
    assert ("conv", "conv_layer = nn.Conv2d(3, 4, 3, padding_mode='reflect')") in {
        (mutant.question, mutant.after) for mutant in found.alike
    }
