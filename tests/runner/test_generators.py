"""Random generators: seeded alike they draw alike, and questions take nothing from them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch

from autograder.runner import generators

GLOBAL: Any = numpy.random  # whose stubs lack some of it


def drawn() -> list[float]:
    """From all three, normal numbers among them, which numpy and Python draw in pairs."""
    return [
        *torch.rand(2).tolist(),
        *(random.random(), random.gauss(0, 1), random.random()),
        *numpy.random.rand(2),
        *numpy.random.randn(1),
        numpy.random.randint(1000),
    ]


def nothing() -> None:
    pass


def another() -> None:
    GLOBAL.set_bit_generator(numpy.random.PCG64(5))


CELLS = {
    "nothing": nothing,
    "a uniform number": lambda: numpy.random.rand(1),
    "half a pair": lambda: (numpy.random.randn(1), random.gauss(0, 1)),
    "a seed": lambda: (numpy.random.seed(7), random.seed(7), torch.manual_seed(7)),
    "another generator": another,
}
QUESTIONS = {
    "nothing": nothing,
    "a pair": lambda: (numpy.random.randn(2), random.gauss(0, 1), random.gauss(0, 1)),
    "half a pair": lambda: (numpy.random.randn(1), random.gauss(0, 1)),
    "some": drawn,
    "a seed": lambda: (numpy.random.seed(3), random.seed(3), torch.manual_seed(3)),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_questions_take_nothing(cell: Callable[[], object], question: Callable[[], object]) -> None:
    """After whatever a cell drew and whatever a question draws, the next cell draws what it would have drawn."""
    before = GLOBAL.get_bit_generator()
    try:
        generators.seed(1)
        cell()
        expected = drawn()
        GLOBAL.set_bit_generator(before)
        generators.seed(1)
        cell()
        for _ in range(2):
            with generators.restored():
                question()
        assert drawn() == expected
    finally:
        GLOBAL.set_bit_generator(before)


def test_seeds_count() -> None:
    """Alike they give the same numbers, otherwise others."""
    numbers = []
    for seed in (1, 1, 2):
        generators.seed(seed)
        numbers.append(drawn())
    assert numbers[0] == numbers[1]
    assert not set(numbers[1]) & set(numbers[2])
