"""Whole gradings with a runner replaced by one that answers at random, slowly, out of order, twice, or never.

The channel, the decoder, the checks and the verdicts are the real ones; only at the far end of the socket stands a
thread of this test, beside a process that can be killed. Whatever it says, the submission is graded in time,
without a point and without a fault of the grader's.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from autograder.course.config import LAYERS, Limits
from autograder.grading.grader import Grader
from autograder.grading.job import Job
from autograder.pytest_plugin import Replay
from autograder.results import Result
from autograder.sandbox.channel import Channel
from autograder.sandbox.contract import Channel as AnyChannel
from autograder.sandbox.contract import Exit, Heard, Spoke, decoded
from autograder.wire import messages
from autograder.wire.frames import MAX_BLOB_BYTES, MAX_STRUCTURE_BYTES, Buffer, Frame, pack
from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Draw,
    Fetch,
    Fetched,
    Look,
    ParameterFacts,
    Passed,
    Raised,
    Reply,
    Request,
    RunCell,
    Seen,
    Step,
    Stepped,
    TensorFacts,
    Trace,
    Traced,
)
from autograder.wire.tensors import pack_tensors
from tests.grading import courses
from tests.grading.test_grader import cells, job

LIMITS = Limits(cell_seconds=0.3, submission_seconds=1.5)
LATE_SECONDS = 0.5
LOAD_SECONDS = 10.0  # more, where other work keeps the machine busy
SHAPES = [(), (0,), (1, 3), (5, 3), (1, 4), (16, 3), (3,), (3, 4), (2, 3, 4), (1, 3, 1, 1)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.int64, torch.uint8]
CLASSES = [
    "torch.nn.modules.module.Module",
    "torch.nn.modules.linear.Linear",
    "__main__.Model",
    "",
    "x" * 200,
]
Talk = Callable[[random.Random, Request], Iterator[bytes | float]]  # what to send, or how long to wait before


@dataclass(frozen=True)
class FalseRunner:
    channel: Channel
    layers: frozenset[str] = frozenset(LAYERS)


class FalseSlot:
    """Hands out runners that say what ``talk`` makes of each request."""

    def __init__(self, talk: Talk, seed: int) -> None:
        self._talk, self._random = talk, random.Random(seed)
        self._processes: dict[AnyChannel, tuple[subprocess.Popen[bytes], socket.socket]] = {}

    def launch(self) -> None:
        """Nothing to start."""

    wait = close = launch

    def expect(self, recipes: Sequence[Draw], cells: Sequence[str]) -> None:
        pass

    def fork(self, seed: int = 0) -> FalseRunner:
        near, far = socket.socketpair()
        process = subprocess.Popen(["sleep", "60"])
        channel = Channel(near, os.pidfd_open(process.pid))
        self._processes[channel] = process, far
        threading.Thread(target=self._live, args=(far,), daemon=True).start()
        return FalseRunner(channel)

    def retire(self, channel: AnyChannel) -> Exit:
        channel.close()
        process, far = self._processes.pop(channel)
        far.close()
        process.wait()
        return Exit(status=9, cpu_seconds=0.0, peak_mib=1.0)

    def _live(self, far: socket.socket) -> None:
        buffer = Buffer()
        try:
            while data := far.recv(1 << 16):
                buffer.feed(data)
                while (frame := buffer.take()) is not None:
                    for part in self._talk(self._random, messages.decode_request(frame.structure)):
                        if isinstance(part, bytes):
                            far.sendall(part)
                        else:
                            time.sleep(part)
        except OSError:
            return


def said(reply: Reply, tensors: Sequence[Tensor] = ()) -> bytes:
    return pack(Frame(messages.encode(reply), pack_tensors(tensors)))


def tensor(rng: random.Random) -> Tensor:
    shape = rng.choice(SHAPES)
    value = rng.choice([0.0, 1.0, float("nan"), float("inf"), -1.0])
    return torch.full(shape, value).to(rng.choice(DTYPES)) if rng.random() < 0.5 else torch.rand(shape)


def facts(rng: random.Random) -> tuple[ParameterFacts, ...]:
    right = [("weight", (3, 4)), ("bias", (3,))]
    some = right if rng.random() < 0.5 else [("w", rng.choice(SHAPES)) for _ in range(rng.randrange(4))]
    return tuple(
        ParameterFacts(name, shape, "float32", place if rng.random() < 0.9 else -1)
        for place, (name, shape) in enumerate(some)
    )


def answer(rng: random.Random, request: Request) -> tuple[Reply, list[Tensor]]:
    """The kind of reply that was asked for, with anything in it."""
    match request:
        case RunCell():
            names = tuple(rng.sample(["layer", "y", "model", "x", "z"], rng.randrange(5)))
            return CellRan(
                output="x" * rng.randrange(99), truncated=False, skipped_commands=0, assigned=names
            ), []
        case Look():
            kind = rng.choice(
                ["missing", "tensor", "module", "module", "module", "optimizer", "class", "other"]
            )
            about = TensorFacts(rng.choice(SHAPES), "float32", "strided")
            classes = tuple(rng.choices(CLASSES, k=rng.randrange(4)))
            return Seen(kind, classes, about, facts(rng), {"lr": rng.random()}), []  # type: ignore[arg-type]
        case Fetch():
            return Fetched(TensorFacts((1, 3), "float32", "strided")), [tensor(rng)]
        case Trace():
            return Traced(facts(rng)), []
        case Compute(passes=passes):
            counts = [rng.choice([0, 1, 1, 1, 2]) for _ in passes]
            outputs = [tensor(rng) for _ in range(sum(counts))]
            return Computed(tuple(Passed(outputs=count) for count in counts)), outputs
        case Step(push=push):
            return Stepped(outputs=len(push)), [tensor(rng) for _ in push]
    raise TypeError(request)


def at_random(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    """The right kind of answer with anything in it; now and then an error of the student's."""
    if rng.random() < 0.1:
        yield said(Raised(rng.choice(["MemoryError", "E" * 200, ""]), "m" * rng.randrange(4_000), 1, 2))
    else:
        yield said(*answer(rng, request))


