"""Whoever answers a check's questions.

While grading it is a confined runner behind a socket; when students check their own notebook it is the
very process they work in. Proxies cannot tell the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from autograder.wire.messages import Computed, Replay, Reply, Request


class Peer(Protocol):
    """Answers requests about the names that a notebook's cells have bound."""

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        """The reply and the tensors that came with it.

        Raises :class:`~autograder.evidence.verdict.Verdict` where student code hangs, dies or talks nonsense.
        """
        ...

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """The reply of a process that has seen nothing of the student's; None where it gives none in time."""
        ...
