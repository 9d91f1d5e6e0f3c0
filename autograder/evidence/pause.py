"""A question's pause: while its checks ask, none of the notebook's cells runs.

Every request leaves things as they were, so what a name stands for and what a module's pass looks like is asked once,
and all checks of the question share the answer. Only Python's and numpy's generators go on, and are put back before
the next cell. What the question's own names stand for is asked for all together when a check first asks for any: 40
round trips of dl1 become 11.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from autograder.evidence.peer import Peer
from autograder.evidence.verdict import Verdict
from autograder.wire.messages import (
    MAX_SURVEYED,
    Computed,
    Fetch,
    Look,
    Replay,
    Reply,
    Request,
    Survey,
    Surveyed,
    Trace,
    encode,
)

_Answer = tuple[Reply, Sequence[Tensor]]


class Pause:
    """A peer that remembers, for one question; ``names`` are those that its checks are sure to ask for."""

    def __init__(self, peer: Peer, names: Sequence[str] = ()) -> None:
        self._peer = peer
        self._names = tuple(names[:MAX_SURVEYED])
        self._known: dict[bytes, _Answer] = {}

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> _Answer:
        """As the peer answers; a check may do to the tensors what it likes."""
        if tensors or not isinstance(request, Look | Fetch | Trace):
            return self._peer.ask(request, tensors)
        if isinstance(request, Look | Fetch) and request.name in self._names:
            self._survey()
        key = encode(request)
        if key not in self._known:
            self._known[key] = self._peer.ask(request)
        reply, known = self._known[key]
        return reply, [tensor.clone() for tensor in known]

    def _survey(self) -> None:
        """Remember what all names stand for; where that cannot be had at once, each is asked by itself."""
        names, self._names = self._names, ()
        try:
            reply, tensors = self._peer.ask(Survey(names))
        except Verdict:  # one of them hangs, say, which the check that asks for it is to bear
            return
        if not isinstance(reply, Surveyed):
            return
        rest = iter(tensors)
        for name, found in zip(names, reply.found, strict=True):
            self._known[encode(Look(name))] = found.seen, ()
            if (fetched := found.fetched) is not None:
                self._known[encode(Fetch(name))] = fetched, [] if fetched.problem else [next(rest)]

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """As the peer does."""
        return self._peer.ask_afresh(request)
