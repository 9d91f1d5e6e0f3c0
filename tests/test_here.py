"""A slot that is this very process: the same verdicts as a confined one, and a process left as it was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from autograder.errors import SandboxError
from autograder.here import Here, HereChannel
from autograder.process.interrupts import INTERRUPTED
from autograder.sandbox.contract import Answer, Died
from autograder.wire.messages import CellRan, Draw, Fetch, Look, RunCell, Seen, Trace


@pytest.fixture
def slot(tmp_path: Path) -> Iterator[Here]:
    here = Here(tmp_path)
    here.launch()
    yield here
    here.close()


@pytest.fixture
def channel(slot: Here) -> HereChannel:
    return slot.fork(seed=1).channel


def run(channel: HereChannel, source: str, seconds: float = 5.0) -> Answer:
    return channel.ask(RunCell(1, textwrap.dedent(source), 10_000), seconds)


def ran(channel: HereChannel, source: str, seconds: float = 5.0) -> CellRan:
    reply = run(channel, source, seconds).reply
    assert isinstance(reply, CellRan)
    return reply


def test_names_live_from_cell_to_cell_and_can_be_asked_for(channel: HereChannel) -> None:
    """What one cell binds, the next one finds, and a probe gets a copy of."""
    assert ran(channel, "import torch\nx = torch.ones(2)").assigned == ("torch", "x")
    assert ran(channel, "x = x + 1\nprint(x.sum().item())").output == "4.0\n"
    seen = channel.ask(Look("x"), 5).reply
    assert isinstance(seen, Seen)
    assert seen.kind == "tensor"
    (numbers,) = channel.ask(Fetch("x"), 5).tensors
    numbers.zero_()
    assert ran(channel, "print(x.sum().item())").output == "4.0\n"


def test_each_runner_starts_empty(slot: Here, channel: HereChannel) -> None:
    """A second shell knows nothing of the first, and no layer confines either."""
    ran(channel, "x = 1")
    runner = slot.fork()
    error = ran(runner.channel, "x").error
    assert error is not None
    assert error.name == "NameError"
    assert runner.layers == frozenset()


@pytest.mark.parametrize(
    "source",
    ["while True: pass", "import time\ntime.sleep(60)"],
    ids=["loop", "sleep"],
)
def test_a_late_cell_is_interrupted_and_the_next_one_runs(channel: HereChannel, source: str) -> None:
    """The cell ends, the process does not, and nothing is left of the interrupt."""
    answer = run(channel, source, seconds=0.2)
    assert answer.interrupted
    again = run(channel, "print('next')")
    assert not again.interrupted
    assert isinstance(again.reply, CellRan)
    assert again.reply.output == "next\n"


def test_a_late_probe_is_interrupted(channel: HereChannel) -> None:
    """A question that a student's own code makes endless is answered all the same."""
    ran(
        channel,
        """
        import torch
        class Slow(torch.nn.Module):
            def forward(self, x):
                while True: pass
        slow = Slow()
        """,
    )
    answer = channel.ask(Trace("slow", Draw(seed=1, shape=(2,), rows=1), "float32"), 0.2)
    assert answer.interrupted
    assert ran(channel, "print(1)").output == "1\n"


def test_a_cell_that_swallows_one_interrupt_gets_another(channel: HereChannel) -> None:
    """``except`` around a pause is not yet a way to run for ever."""
    answer = run(channel, "import time\ntry:\n    time.sleep(60)\nexcept:\n    time.sleep(60)", seconds=0.1)
    assert answer.interrupted


def test_what_cells_share_with_us_is_given_back(channel: HereChannel, tmp_path: Path) -> None:
    """Folder, import path, generators and the like are ours between cells, and the student's inside."""
    torch.manual_seed(5)
    before = (
        Path.cwd(),
        list(sys.path),
        sys.modules["__main__"],
        os._exit,
        random.getstate(),
        torch.get_rng_state().tolist(),
    )
    ran(
        channel,
        """
        import os, sys, random, torch
        os.mkdir("inside"); os.chdir("inside")
        sys.path.append("mine"); random.seed(3); torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False); torch.manual_seed(7); drawn = torch.rand(1).item()
        """,
    )
    assert before == (
        Path.cwd(),
        list(sys.path),
        sys.modules["__main__"],
        os._exit,
        random.getstate(),
        torch.get_rng_state().tolist(),
    )
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    torch.rand(3)
    source = (
        "print(os.path.basename(os.getcwd()), 'mine' in sys.path, torch.ones(1).dtype, torch.rand(1).item())"
    )
    generator = torch.Generator().manual_seed(7)
    wanted = torch.rand(2, generator=generator, dtype=torch.float64)
    assert ran(channel, source).output == f"inside True torch.float64 {wanted[1].item()}\n"


