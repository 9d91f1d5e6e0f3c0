"""Models of whole numbers: an embedding is asked for words that it has, in every kind of check."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from autograder.checks import (
    assert_maps,
    assert_output_of,
    assert_same_computation,
    assert_same_dropout,
    assert_same_statistics,
)
from autograder.checks.inputs import Inputs
from autograder.evidence.verdict import Verdict
from tests.checks.students import answer, proxy

WORDS = 12


class Text(nn.Module):
    """An embedding, a GRU, dropout on its last state, and a linear layer."""

    def __init__(self, kind: Callable[..., nn.Module] = nn.GRU, p: float = 0.3, *, batch_first: bool = True) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 5)
        self.recurrent = kind(5, 6, batch_first=batch_first)
        self.dropout = nn.Dropout(p)
        self.head = nn.Linear(6, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        steps, _ = self.recurrent(self.embedding(tokens))
        return self.head(self.dropout(steps[:, -1]))  # type: ignore[no-any-return]


class Mean(nn.Module):
    """A bag of words with a batch norm, and one row looked up by hand where ``table`` is the way it is written."""

    def __init__(self, momentum: float = 0.1, *, table: bool = False) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, 4)
        self.norm = nn.BatchNorm1d(4, momentum=momentum)
        self.table = table

    def forward(self, tokens: Tensor) -> Tensor:
        looked_up = self.words.weight[tokens] if self.table else self.words(tokens)
        return self.norm(looked_up.mean(dim=1))  # type: ignore[no-any-return]


def codes(check: Callable[[], None]) -> list[str]:
    """The codes of what a check found; [] for full marks."""
    try:
        check()
    except Verdict as verdict:
        return [finding.code for finding in verdict.findings]
    return []


def test_a_text_model_that_is_right_passes_every_check() -> None:
    """It is asked for words below the number it knows, alone and in batches."""
    found = proxy(Text())
    assert codes(lambda: assert_same_computation(found, Text(), input_shape=(7,), input_below=WORDS)) == []
    assert codes(lambda: assert_same_dropout(found, Text(), input_shape=(7,), input_below=WORDS)) == []
    assert codes(lambda: assert_maps(found, input_shape=(7,), output_shape=(3,), input_below=WORDS)) == []


def test_a_lookup_written_as_an_index_is_an_embedding() -> None:
    """What is computed counts, for what a batch norm keeps as well."""
    found = proxy(Mean(table=True))
    assert codes(lambda: assert_same_computation(found, Mean(), input_shape=(7,), input_below=WORDS)) == []
    assert codes(lambda: assert_same_statistics(found, Mean(), input_shape=(7,), input_below=WORDS)) == []
    other = proxy(Mean(momentum=0.5))
    assert codes(lambda: assert_same_statistics(other, Mean(), input_shape=(7,), input_below=WORDS)) == [
        "statistics_differ"
    ]


@pytest.mark.parametrize(
    ("model", "code"),
    [(Text(nn.RNN), "layer_other"), (Text(batch_first=False), "batch_first_differs")],
    ids=["a plain RNN", "not batch_first"],
)
def test_a_text_model_that_computes_something_else_loses(model: nn.Module, code: str) -> None:
    """Another recurrent layer, or one that reads the batch as time."""
    found = codes(lambda: assert_same_computation(proxy(model), Text(), input_shape=(7,), input_below=WORDS))
    assert found == [code]


def test_another_dropout_of_a_text_model_is_named() -> None:
    """With its share, as in a model of real numbers."""
    found = codes(
        lambda: assert_same_dropout(proxy(Text(p=0.5)), Text(), input_shape=(7,), input_below=WORDS)
    )
    assert found == ["dropout_wrong_p"]


def test_given_words_reach_the_model_as_whole_numbers() -> None:
    """``assert_output_of`` hands on the tensor that it was given, of the type it has."""
    model = Text().eval()
    tokens = torch.tensor([[3, 1, 4, 1], [5, 9, 2, 6]])
    student = answer({"model": model, "logits": model(tokens)}, givens={"tokens": tokens})
    assert codes(
        lambda: assert_output_of(student.tensor("logits"), student.module("model"), student.given("tokens"))
    ) == []


def test_a_model_that_reads_the_batch_as_time_is_not_said_to_drop_in_evaluation() -> None:
    """Its rows differ without any chance in it."""
    model = Text(batch_first=False)
    found = codes(lambda: assert_same_dropout(proxy(model), Text(), input_shape=(7,), input_below=WORDS))
    assert found == ["depends_on_batch_size"]


@pytest.mark.parametrize("below", [0, -1, True, 2.5])
def test_a_bound_that_leaves_no_number_is_the_authors_fault(below: object) -> None:
    """It is told with the argument's name."""
    with pytest.raises(ValueError, match="input_below"):
        Inputs.of((7,), below)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_a_vocabulary_that_lacks_its_last_word_is_seen_whatever_is_drawn(seed: int) -> None:
    """Every student's inputs hold the largest number, so that none passes by luck."""
    short = proxy(nn.Sequential(nn.Embedding(WORDS - 1, 4), nn.Flatten()), seed)
    found = codes(lambda: assert_maps(short, input_shape=(2,), output_shape=(8,), input_below=WORDS))
    assert found == ["forward_raised"]
