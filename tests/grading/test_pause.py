"""While a question is judged, what its checks all want to know is asked once, and what they will want together."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from autograder.evidence.verdict import Verdict
from autograder.grading.pause import Asked, Pause
from autograder.results import Outcome
from autograder.sandbox.contract import Answer, Heard, decoded, packed
from autograder.wire.frames import Frame
from autograder.wire.messages import (
    Compute,
    Draw,
    Fetch,
    Fetched,
    Look,
    Replay,
    Request,
    Seen,
    TensorFacts,
    Trace,
    Traced,
    encode,
)
from autograder.wire.tensors import pack_tensors

FACTS = TensorFacts(shape=(2,), dtype="float32", layout="strided")
PASSES = Compute(name="x", dtype="float32", push=(), passes=())


class Counting:
    """In the place of an execution: fetched numbers are how often it was asked. ``hangs``: what gets a verdict."""

    def __init__(self, *hangs: Request) -> None:
        self.asked: list[bytes] = []
        self._hangs = [packed(one) for one in hangs]

    def ask(self, request: bytes) -> Frame:
        self.asked.append(request)
        if request in self._hangs:
            raise Verdict(Outcome.TIMEOUT, [])
        if request == packed(Fetch("x")):
            return Frame(encode(Fetched(FACTS)), pack_tensors([torch.full((2,), float(len(self.asked)))]))
        return Frame(encode(Traced(()) if b"trace" in request else Seen("other")), b"")

    def read(self, request: Request, frame: Frame) -> Answer:
        return decoded(request, Heard(frame))


def pause(execution: Counting, *told: tuple[Request, Frame | Verdict]) -> Pause:
    ahead = [(packed(request), reply) for request, reply in told]
    return Pause(execution, ahead)  # type: ignore[arg-type]  # all that a pause asks of one


def asked(request: Request) -> Asked:
    return Asked(packed(request), lasting=not isinstance(request, Compute))


def test_the_same_is_asked_once_and_something_else_is_asked() -> None:
    """Another name, another input or another mode is another question."""
    execution = Counting()
    here = pause(execution)
    inputs = Draw(seed=1, shape=(2, 3))
    different: list[Request] = [
        Look(name="x"),
        Look(name="y"),
        Fetch(name="x"),
        Trace(name="x", inputs=inputs, dtype="float32"),
        Trace(name="x", inputs=inputs, dtype="float32", mode="train"),
    ]
    for request in [*different, *different]:
        here.ask(request)
    assert execution.asked == [data for data, _ in here.asked] == [packed(one) for one in different]


def test_a_request_without_a_reply_is_not_one_to_expect() -> None:
    """Whoever learns from it what is asked does not learn what hangs."""
    here = pause(Counting(Look("x")))
    with pytest.raises(Verdict):
        here.ask(Look("x"))
    here.ask(Look("y"))
    assert here.asked == [(packed(Look("y")), len(encode(Seen("other"))))]


def test_what_a_check_does_to_a_tensor_stays_with_it() -> None:
    """The next check gets the student's numbers, not what is left of them."""
    here = pause(Counting())
    here.ask(Fetch(name="x"))[1][0].zero_()
    assert here.ask(Fetch(name="x"))[1][0].tolist() == [1.0, 1.0]


def test_forward_passes_are_never_remembered() -> None:
    """A module that answers differently the second time is to be caught at it."""
    execution = Counting()
    here = pause(execution)
    for _ in range(2):
        here.reply(asked(PASSES))
    assert execution.asked == [packed(PASSES)] * 2


def test_what_was_told_ahead_waits_for_whoever_asks() -> None:
    """Each reply for its own request, one for every time it was expected; what is left over is asked."""
    execution = Counting()
    first, second = (Frame(encode(Seen(kind)), b"") for kind in ("module", "tensor"))
    here = pause(execution, (Look("x"), first), (PASSES, first), (PASSES, second))
    assert [here.reply(asked(one)) for one in (PASSES, Look("x"), PASSES, Look("x"))] == [first, first, second, first]
    assert execution.asked == []
    here.reply(asked(PASSES))
    here.ask(Look("y"))
    assert execution.asked == [packed(PASSES), packed(Look("y"))]


def test_a_verdict_is_for_whoever_asked() -> None:
    """The next who asks the same tries it anew."""
    execution = Counting(Look("x"))
    here = pause(execution)
    for _ in range(2):
        with pytest.raises(Verdict):
            here.ask(Look("x"))
    assert execution.asked == [packed(Look("x"))] * 2


def test_a_verdict_that_was_told_ahead_is_for_whoever_asks_for_it() -> None:
    """Once; it is tried by itself then."""
    execution = Counting(Look("y"))
    here = pause(execution, (Look("y"), Verdict(Outcome.TIMEOUT, [])))
    with pytest.raises(Verdict):
        here.ask(Look("y"))
    assert execution.asked == []
    with pytest.raises(Verdict):
        here.ask(Look("y"))
    assert execution.asked == [packed(Look("y"))]


def test_what_was_heard_ends_with_the_pause() -> None:
    """A verdict that was raised holds no stack on which it could stay: nothing waits for a collection."""
    gc.disable()
    try:
        here = pause(Counting(Look("x")))
        for _ in range(2):
            with pytest.raises(Verdict):
                here.ask(Look("x"))
        gone = weakref.ref(here)
        del here
        assert gone() is None
    finally:
        gc.enable()


def test_replies_that_are_given_back_wait_for_the_next_who_asks() -> None:
    """In their order, a verdict among them."""
    execution = Counting(Look("y"))
    here = pause(execution)
    with here.transcribed() as transcript:
        for request in (Fetch("x"), PASSES, PASSES):
            here.reply(asked(request))
        with pytest.raises(Verdict):
            here.reply(asked(Look("y")))
    before = [reply for _, reply in transcript.exchanges]
    here.give_back(transcript)
    so_far = len(execution.asked)
    assert [here.reply(asked(one)) for one in (PASSES, PASSES, Fetch("x"))] == [
        before[1],
        before[2],
        before[0],
    ]
    with pytest.raises(Verdict):
        here.ask(Look("y"))
    assert len(execution.asked) == so_far


def test_nothing_is_asked_of_an_answer_that_was_kept() -> None:
    """Later cells have run on what its names stood for."""
    execution = Counting()
    here = pause(execution)
    here.ask(Look("x"))
    here.end()
    with pytest.raises(RuntimeError, match="was kept"):
        here.ask(Look("x"))
    with pytest.raises(RuntimeError, match="was kept"):
        here.ask_afresh(Replay((), "float32", (), ()))
    assert execution.asked == [packed(Look("x"))]


def test_nothing_is_asked_in_another_thread() -> None:
    """There is one runner, and its replies are told apart by their order alone."""
    execution = Counting()
    here = pause(execution)
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="another thread"):
        pool.submit(here.ask, Look("x")).result()
    assert execution.asked == []


def test_a_reply_that_is_none_makes_no_whole_transcript() -> None:
    """A check may catch what it raises; whoever is only compared by it must not go on where this runner was ended."""

    class Mistaken(Counting):
        def read(self, request: Request, frame: Frame) -> Answer:
            raise Verdict(Outcome.CRASHED, [])

    here = pause(Mistaken())
    with here.transcribed() as transcript, pytest.raises(Verdict):
        here.ask(Look("x"))
    assert not transcript.whole
