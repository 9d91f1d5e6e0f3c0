"""Random models in a random dress are found the same, and changed in one thing that matters are found different.

A few draws run with every test run; ``make test-models`` draws 2,000 and counts the diagnoses.
"""

from __future__ import annotations

import os
import random

import torch

from autograder.checks import assert_same_computation
from autograder.evidence.verdict import Verdict
from autograder.messages import DIAGNOSES
from tests.checks.students import proxy
from tests.models.grammar import Dressed, Plain, changed, drawn

DRAWS = int(os.environ.get("RANDOM_MODELS", "60"))


def test_the_same_is_found_the_same() -> None:
    """Right work passes however it is written."""
    for number in range(DRAWS):
        rng = random.Random(number)
        model, shape = drawn(rng)
        torch.manual_seed(number)
        assert_same_computation(proxy(Dressed(model, rng), seed=number), Plain(model), input_shape=shape)


def test_what_was_changed_is_found_different_and_named_truly() -> None:
    """Wrong work fails; what names a reason names the change that was made, and nothing else."""
    named = 0
    for number in range(DRAWS):
        rng = random.Random(10_000 + number)
        model, shape = drawn(rng)
        wrong, codes = changed(model, rng)
        torch.manual_seed(number)
        try:
            assert_same_computation(proxy(Dressed(wrong, rng), seed=number), Plain(model), input_shape=shape)
        except Verdict as verdict:
            told = {finding.code for finding in verdict.findings} & DIAGNOSES
            assert told <= codes, f"draw {number}: {told}, but the change is {codes}"
            named += bool(told)
        else:
            raise AssertionError(f"draw {number}: {wrong} passes for {model}")
    print(f"{DRAWS} draws: a diagnosis for {named}, the true one for {named}")
    assert named > DRAWS / 2
