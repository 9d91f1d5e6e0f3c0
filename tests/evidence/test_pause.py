"""While a question is judged, what its checks all want to know is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from autograder.evidence.pause import Pause
from autograder.evidence.verdict import Verdict
from autograder.results import Outcome
from autograder.wire.messages import (
    Compute,
    Computed,
    Draw,
    Fetch,
    Fetched,
    Found,
    Look,
    Raised,
    Replay,
    Reply,
    Request,
    Seen,
    Survey,
    Surveyed,
    TensorFacts,
    Trace,
)

FACTS = TensorFacts(shape=(2,), dtype="float32", layout="strided")


class Counting:
    """Answers with a tensor of how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        self.asked.append(request)
        reply = Seen(kind="other") if isinstance(request, Look) else Fetched(facts=FACTS)
        return reply, [torch.full((2,), float(len(self.asked)))]

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        return None


def test_the_same_is_asked_once_and_something_else_is_asked() -> None:
    """Another name, another input or another mode is another question."""
    peer = Counting()
    pause = Pause(peer)
    inputs = Draw(seed=1, shape=(2, 3))
    different: list[Request] = [
        Look(name="x"),
        Look(name="y"),
        Fetch(name="x"),
        Trace(name="x", inputs=inputs, dtype="float32"),
        Trace(name="x", inputs=inputs, dtype="float32", mode="train"),
    ]
    for request in [*different, *different]:
        pause.ask(request)
    assert peer.asked == different


@dataclass
class Surveying(Counting):
    """Tells of many names at once, unless it is to raise."""

    raises: Raised | Verdict | None = None
    asked: list[Request] = field(default_factory=list)

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        if not isinstance(request, Survey):
            return super().ask(request, tensors)
        self.asked.append(request)
        if isinstance(self.raises, Verdict):
            raise self.raises
        if self.raises is not None:
            return self.raises, ()
        unusual = Found(Seen(kind="tensor"), Fetched(facts=FACTS, problem="sparse"))
        small, large = Found(Seen(kind="tensor"), Fetched(facts=FACTS)), Found(Seen(kind="tensor"))
        return Surveyed((unusual, small, large)), [torch.ones(2)]


def test_all_names_are_asked_for_at_once() -> None:
    """When a check first asks for one of them; only a large tensor's numbers are asked for by themselves."""
    peer = Surveying()
    pause = Pause(peer, ["u", "x", "y"])
    assert pause.ask(Look("x"))[0] == Seen(kind="tensor")
    assert pause.ask(Fetch("x"))[1][0].tolist() == [1.0, 1.0]
    assert pause.ask(Fetch("u")) == (Fetched(facts=FACTS, problem="sparse"), [])
    assert peer.asked == [Survey(("u", "x", "y"))]
    for request in (Fetch("y"), Look("z"), Fetch("y"), Look("z"), Look("y")):
        pause.ask(request)
    assert peer.asked == [Survey(("u", "x", "y")), Fetch("y"), Look("z")]


@pytest.mark.parametrize(
    "raises", [Raised("KeyboardInterrupt", ""), Verdict(Outcome.TIMEOUT, [])], ids=["error", "late"]
)
def test_what_cannot_be_told_at_once_is_asked_one_by_one(raises: Raised | Verdict) -> None:
    """An object that never ends to be looked at costs the checks that ask for it."""
    peer = Surveying(raises=raises)
    pause = Pause(peer, ["x", "y"])
    assert [pause.ask(Look(name))[0] for name in ("x", "y", "x")] == [Seen(kind="other")] * 3
    assert peer.asked == [Survey(("x", "y")), Look("x"), Look("y")]


def test_what_a_check_does_to_a_tensor_stays_with_it() -> None:
    """The next check gets the student's numbers, not what is left of them."""
    pause = Pause(Counting())
    pause.ask(Fetch(name="x"))[1][0].zero_()
    assert pause.ask(Fetch(name="x"))[1][0].tolist() == [1.0, 1.0]


def test_forward_passes_are_never_remembered() -> None:
    """A module that answers differently the second time is to be caught at it."""
    peer = Counting()
    pause = Pause(peer)
    request = Compute(name="x", dtype="float32", push=(), passes=())
    pause.ask(request)
    pause.ask(request)
    assert peer.asked == [request, request]