def test_files_beside_the_notebook_can_be_read_and_imported(channel: HereChannel, tmp_path: Path) -> None:
    """As in Jupyter: relative to the notebook's folder."""
    (tmp_path / "beside_the_notebook.py").write_text("answer = 42")
    (tmp_path / "data.txt").write_text("7")
    output = ran(channel, "import beside_the_notebook as b\nprint(b.answer, open('data.txt').read())").output
    assert output == "42 7\n"
    del sys.modules["beside_the_notebook"]


def test_ending_the_process_ends_the_submission_alone(channel: HereChannel) -> None:
    """``os._exit`` in a cell is a death as in the sandbox; we live on, and so does the true ``os._exit``."""
    ours = os._exit
    with pytest.raises(Died):
        run(channel, "import os\nos._exit(0)")
    with pytest.raises(Died):
        run(channel, "print(1)")
    assert os._exit is ours


def test_only_the_main_thread_can_be_interrupted(tmp_path: Path) -> None:
    """Elsewhere an interrupt would strike the wrong code, so that a slot is refused."""
    raised: list[BaseException] = []

    def launch() -> None:
        try:
            Here(tmp_path).launch()
        except SandboxError as error:
            raised.append(error)

    thread = threading.Thread(target=launch)
    thread.start()
    thread.join()
    assert "main thread" in str(raised[0])


def test_closing_gives_back_the_interrupt_and_the_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C and matplotlib's windows are the program's own again."""
    monkeypatch.setenv("MPLBACKEND", "svg")
    before = signal.getsignal(signal.SIGINT)
    slot = Here(tmp_path)
    slot.launch()
    assert os.environ["MPLBACKEND"] == "Agg"
    slot.close()
    slot.close()
    assert signal.getsignal(signal.SIGINT) is before
    assert os.environ["MPLBACKEND"] == "svg"


PERSON = """
import os, signal, sys, threading
from pathlib import Path
from autograder.here import Here
from autograder.wire.messages import RunCell

slot = Here(Path.cwd(), lambda: (os.write(1, b"stuck"), os.kill(os.getpid(), 9)))
slot.launch()
channel = slot.fork().channel
try:
    channel.ask(RunCell(1, {source!r}, 1000), {limit})
except KeyboardInterrupt:
    sys.exit(7)
"""
CTRL_C = "signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)"  # of a person, once the code runs
WITH_PERSON = f"""
import signal, threading, time
def person():
    threading.Thread(target=lambda: {CTRL_C}).start()
    while True:
        time.sleep(0.01)
"""
GUARD_SECONDS = 600.0  # for what takes 2 on a machine at rest: nothing waits for it
STUBBORN = "import time\nwhile True:\n    try: {}\n    except BaseException: pass"


@pytest.mark.parametrize(
    ("source", "limit", "code"),
    [
        (f"{WITH_PERSON}\nperson()", GUARD_SECONDS, 7),
        (WITH_PERSON + STUBBORN.format("person()"), GUARD_SECONDS, INTERRUPTED),
        (STUBBORN.format("time.sleep(1)"), 2, -signal.SIGKILL),
    ],
    ids=["Ctrl-C", "Ctrl-C twice", "nobody"],
)
def test_code_that_a_person_or_nobody_stops(tmp_path: Path, source: str, limit: float, code: int) -> None:
    """Ctrl-C is told from a deadline and comes out; what swallows it ends at the second, or where the owner says so."""
    program = PERSON.format(source=source, limit=limit)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, check=False, timeout=GUARD_SECONDS
    )
    assert done.returncode == code


def test_nothing_here_is_bound_to_linux() -> None:
    """What a student's own check imports needs none of the modules that Windows or macOS lack."""
    lacking = "fcntl resource sandlock pyseccomp pwd grp termios tty pty syslog".split()
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({lacking}));"
        "import select; del select.poll, select.epoll;"
        "import signal; del signal.SIGKILL, signal.SIGXCPU, signal.pidfd_send_signal;"
        "import autograder.here, autograder.grading.grader, autograder.pytest_plugin, autograder.cli.check,"
        "autograder.cli.verdicts;"
        "print(*(name for name in sys.modules if name.startswith('autograder.sandbox')))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=False, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) == {"autograder.sandbox", "autograder.sandbox.contract"}
