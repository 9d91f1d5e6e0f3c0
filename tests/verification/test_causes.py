"""What wrong notebooks state, held against what the grader says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.errors import AssignmentError
from autograder.results import CheckResult, Finding, Outcome
from autograder.verification.causes import Tally, objection, read, stated, tally


def lost(check: str, *codes: str) -> CheckResult:
    """A check that was lost, with a finding of each code."""
    return CheckResult(check, Outcome.FAILED, 0.0, 1.0, "hidden", {}, [Finding(code) for code in codes])


def notebook(because: object) -> bytes:
    return json.dumps({"metadata": {"autograder": {"loses": ["a.*"], "because": because}}}).encode()


def test_codes_lists_and_null_are_read() -> None:
    """One code, several, or none for a check; and nothing at all where nothing is stated."""
    because = {
        "a.one": "values_differ",
        "a.two": ["softmax_wrong_dim", "wrong_shape"],
        "a.three": None,
    }
    assert read(Path("x.ipynb"), notebook(because)) == {
        "a.one": ("values_differ",),
        "a.two": ("softmax_wrong_dim", "wrong_shape"),
        "a.three": (),
    }
    assert read(Path("x.ipynb"), b'{"metadata": {}}') == {}


def test_a_code_that_nobody_has_is_answered_with_those_like_it() -> None:
    """Codes are many, and nobody knows them by heart."""
    with pytest.raises(AssignmentError, match=r"no message has the code bias_is_missing\. Did you mean .*bias_missing"):
        read(Path("x.ipynb"), notebook({"a.*": "bias_is_missing"}))


@pytest.mark.parametrize("because", ["softmax_wrong_dim", ["a.*"], {"a.*": "softmax_wrong"}, {"a.*": [1]}])
def test_a_statement_that_cannot_be_meant_is_refused(because: object) -> None:
    """A code that does not exist would never be shown; the notebook is named."""
    with pytest.raises(AssignmentError, match=r'x\.ipynb: "because"'):
        read(Path("x.ipynb"), notebook(because))


def test_every_pattern_that_means_a_check_counts() -> None:
    """What several patterns state of one check has all to be shown."""
    because = {"a.*": ("wrong_shape",), "a.b": ("softmax_wrong_dim",), "b.*": ("values_differ",)}
    assert stated("a.b", because) == {"wrong_shape", "softmax_wrong_dim"}


@pytest.mark.parametrize(
    ("shown", "because", "wanted"),
    [
        (["softmax_wrong_dim"], ("softmax_wrong_dim",), ""),
        (["wrong_shape", "softmax_wrong_dim"], ("softmax_wrong_dim",), ""),
        (["wrong_shape"], (), ""),
        (["wrong_shape"], ("softmax_wrong_dim",), "softmax_wrong_dim"),
        (["softmax_wrong_dim"], ("activation_missing",), "activation_missing"),
        (["softmax_wrong_dim", "activation_missing"], ("activation_missing",), "activation_missing"),
        (["softmax_wrong_dim"], (), "no diagnosis"),
        ([], ("wrong_shape",), "wrong_shape"),
    ],
)
def test_a_diagnosis_has_to_be_the_stated_one(
    shown: list[str], because: tuple[str, ...], wanted: str
) -> None:
    """What is stated is shown, and no diagnosis beside it; findings that explain nothing are free."""
    assert objection(lost("a.b", *shown), {"a.b": because}) == wanted


def test_diagnoses_are_counted() -> None:
    """A diagnosis is true only if it was stated; one that was not is given and wrong."""
    checks = [lost("a.b", "softmax_wrong_dim"), lost("a.c", "softmax_wrong_dim"), lost("a.d", "wrong_shape")]
    assert tally(checks, {"a.b": ("softmax_wrong_dim",)}) == Tally(3, 2, 1)
    assert Tally(3, 2, 1) + Tally(1, 0, 0) == Tally(4, 2, 1)
