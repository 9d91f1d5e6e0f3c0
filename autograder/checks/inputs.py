"""What a check gives a model: numbers around zero, or the whole numbers that an embedding looks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.checks import stated
from autograder.wire.messages import Draw


@dataclass(frozen=True)
class Inputs:
    """Inputs of ``shape``, without the batch: real numbers, or with ``below`` int64 from 0 to ``below`` - 1."""

    shape: tuple[int, ...]
    below: int = 0

    @classmethod
    def of(cls, shape: Sequence[int], below: int | None) -> Inputs:
        """As an author states them.

        Raises :class:`TypeError` for a ``shape`` that is none, :class:`ValueError` for a ``below`` that leaves no
        number.
        """
        if below is not None and (isinstance(below, bool) or not isinstance(below, int) or below < 1):
            raise ValueError(f"input_below={below!r} leaves no whole number: 0 to input_below - 1 are drawn")
        return cls(stated.shape("input_shape", shape), below or 0)

    def batch(self, rows: int, seed: int, low: float = -1.0, high: float = 1.0) -> Draw:
        """The recipe for ``rows`` of them, real numbers in [``low``, ``high``)."""
        return Draw(seed, (rows, *self.shape), low, high, below=self.below)

    def single(self, seed: int, low: float, high: float) -> Draw:
        """The recipe for one, without a batch dimension."""
        return Draw(seed, self.shape, low, high, below=self.below)
