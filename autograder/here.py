"""A slot that is this very process: students check their own notebook where they stand, with no sandbox.

It has the interface of the confined one, and its channel answers with the code that answers in a runner, frames
and all: the same cells get the same verdicts. What a sandbox would keep apart, one process has only once: the working
directory, the random generators, the import path. A student's cells find them as they left them, and so do the
checks. Nothing is kept from the student's code, and its memory is not limited: they trust themselves.

Code that runs too long is interrupted as by Ctrl-C, from a thread that keeps the clock. Nothing can end code that
swallows every interrupt but the end of the process, which is left to whoever asked for the slot. And while compiled
code keeps all other threads waiting, as a regular expression does that backtracks for ever, only Ctrl-C is heard.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from autograder.errors import SandboxError
from autograder.process.interrupts import INTERRUPTED
from autograder.process.state import ProcessState
from autograder.runner import generators
from autograder.runner.cells import Session
from autograder.runner.conversation import answered, told
from autograder.sandbox.contract import Answer, Channel, Died, Exit, Heard, decoded
from autograder.wire import messages
from autograder.wire.frames import Frame, unpack
from autograder.wire.messages import Draw, Request

GRACE_SECONDS = 1.0
INTERRUPTS = 3
_end_process = os._exit  # students' cells find another one


@dataclass(frozen=True)
class HereRunner:
    """This process as a runner: no layer confines it."""

    channel: HereChannel
    layers: frozenset[str] = frozenset()


class Here:
    """Runs cells with ``folder`` as their working directory. :meth:`launch` it in the main thread.

    ``stuck`` is called, in another thread, once code that is late has ignored every interrupt.
    """

    def __init__(self, folder: Path, stuck: Callable[[], object] = lambda: None) -> None:
        self._folder = folder
        self._clock = _Clock(stuck)
        self._backend: str | None = None

    def launch(self) -> None:
        self._clock.start()
        self._backend = os.environ.get("MPLBACKEND")
        os.environ["MPLBACKEND"] = "Agg"  # a plot opens no window

    def wait(self) -> None:
        pass

    def expect(self, recipes: Sequence[Draw], cells: Sequence[str]) -> None:
        """One notebook is checked, once: nothing is done beforehand."""

    def fork(self, seed: int = 0) -> HereRunner:
        """A fresh shell; of the process's state, what earlier cells changed for good stays changed."""
        return HereRunner(HereChannel(self._folder, self._clock, seed))

    def retire(self, channel: Channel) -> Exit:
        channel.close()
        return Exit(status=0, cpu_seconds=0.0, peak_mib=0.0)

    def close(self) -> None:
        self._clock.stop()
        if self._backend is None:
            os.environ.pop("MPLBACKEND", None)
        else:
            os.environ["MPLBACKEND"] = self._backend


class HereChannel(Channel):
    """The conversation with a shell in this process. Ctrl-C comes out of it as KeyboardInterrupt."""

    def __init__(self, folder: Path, clock: _Clock, seed: int) -> None:
        self._clock = clock
        self._left = False
        self._state = ProcessState.of_notebook(folder, self._leave)
        with self._inside():
            generators.seed(seed)
            self._session = Session()

    def ask_all(self, requests: Sequence[bytes], seconds: Callable[[], float]) -> Iterator[Heard]:
        for request in requests:
            yield (heard := self._heard(unpack(request), seconds()))
            if heard.interrupted:
                return

    def read(self, request: Request, heard: Heard) -> Answer:
        return decoded(request, heard)

    def close(self) -> None:
        self._left = True

    def _heard(self, request: Frame, seconds: float) -> Heard:
        if self._left:
            raise Died
        with self._inside():
            reply = self._answer(request, seconds)
        if self._clock.cancelled:
            raise KeyboardInterrupt
        if self._left:
            raise Died
        return Heard(unpack(reply), self._clock.late)

    def _answer(self, request: Frame, seconds: float) -> bytes:
        try:
            with self._clock.running(seconds):
                try:
                    return answered(self._session, messages.decode_request(request.structure), request.blob)
                except BaseException as error:  # noqa: BLE001 - student code raises anything
                    return told(error)
        except KeyboardInterrupt as error:  # it struck just beside the student's code
            return told(error)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """While inside, the process is as the student's cells left it; afterwards, as it was."""
        outside = ProcessState.now()
        self._state.put()
        try:
            yield
        finally:
            try:
                self._state = ProcessState.now()
            finally:
                outside.put()

    def _leave(self, status: int = 0) -> NoReturn:
        """``os._exit`` in a cell ends the submission, not whoever checks it."""
        self._left = True
        raise SystemExit(status)


class _Clock:
    """Interrupts what runs too long, and tells its own interrupts from a person's.

    ``late`` and ``cancelled`` are about the code that ran last: whether it was interrupted, and by Ctrl-C.
    """

    def __init__(self, stuck: Callable[[], object]) -> None:
        self._stuck = stuck
        self._running = False
        self._sent = self._seen = 0  # interrupts of ours
        self._before: Any = None
        self.late = self.cancelled = False

    def start(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise SandboxError("only a program's main thread can check a notebook without a sandbox")
        self._before = signal.signal(signal.SIGINT, self._interrupted)

    def stop(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        self.late = self.cancelled = False
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, seconds), daemon=True)
        signal.signal(signal.SIGINT, self._interrupted)  # anew: student code may have changed it
        watch.start()
        try:
            self._running = True
            yield
        finally:
            self._running = False
            done.set()
            watch.join()
            signal.signal(signal.SIGINT, self._interrupted)  # handles what is still pending
            self._seen = self._sent

    def _watch(self, done: threading.Event, seconds: float) -> None:
        if done.wait(seconds):
            return
        for _ in range(INTERRUPTS):
            self.late = True
            self._sent += 1
            _interrupt()
            if done.wait(GRACE_SECONDS):
                return
        self._stuck()

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._seen < self._sent:
            self._seen += 1
            if self._running:
                raise KeyboardInterrupt
            return
        if self.cancelled:
            _end_process(INTERRUPTED)  # the code swallowed the first one
        self.cancelled = self._running
        raise KeyboardInterrupt


def _interrupt() -> None:
    """An interrupt of the main thread; where the system can, one that wakes it from a pause as well."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()