def of_any_kind(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    """An answer to some other question."""
    compute = Compute("x", "float32", (), ())
    others: list[Request] = [RunCell(1, "", 1), Look("x"), Fetch("x"), compute, request]
    yield said(*answer(rng, rng.choice(others)))


def slowly(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    """The answer byte by byte, so that it is never whole in time."""
    for byte in said(*answer(rng, request)):
        yield 0.02
        yield bytes([byte])


def just_in_time(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    """Each answer shortly before its limit, so that only all of them together are late."""
    yield 0.2
    yield said(*answer(rng, request))


def twice(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    yield said(*answer(rng, request)) * 2


def never(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    yield from ()


def noise(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    yield rng.randbytes(rng.randrange(1, 200))


def without_end(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    """The largest frame that may be announced, and then more and more of it."""
    yield MAX_STRUCTURE_BYTES.to_bytes(4, "little") + MAX_BLOB_BYTES.to_bytes(4, "little")
    for _ in range(4_000):
        yield bytes(1 << 14)


def truncated(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    data = said(*answer(rng, request))
    yield data[: rng.randrange(len(data))]


def damaged(rng: random.Random, request: Request) -> Iterator[bytes | float]:
    data = bytearray(said(*answer(rng, request)))
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(8, len(data))] = rng.randrange(256)
    yield bytes(data)


TALKS: list[tuple[Talk, int]] = [
    *((at_random, seed) for seed in range(25)),
    *((of_any_kind, seed) for seed in range(5)),
    *((damaged, seed) for seed in range(10)),
    *((talk, 0) for talk in (slowly, just_in_time, twice, never, noise, without_end, truncated)),
]


@pytest.mark.parametrize(("talk", "seed"), TALKS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_whatever_a_runner_says(tmp_path: Path, talk: Talk, seed: int) -> None:
    """No point, no fault of ours, and an end within half a second of the limit."""
    result, seconds = graded(tmp_path, talk, seed)
    outcomes = {check.outcome.value for item in result.questions for check in item.checks}
    assert (result.status, result.score) == ("graded", 0), result
    assert not outcomes & {"passed", "grader_error"}
    assert seconds < LIMITS.submission_seconds + LATE_SECONDS + LOAD_SECONDS


def graded(root: Path, talk: Talk, seed: int) -> tuple[Result, float]:
    slot = FalseSlot(talk, seed)
    found: list[tuple[Result, float]] = []

    def grade(replay: Replay) -> None:
        grader = Grader(assignment, slot, replay, LIMITS, seed, "en")
        began = time.monotonic()
        submission: Job = job(cells())
        result = grader.grade(submission)
        found.append((result, time.monotonic() - began))
        assert grader.faults == []

    assignment = courses.two_questions(root, CHECKS)
    courses.held(assignment, root, grade)
    return found[0]


# Whatever is judged by behaviour; that an output has a shape, a runner may guess.
CHECKS = courses.CHECKS.replace(
    'assert_shape(answer.tensor("y"), (1, 3))', 'assert_close(answer.tensor("y"), HIDDEN)'
)
CHECKS = "HIDDEN = torch.tensor([[0.25, -1.5, 3.75]])\n" + CHECKS


@pytest.mark.parametrize(
    "structure",
    [
        b"\xdd\x00\x0f\xff\xff" + b"\xc0" * 0xFFFFF,  # an array of a million nothings
        b"\x91" * MAX_STRUCTURE_BYTES,  # arrays in arrays, a million deep
        b"\x82\xa4type\xa3ran\xa8assigned\xdd\x00\x01\xff\xff" + b"\xa1a" * 0x1FFFF,  # too many names
        b"\xdb\x00\x0f\xff\x00" + b"a" * 0xFFF00,  # a text in the place of a message
        b"\xdf\x00\x07\xff\xff" + b"\xa1a\xc0" * 0x3FFFF,  # a map with the same key again and again
    ],
    ids=["nothings", "nested", "names", "text", "map"],
)
def test_no_frame_costs_much(structure: bytes) -> None:
    """The worst structure and the largest blob are refused within a small multiple of their own size."""
    frame = Frame(structure[:MAX_STRUCTURE_BYTES], bytes(MAX_BLOB_BYTES))
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(Spoke):
            decoded(Look("x"), Heard(frame))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20
    assert time.process_time() - began < 5
