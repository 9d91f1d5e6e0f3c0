"""The trusted end of a conversation, against a peer that says what a test tells it to."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from autograder.sandbox.channel import TOGETHER_BYTES, Channel, Died, Overran, RunnerLost, Spoke
from autograder.sandbox.contract import Heard, packed
from autograder.wire import messages
from autograder.wire.frames import MAX_BLOB_BYTES, MAX_STRUCTURE_BYTES, Buffer, Frame, pack
from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Fetch,
    Fetched,
    Look,
    Raised,
    Ready,
    Reply,
    RunCell,
    Seen,
    TensorFacts,
)
from autograder.wire.tensors import pack_tensors


@dataclass
class Peer:
    """A process that only sleeps, and the far end of its channel."""

    channel: Channel
    far: socket.socket
    process: subprocess.Popen[bytes]

    def says(self, *parts: bytes) -> None:
        """Send these bytes once the next request has begun to arrive."""

        def speak() -> None:
            self.far.recv(1)
            for part in parts:
                self.far.sendall(part)

        threading.Thread(target=speak, daemon=True).start()

    def answers(self, reply: bytes) -> None:
        """Send this reply after each request that has come, as a runner does: it reads no other before."""

        def speak() -> None:
            buffer = Buffer()
            while data := self.far.recv(1 << 12):
                buffer.feed(data)
                while buffer.take() is not None:
                    self.far.sendall(reply)

        threading.Thread(target=speak, daemon=True).start()

    @property
    def killed(self) -> bool:
        return self.process.wait(5) == -signal.SIGKILL


@pytest.fixture
def peer() -> Iterator[Peer]:
    near, far = socket.socketpair()
    process = subprocess.Popen(["sleep", "60"])
    made = Peer(Channel(near, os.pidfd_open(process.pid)), far, process)
    yield made
    made.channel.close()
    far.close()
    process.wait()


def said(reply: Reply, blob: bytes = b"") -> bytes:
    return pack(Frame(messages.encode(reply), blob))


def test_a_question_gets_its_answer(peer: Peer) -> None:
    """The reply comes back decoded, however it was cut into pieces."""
    whole = said(Seen(kind="other"))
    peer.says(*(whole[place : place + 1] for place in range(len(whole))))
    assert peer.channel.ask(Look("x"), 5).reply == Seen(kind="other")


def test_tensors_come_with_their_answer(peer: Peer) -> None:
    """The numbers of a fetched tensor are those that were sent."""
    facts = TensorFacts(shape=(2,), dtype="float32", layout="strided")
    peer.says(said(Fetched(facts), pack_tensors([torch.tensor([1.0, 2.0])])))
    assert peer.channel.ask(Fetch("x"), 5).tensors[0].tolist() == [1.0, 2.0]


def requests(*names: str) -> list[bytes]:
    return [packed(Look(name)) for name in names]


def test_questions_that_are_sent_together_get_their_answers_in_order(peer: Peer) -> None:
    """One reply for each, whatever they are."""
    kinds = ["other", "class", "missing"]
    peer.says(*(said(Seen(kind=kind)) for kind in kinds))  # type: ignore[arg-type]
    heard = list(peer.channel.ask_all(requests("a", "b", "c"), lambda: 5))
    assert [peer.channel.read(Look("a"), one).reply for one in heard] == [Seen(kind=kind) for kind in kinds]  # type: ignore[arg-type]


def test_neither_end_waits_for_the_other(peer: Peer) -> None:
    """Requests and replies that are more than a socket holds are sent as they can be read."""
    large = [packed(RunCell(1, "#" * (TOGETHER_BYTES // 2), 1))] * 40
    reply = said(CellRan("x" * 100_000, truncated=False, skipped_commands=0, assigned=()))
    peer.answers(reply)
    assert [pack(heard.frame) for heard in peer.channel.ask_all(large, lambda: 60)] == [reply] * 40


def test_each_of_them_has_its_own_time(peer: Peer) -> None:
    """The clock of one begins with the answer to the one before it."""
    peer.says(said(Seen(kind="other")))
    heard = peer.channel.ask_all(requests("a", "b"), iter([60.0, 0.05]).__next__)
    assert next(heard) == Heard(Frame(messages.encode(Seen(kind="other")), b""))
    with pytest.raises(RunnerLost):  # it dies of the interrupt, at once or, on a busy machine, after its grace
        next(heard)


HOSTILE = {
    "a structure over the cap": struct.pack("<II", MAX_STRUCTURE_BYTES + 1, 0),
    "a blob over the cap": struct.pack("<II", 0, MAX_BLOB_BYTES + 1),
    "all ones": b"\xff" * 64,
    "an empty frame": struct.pack("<II", 0, 0),
    "no msgpack": pack(Frame(b"\xc1", b"")),
    "nested 100,000 deep": pack(Frame(b"\x91" * 100_000, b"")),
    "nested in a field that is not its own": pack(
        Frame(b"\x82\xa4type\xa4seen\xa1z" + b"\x91" * 100_000, b"")
    ),
    "an unknown tag": pack(Frame(b"\x81\xa4type\xa4evil", b"")),
    "a field too many": pack(Frame(b"\x82\xa4type\xa4seen\xa1z\x01", b"")),
    "a request": pack(Frame(messages.encode(Look("x")), b"")),
    "another kind of reply": said(Computed(passes=())),
    "the first word once more": said(Ready(layers=(), problems=())),
    "a name too long": said(Raised("x" * 201, "")),
    "a blob nobody announced": said(Seen(kind="other"), b"x"),
    "a blob too few": said(Fetched(TensorFacts((1,), "float32", "strided"))),
    "text that is no UTF-8": pack(Frame(b"\x82\xa4type\xa6raised\xa4name\xa1\xff", b"")),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_whoever_says_nonsense_is_killed(peer: Peer, data: bytes) -> None:
    """What is no answer to the question ends in ``Spoke``, and the process with it."""
    peer.says(data)
    with pytest.raises(Spoke):
        peer.channel.ask(Look("x"), 5)
    assert peer.killed


def test_as_many_passes_as_were_asked_for(peer: Peer) -> None:
    """Nothing may be left out of, or added to, the passes of a computation."""
    peer.says(said(Computed(passes=())))
    one = messages.Pass(messages.Draw(1, (1,)), "eval", "live", 1)
    with pytest.raises(Spoke):
        peer.channel.ask(Compute("m", "float32", (), (one,)), 5)


def test_an_answer_before_its_question_is_none(peer: Peer) -> None:
    """A reply that was there before it was asked for is nonsense, whole or torn."""
    peer.far.sendall(said(Seen(kind="other")))
    with pytest.raises(Spoke):
        peer.channel.ask(Look("x"), 5)
    assert peer.killed


def test_a_second_answer_is_nonsense(peer: Peer) -> None:
    """Two answers to one question: the first counts, and the second ends the conversation."""
    peer.says(said(Seen(kind="other")) * 2)
    assert peer.channel.ask(Look("x"), 5).reply == Seen(kind="other")
    with pytest.raises(Spoke):
        peer.channel.ask(Look("y"), 5)


# A shell cannot trap what is ignored when it starts, as an interrupt is wherever a shell has started all of this in the
# background.
TRAPPABLE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp("sh", ["sh", "-c", sys.argv[1]])
"""


