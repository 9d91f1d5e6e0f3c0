"""Ctrl-C where it must wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from autograder.process.interrupts import held_back, terminable


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Python's own handler, which is not there where a shell has started all of this in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_strikes_when_the_block_is_left() -> None:
    """Not inside, where it would tear what is being imported; and as if it had come then."""
    finished = False

    def work() -> None:
        nonlocal finished
        with held_back():
            signal.raise_signal(signal.SIGINT)
            finished = True

    with pytest.raises(KeyboardInterrupt):
        work()
    assert finished


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_is_like_it_waits_as_well(number: signal.Signals) -> None:
    """Where it does what Ctrl-C does, for whoever hears that, or ignores it; another handler of its own is kept."""
    before = {other: signal.signal(other, signal.SIG_DFL) for other in (signal.SIGTERM, signal.SIGHUP)}
    try:
        terminable()
        reached: list[bool] = []
        with pytest.raises(KeyboardInterrupt):
            _struck_inside(number, reached)
        assert reached
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.signal(signal.SIGINT, lambda *_: reached.append(False))
        signal.raise_signal(number)
        assert reached == [True, False]
        signal.signal(number, signal.SIG_IGN)
        terminable()
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        for other, handler in before.items():
            signal.signal(other, handler)


def _struck_inside(number: int, reached: list[bool]) -> None:
    with held_back():
        signal.raise_signal(number)
        reached.append(True)


def test_nothing_strikes_when_nothing_came() -> None:
    """And the handler that stood before stands again."""
    before = signal.getsignal(signal.SIGINT)
    with held_back():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_inside_is_not_swallowed() -> None:
    """It is told on; without Ctrl-C nothing else is."""
    with pytest.raises(ZeroDivisionError), held_back():
        raise ZeroDivisionError


def test_another_thread_needs_no_holding() -> None:
    """Only the main thread may set handlers, and only it is interrupted."""
    done: list[bool] = []

    @held_back()
    def work() -> None:
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_a_handler_of_the_embedding_program_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python cannot set again what it did not set."""
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(signal, "getsignal", lambda _: None)
        with held_back():
            pass
    assert signal.getsignal(signal.SIGINT) is before
