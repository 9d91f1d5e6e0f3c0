"""Hidden numbers follow from labels alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.evidence.seeds import Seeds

labels = st.lists(st.text(max_size=4), min_size=1, max_size=4)
RUN = Seeds.of_run(7)


def test_the_same_labels_give_the_same_number() -> None:
    """In another process, in another year: this number is part of what a result's seed promises."""
    assert RUN.number("a") == Seeds.of_run(7).number("a")
    assert Seeds.of_run(0).number("runner") == 604_988_991


def test_other_labels_and_other_runs_give_other_numbers() -> None:
    """Submissions, questions, checks and draws do not share numbers."""
    numbers = {
        Seeds.of_run(run).of(str(who)).number(str(what))
        for run in range(5)
        for who in range(20)
        for what in range(20)
    }
    assert len(numbers) == 5 * 20 * 20


def test_order_plays_no_part() -> None:
    """What was drawn before changes nothing: alone or in a class, on one worker or many."""
    first = RUN.of("x").number("a")
    for label in "zyx":
        RUN.of("x").number(label)
    assert RUN.of("x").number("a") == first


def test_a_path_is_its_labels_in_a_row() -> None:
    """``of`` only puts labels in front."""
    assert RUN.of("a").of("b").number("c") == RUN.of("a", "b").number("c") == RUN.number("a", "b", "c")


def test_neighbouring_labels_do_not_run_together() -> None:
    """Where one label ends and the next begins is part of the number."""
    assert RUN.number("ab", "c") != RUN.number("a", "bc")
    assert RUN.number("1:a", "b") != RUN.number("1", "a1:b")
    assert RUN.number("a", "") != RUN.number("a") != RUN.number("", "a")


@settings(derandomize=True, database=None)
@given(one=labels, other=labels)
def test_no_two_paths_collide(one: list[str], other: list[str]) -> None:
    """Over lists of short strings, digits and colons among them."""
    assert (RUN.number(*one) == RUN.number(*other)) == (one == other)


@settings(derandomize=True, database=None)
@given(one=labels)
def test_a_seed_is_one_that_torch_takes(one: list[str]) -> None:
    """From 0 up to 2^31."""
    assert 0 <= RUN.number(*one) < 2**31


def test_a_name_that_is_no_text_has_a_seed() -> None:
    """Students' file names may hold lone surrogates."""
    assert RUN.number("\udcff") != RUN.number("\udcfe")
