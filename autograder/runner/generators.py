"""The random number generators of a process that students use: torch's, Python's and numpy's global one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import torch


def seed(number: int) -> None:
    """Begin all three anew."""
    torch.default_generator.manual_seed(
        number
    )  # torch.manual_seed also prepares for GPUs: 1 ms in a fresh fork
    random.seed(number)
    numpy.random.seed(number % (1 << 32))


class Kept:
    """Their states as cells left them, while questions are asked that may draw from them as they like.

    Kept once for many questions: it takes 30 µs.
    """

    def __init__(self) -> None:
        self._states: tuple[Any, ...] | None = None

    def keep(self) -> None:
        """Remember the states, unless they are remembered already."""
        if self._states is None:
            self._states = torch.get_rng_state(), random.getstate(), _of_numpy()

    def put_back(self) -> None:
        """Make them what was remembered, if anything was."""
        if self._states is not None:
            of_torch, of_python, of_numpy = self._states
            self._states = None
            torch.set_rng_state(of_torch)
            random.setstate(of_python)
            numpy.random.set_state(of_numpy)


def _of_numpy() -> Any:
    """Its state, the words of the usual generator as a list: set from an array each is checked by itself, in 30 µs."""
    state: Any = numpy.random.get_state()
    return (state[0], state[1].tolist(), *state[2:]) if isinstance(state, tuple) else state


@contextmanager
def restored() -> Iterator[None]:
    """Whatever happens inside, they are afterwards as they were."""
    kept = Kept()
    kept.keep()
    try:
        yield
    finally:
        kept.put_back()