def trapping(command: str) -> subprocess.Popen[bytes]:
    """A process that answers an interrupt by running ``command``, and is ready to."""
    program = f"trap '{command}' INT; echo ready; while :; do sleep 0.1; done"
    process = subprocess.Popen([sys.executable, "-c", TRAPPABLE, program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_late_answer_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said within the grace after the interrupt counts, as interrupted."""
    monkeypatch.setattr("autograder.sandbox.channel.GRACE_SECONDS", 30.0)
    near, far = socket.socketpair()
    process = trapping("echo interrupted")
    channel = Channel(near, os.pidfd_open(process.pid))

    def answer_late() -> None:
        assert process.stdout is not None
        if process.stdout.readline() == b"interrupted\n":
            far.sendall(said(Raised("KeyboardInterrupt", "")))

    threading.Thread(target=answer_late, daemon=True).start()
    try:
        answer = channel.ask(Look("x"), 0.1)
    finally:
        channel.close()
        far.close()
        process.wait()
    assert answer.interrupted


def test_silence_ends_with_the_deadline(peer: Peer) -> None:
    """No answer at all: an interrupt, a grace, and the end."""
    with pytest.raises(RunnerLost):
        peer.channel.ask(Look("x"), 0.05)
    assert peer.process.wait(5) < 0


def test_half_a_frame_is_no_answer() -> None:
    """A frame that never ends is silence."""
    near, far = socket.socketpair()
    peer = Peer(Channel(near, os.pidfd_open((process := trapping("")).pid)), far, process)
    peer.says(said(Seen(kind="other"))[:-1])
    try:
        with pytest.raises(Overran):
            peer.channel.ask(Look("x"), 0.1)
    finally:
        peer.channel.close()
        far.close()
    assert process.wait(5) == -signal.SIGKILL


def test_who_does_not_read_does_not_hold_us(peer: Peer) -> None:
    """A request that is never taken ends with its deadline."""
    with pytest.raises(Overran):
        peer.channel.ask(RunCell(1, "#" * 790_000, 10), 0.1)
    assert peer.killed


def test_a_stream_that_never_pauses_ends_too(peer: Peer) -> None:
    """Bytes that come so steadily that there is always one to read do not outlast the deadline."""
    stop = threading.Event()

    def drip() -> None:
        peer.far.recv(1)
        peer.far.sendall(struct.pack("<II", MAX_STRUCTURE_BYTES, MAX_BLOB_BYTES))
        while not stop.is_set():
            try:
                peer.far.send(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with pytest.raises(RunnerLost):
        peer.channel.ask(Look("x"), 0.1)
    stop.set()
    peer.channel.close()
    thread.join(5)
    assert not thread.is_alive()


def test_death_is_seen_though_its_socket_lives_on(peer: Peer) -> None:
    """The far end stays open elsewhere: the pidfd tells."""
    peer.process.kill()
    with pytest.raises(Died):
        peer.channel.ask(Look("x"), 60)


def test_hanging_up_is_dying(peer: Peer) -> None:
    """A process that closes its channel is ended."""
    peer.far.close()
    with pytest.raises(Died):
        peer.channel.ask(Look("x"), 60)
    assert peer.killed


def test_what_was_said_before_dying_counts(peer: Peer) -> None:
    """A whole answer that lies in the socket is read although its sender is gone."""

    def speak() -> None:
        peer.far.recv(1)
        peer.far.sendall(said(CellRan("", False, 0, ())))
        peer.process.kill()

    threading.Thread(target=speak, daemon=True).start()
    assert isinstance(peer.channel.ask(RunCell(1, "", 1), 5).reply, CellRan)


def test_descriptors_do_not_arrive(peer: Peer) -> None:
    """A message that carries descriptors is read for its bytes alone."""
    before = {file.name for file in Path("/proc/self/fd").iterdir()}

    def speak() -> None:
        peer.far.recv(1)
        socket.send_fds(peer.far, [said(Seen(kind="other"))], [0] * 200)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    assert peer.channel.ask(Look("x"), 5).reply == Seen(kind="other")
    thread.join()
    assert {file.name for file in Path("/proc/self/fd").iterdir()} == before


def test_lost_stays_lost(peer: Peer) -> None:
    """After the end every question ends in the same way, and closing, killing and interrupting do no harm."""
    peer.says(b"\xff" * 8)
    for _ in range(2):
        with pytest.raises(Spoke):
            peer.channel.ask(Look("x"), 5)
    peer.channel.close()
    peer.channel.close()
    peer.channel.kill()
    peer.channel.interrupt()
    with pytest.raises(Spoke):
        peer.channel.listen(time.monotonic() + 5)


def test_more_descriptors_than_select_can_hold(peer: Peer) -> None:
    """A worker with thousands of open files can still talk to a runner."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
    held = [os.dup(0) for _ in range(1_100)]
    try:
        near, far = socket.socketpair()
        process = subprocess.Popen(["sleep", "60"])
        channel = Channel(near, os.pidfd_open(process.pid))
        Peer(channel, far, process).says(said(Seen(kind="other")))
        assert channel.ask(Look("x"), 5).reply == Seen(kind="other")
        channel.close()
        far.close()
        process.wait()
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
