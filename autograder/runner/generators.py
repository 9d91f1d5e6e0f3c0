"""The random number generators of a process that students use: torch's, Python's and numpy's global one."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy
import torch

_numpys: Any = numpy.random  # whose stubs lack some of it
_NUMPY_BYTES = 625 * 4  # of a Mersenne Twister's state in numpy: 624 words and a place among them


def seed(number: int) -> None:
    """Begin all three anew, from a number below 2^32, as numpy wants it."""
    global _seeded
    torch.default_generator.manual_seed(number)  # torch.manual_seed also prepares for GPUs: 1 ms in a fresh fork
    random.seed(number)
    _seed_numpy(number)
    generator = _numpys.get_bit_generator()
    _seeded = _Seeded(number, generator, _words(generator))


class Kept:
    """Their states as cells left them, while questions are asked that may draw from them as they like.

    Kept once for many questions.
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
            if of_numpy is not None:
                numpy.random.set_state(of_numpy)
            elif _seeded is not None and not _is_as_seeded():
                _seed_numpy(_seeded.number)


class _Seeded(NamedTuple):
    """What numpy's generator was when it had been seeded."""

    number: int
    generator: Any
    words: bytes


_seeded: _Seeded | None = None


def _of_numpy() -> Any:
    """Its state; None for that in which it was seeded.

    Reading it takes numpy 40 µs, setting it as long: few notebooks draw from it at all. The usual generator's words are
    a list: set from an array each is checked by itself.
    """
    if _is_as_seeded():
        return None
    state: Any = numpy.random.get_state(legacy=False)
    words = state["state"]
    if isinstance(words, dict) and "key" in words:
        words["key"] = words["key"].tolist()
    return state


def _is_as_seeded() -> bool:
    """Whether nobody has drawn from numpy's generator since it was seeded.

    Normal numbers are drawn in pairs: of one that is left over the words say nothing, but they have moved for it.
    """
    generator = _numpys.get_bit_generator()
    return _seeded is not None and generator is _seeded.generator and _words(generator) == _seeded.words


def _words(generator: Any) -> bytes:
    return ctypes.string_at(generator.ctypes.state_address, _NUMPY_BYTES)


_seed_numpy = numpy.random.seed


@contextmanager
def restored() -> Iterator[None]:
    """Whatever happens inside, they are afterwards as they were."""
    kept = Kept()
    kept.keep()
    try:
        yield
    finally:
        kept.put_back()
