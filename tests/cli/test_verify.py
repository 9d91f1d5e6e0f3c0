"""``grader verify``: the holes, and an exit code a script can trust."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.errors import AssignmentError
from autograder.mutation.listing import Entry
from autograder.mutation.mutants import Mutant
from autograder.mutation.proof import Caught, MutantProof
from autograder.mutation.proof import Hole as MutantHole
from autograder.results import CheckResult, Outcome
from autograder.verification.causes import Tally
from autograder.verification.verify import Hole, Proof
from tests.cli.stub import World


def prove(here: World, proof: Proof | Exception) -> list[object]:
    """Let verifying come to ``proof``; returns the options it is asked with, once it was."""
    asked: list[object] = []

    def verify(course: object, name: str, options: object, tell: object) -> Proof:
        asked.append(options)
        if isinstance(proof, Exception):
            raise proof
        return proof

    here.monkeypatch.setattr("autograder.verification.verify.verify", verify)
    return asked


def test_no_hole_is_green(here: World) -> None:
    """Without a hole the exit code is 0; counts, notes and the seed are said."""
    asked = prove(here, Proof(6, 36, (), ("no wrong notebook loses x",)))
    code, out, _ = here.grader("verify", "dl1", "--seed", "7", "--workers", "3")
    assert code == 0
    assert "6 notebooks, 36 verdicts, 0 holes; seed 7" in out
    assert "note: no wrong notebook loses x" in out
    (options,) = asked
    assert getattr(options, "seed", None) == 7
    assert getattr(options, "workers", None) == 3


def test_a_hole_is_shown_and_exits_with_1(here: World) -> None:
    """What was expected stands beside what happened."""
    hole = Hole("empty", "sequential.is_a_sequential", "lost", "passed, 2 of 2")
    prove(here, Proof(6, 36, (hole,), ()))
    code, out, _ = here.grader("verify", "dl1")
    assert code == 1
    assert "empty\n  sequential.is_a_sequential: expected: lost; happened: passed, 2 of 2\n" in out
    assert "1 hole;" in out


def test_diagnoses_are_counted(here: World) -> None:
    """How often a reason was told, and how often it was the true one."""
    prove(here, Proof(6, 36, (), (), Tally(lost=30, diagnosed=20, true=19)))
    _, out, _ = here.grader("verify", "dl1")
    assert "30 checks lost by wrong notebooks, 20 with a diagnosis, 19 of these the true cause (95 %)" in out
    prove(here, Proof(6, 36, (), (), Tally(lost=1, diagnosed=1, true=1)))
    _, out, _ = here.grader("verify", "dl1")
    assert "1 check lost by wrong notebooks, 1 with a diagnosis, 1 of these the true cause (100 %)" in out
    prove(here, Proof(6, 36, (), ()))
    _, out, _ = here.grader("verify", "dl1")
    assert "0 with a diagnosis, 0 of these the true cause (none given)" in out


def test_what_a_hole_says_is_made_visible(here: World) -> None:
    """A notebook's own words reach the terminal as text."""
    prove(here, Proof(1, 1, (Hole("wrong/\x1b[31m", "c", "lost", "[bold]passed"),), ()))
    _, out, _ = here.grader("verify", "dl1")
    assert "\x1b[31m" not in out
    assert "[bold]passed" in out


def test_a_missing_layer_is_a_warning(here: World) -> None:
    """The notebooks are the course's own, so that a missing layer is said and not refused."""
    here.layers(seccomp=False)
    asked = prove(here, Proof(1, 1, (), ()))
    code, _, err = here.grader("verify", "dl1")
    assert code == 0
    assert "warning: without seccomp" in err
    assert getattr(asked[0], "require", None) == frozenset()


@pytest.mark.parametrize("error", [AssignmentError("x.ipynb: says nothing"), OSError("disk full")])
def test_what_cannot_be_proved_exits_with_2(here: World, error: Exception) -> None:
    """A course that contradicts itself is no hole: exit code 2, and why."""
    prove(here, error)
    code, _, err = here.grader("verify", "dl1")
    assert code == 2
    assert str(error) in err


def mutant(source: str, reference: str = "x = 1\nlayer = nn.Linear(3, 2)") -> Mutant:
    return Mutant("linear", "a kind", reference, source)


def proof_of(here: World, **found: Any) -> None:
    """Let the proof by mutants come to ``found``; what is not named is empty."""
    empty = dict.fromkeys("caught alike listed survivors stale holes".split(), ())
    proof = MutantProof(questions=2, **(empty | found))
    here.monkeypatch.setattr("autograder.mutation.proof.prove", lambda course, name, options, tell: proof)


CAUGHT = Caught(mutant("x = 2"), (CheckResult("linear.maps", Outcome.CELL_ERROR, 0.0, 1.0, "hidden", {}),))


def test_no_survivor_is_green(here: World) -> None:
    """The counts and the seed are said in one line."""
    entry = Entry("linear", "x = 1", "x = 3", "so")
    proof_of(here, caught=(CAUGHT,), alike=(mutant("x = 1 "),), listed=((mutant("x = 3"), entry),))
    code, out, _ = here.grader("verify", "dl1", "--mutants", "--seed", "7")
    assert code == 0
    assert out == (
        "3 mutants of 2 questions: 1 caught (1 of them never ran to their end), 1 do the same, "
        "1 listed as equivalent, 0 survived; seed 7\n"
    )


def test_a_survivor_is_shown_with_its_diff_and_exits_with_1(here: World) -> None:
    """And how it would be listed, were it as right as the reference."""
    survivor = mutant("x = 1\nlayer = nn.Linear(3, 2, bias=False)")
    proof_of(here, caught=(CAUGHT,), survivors=(survivor,))
    code, out, _ = here.grader("verify", "dl1", "--mutants")
    assert code == 1
    for line in (
        "survived: linear, line 2 of its cell: a kind",
        "-layer = nn.Linear(3, 2)",
        "+layer = nn.Linear(3, 2, bias=False)",
        "[[equivalent]]",
        'before = "layer = nn.Linear(3, 2)"',
        "1 caught (1 of them never ran to their end), 0 do the same, 0 listed as equivalent, 1 survived",
    ):
        assert line in out


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"stale": (Entry("linear", "x = 1", "x = 3", "so"),)}, "linear: x = 1 ⟶ x = 3"),
        ({"holes": (MutantHole("linear", "its own reference\nloses"),)}, "linear: its own reference\nloses"),
    ],
)
def test_what_proves_nothing_exits_with_1(here: World, found: dict[str, Any], said: str) -> None:
    """A stale entry and a reference that loses are to be mended as well."""
    proof_of(here, caught=(CAUGHT,), **found)
    code, out, _ = here.grader("verify", "dl1", "--mutants")
    assert code == 1
    assert said in out
