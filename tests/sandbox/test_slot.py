"""A slot's life: how runners end, what they may use, and what happens when the fork server or its owner dies."""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from autograder.course.config import LAYERS
from autograder.errors import SandboxError
from autograder.sandbox import slot as slot_module
from autograder.sandbox.channel import Died, Overran
from autograder.sandbox.slot import Slot
from autograder.sandbox.workplace import Workplace
from autograder.wire import messages
from autograder.wire.control import DRAW, MAX_MESSAGE_BYTES, RECIPES_A_MESSAGE
from autograder.wire.messages import CellRan, Compute, Draw, Pass, Push, RunCell
from tests.confined import LIMITS, Confined


def test_a_runner_says_which_layers_confine_it(confined: Confined) -> None:
    """All four, by name, before any student code was read."""
    runner = confined.slot.fork()
    confined.slot.retire(runner.channel)
    assert runner.layers == frozenset(LAYERS)


def test_a_runner_is_as_if_python_had_forked_it(confined: Confined) -> None:
    """Its one thread is the main one; threads, locks, timers, loggers and other generators work from then on."""
    ended = confined.run(
        """
        import concurrent.futures, logging, os, random, signal, tempfile, threading, uuid
        assert threading.current_thread() is threading.main_thread()
        assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(abs, (1, -2))) == 3
        logging.getLogger("x").warning("said")
        signal.signal(signal.SIGALRM, lambda *_: print("rung"))
        signal.raise_signal(signal.SIGALRM)
        print(uuid.uuid4(), tempfile.mkdtemp(), random.SystemRandom().random(), os.getpid())
        """
    )
    assert ended.errors == [""]
    assert ended.output.startswith("said\nrung\n")


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("import os\nos._exit(0)", 0),
        ("import os\nos.kill(os.getpid(), 9)", signal.SIGKILL),
        ("import os\nos.abort()", signal.SIGABRT),
        ("import ctypes\nctypes.string_at(0)", signal.SIGSEGV),
        ("import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(5)", signal.SIGALRM),
    ],
    ids=["_exit", "kill", "abort", "segfault", "alarm"],
)
def test_a_process_that_ends_itself_is_dead_and_the_slot_is_not(
    confined: Confined, source: str, number: int
) -> None:
    """The channel says so at once, the exit says how, and the next runner works."""
    ended = confined.run(source)
    assert ended.lost is Died
    assert ended.exit is not None
    assert ended.exit.signal == number
    assert confined.run("print(1)").output == "1\n"


@pytest.mark.parametrize(
    "source",
    ["while True: pass", "import time\ntime.sleep(60)", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')"],
    ids=["loop", "sleep", "regular expression"],
)
def test_a_late_cell_is_interrupted_and_the_next_one_runs(
    confined: Confined, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGINT ends the cell, not the process."""
    monkeypatch.setattr("autograder.sandbox.channel.GRACE_SECONDS", 20.0)  # a busy machine obeys as surely
    ended = confined.run(source, "print('next')", seconds=1.5)
    assert [answer.interrupted for answer in ended.answers] == [True, False]
    assert ended.output == "next\n"


@pytest.mark.parametrize(
    "source",
    [
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "import time\nwhile True:\n  try: time.sleep(9)\n  except BaseException: pass",
        "import os\nos.kill(os.getpid(), 19)",
    ],
    ids=["ignored", "blocked", "caught for ever", "stopped itself"],
)
def test_who_does_not_obey_an_interrupt_is_killed(confined: Confined, source: str) -> None:
    """Ignoring SIGINT helps nobody past the grace."""
    ended = confined.run(source, seconds=1.0)  # long enough to have begun
    assert ended.lost is Overran
    assert ended.exit is not None
    assert ended.exit.signal == signal.SIGKILL


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import torch\ntorch.zeros(10**11)", "RuntimeError"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("import mmap\nmmap.mmap(-1, 2 << 30, flags=mmap.MAP_SHARED)", "OSError"),
        ("open('big', 'wb').write(bytes(2 << 20))", "OSError"),
        ("for i in range(9): open(str(i), 'wb').write(bytes(1 << 20))", "OSError"),
        ("for i in range(5000): open(str(i), 'w').close()", "OSError"),
        ("files = [open('x', 'w') for i in range(100)]", "OSError"),
        (
            "import threading, time\n"
            "for i in range(99): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            "RuntimeError",
        ),
    ],
    ids=["tensor", "memory", "shared memory", "a file", "the folder", "many files", "open files", "threads"],
)
def test_a_runner_that_takes_too_much_is_refused(confined: Confined, source: str, error: str) -> None:
    """Every resource ends with an error that a program can handle, and the process goes on."""
    ended = confined.run(source, "print('next')")
    assert ended.errors == [error, ""]


def test_who_holds_all_memory_is_out_of_it(confined: Confined) -> None:
    """Memory that a cell keeps, so that not even the next question can be read, is told from an ordinary end."""
    ended = confined.run("held = []\nwhile True: held.append(bytes(2_000))", "print('next')", seconds=20)
    assert ended.exit is not None
    assert ended.lost is not Died or ended.exit.out_of_memory
    assert not confined.run("import os\nos._exit(1)").exit.out_of_memory  # type: ignore[union-attr]


def test_threads_end_with_their_runner(confined: Confined) -> None:
    """A busy background thread does not outlive the submission: its pidfd says that the process is gone."""
    runner = confined.slot.fork()
    pidfd = os.dup(runner.channel._pidfd)
    confined.slot.retire(runner.channel)
    with os.fdopen(pidfd):
        assert select.select([pidfd], [], [], 0)[0]


def test_forking_leaks_no_descriptor(confined: Confined) -> None:
    """After many runners this process holds as many descriptors as before."""
    confined.run("1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        confined.slot.retire(confined.slot.fork().channel)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_two_runners_may_be_retired_in_any_order(confined: Confined) -> None:
    """Each exit belongs to its own runner."""
    first, second = confined.slot.fork(), confined.slot.fork()
    second.channel.kill()
    assert confined.slot.retire(first.channel).signal == signal.SIGKILL
    assert confined.slot.retire(second.channel).signal == signal.SIGKILL


def test_a_runner_is_retired_once(confined: Confined) -> None:
    """The second time it is none of the slot's, which is said at once."""
    runner = confined.slot.fork()
    confined.slot.retire(runner.channel)
    with pytest.raises(SandboxError, match="retired before"):
        confined.slot.retire(runner.channel)


def test_a_slot_that_was_not_launched_says_so() -> None:
    """Neither waiting nor forking hangs."""
    with pytest.raises(SandboxError, match="not running"):
        Slot().fork()
    with pytest.raises(SandboxError, match="not running"):
        Slot().wait()
    with pytest.raises(SandboxError, match="not running"):
        Slot().expect([], [])


def test_a_module_that_cannot_be_preloaded_is_named() -> None:
    """The reason is the course's configuration, and the slot leaves nothing behind."""
    slot = Slot(preload=("no_such_module",))
    slot.launch()
    with pytest.raises(SandboxError, match=r"preload: ModuleNotFoundError.*no_such_module"):
        slot.wait()


def test_what_is_preloaded_is_there() -> None:
    """In a runner, before its first cell; its generators are seeded all the same, whatever is done at a fork."""
    source = "import random, sys\nprint('wave' in sys.modules, random.random())"
    printed = []
    slot = Slot(limits=LIMITS, preload=("wave",))
    slot.launch()
    slot.wait()
    try:
        for seed in (1, 1, 2):
            runner = slot.fork(seed)
            reply = runner.channel.ask(RunCell(1, source, 100), 5).reply
            slot.retire(runner.channel)
            assert isinstance(reply, CellRan)
            printed.append(reply.output)
    finally:
        slot.close()
    assert printed[0].startswith("True ")
    assert printed[0] == printed[1] != printed[2]


def test_what_is_expected_is_done_before_the_fork() -> None:
    """More of it than one message holds, and again by a fork server that is started anew; the numbers are the same.

    Of the cells those that are Python, and that have nothing to say to whoever runs them.
    """
    recipes = [Draw(seed=seed, shape=(2, 3), low=-3.0) for seed in range(RECIPES_A_MESSAGE + 1)]
    cells = ["x = 1\nx", "!ls", "x = '\\d'", "x = '" + "a" * MAX_MESSAGE_BYTES + "'"]
    compiled = "from autograder.runner import cells\nprint(len(cells.session()._shell._expected), end=' ')"
    count = RunCell(1, f"from autograder.wire import tensors\n{compiled}\nprint(len(tensors._expected))", 100)
    layer = RunCell(2, "import torch\nfrom torch import nn\nlayer = nn.Linear(3, 2, bias=False)", 100)
    one = Pass(Draw(seed=0, shape=(3,), rows=1), "eval", "live", 1)
    counts: list[object] = []
    outputs: list[torch.Tensor] = []
    slot = Slot(limits=LIMITS)
    slot.launch()
    slot.wait()
    try:
        for step in ("plain", "expected", "anew"):
            if step == "expected":
                slot.expect(recipes, cells)
            elif step == "anew":
                slot.close()
                slot.launch()
                slot.wait()
            runner = slot.fork()
            counts.append(runner.channel.ask(count, 5).reply)
            runner.channel.ask(layer, 5)
            outputs += runner.channel.ask(Compute("layer", "float32", (Push(0, recipes[-1]),), (one,)), 5).tensors
            slot.retire(runner.channel)
    finally:
        slot.close()
    assert [one.output for one in counts if isinstance(one, CellRan)] == ["0 0\n", *[f"1 {len(recipes)}\n"] * 2]
    assert len(outputs) == 3
    assert all(torch.equal(output, outputs[0]) for output in outputs)


def test_the_longest_recipes_fit_into_a_message() -> None:
    """However large their numbers are."""
    longest = Draw(1 << 31, (1 << 24,) * 8, -0.1, 0.1, 1 << 31, 1 << 31)
    assert len(DRAW + messages.encode([longest] * RECIPES_A_MESSAGE)) <= MAX_MESSAGE_BYTES


def test_the_fork_servers_death_is_the_sandboxs_fault_and_it_can_start_again() -> None:
    """A question in flight is lost, everything after it is a SandboxError, nothing hangs; a new start works."""
    slot = Slot(limits=LIMITS)
    slot.launch()
    slot.wait()
    try:
        runner = slot.fork()
        assert slot._process is not None
        server, _ = _descendants(slot._process.pid)
        os.kill(server, signal.SIGKILL)
        with pytest.raises(Died):
            runner.channel.ask(RunCell(1, "while True: pass", 10), 60)
        with pytest.raises(SandboxError):
            slot.retire(runner.channel)
        with pytest.raises(SandboxError):
            slot.fork()
        slot.close()
        slot.launch()
        slot.wait()
        slot.retire(slot.fork().channel)
    finally:
        slot.close()


@pytest.mark.parametrize("kills", [[3, 3], [3, 4]], ids=["no", "yes"])
def test_a_runner_that_the_kernel_took_its_memory_from(
    confined: Confined, monkeypatch: pytest.MonkeyPatch, kills: list[int]
) -> None:
    """Is told from one that killed itself by the kernel's own count; what ended otherwise is none."""
    starved = kills[0] != kills[1]
    for source, expected in (("os.kill(os.getpid(), 9)", starved), ("os._exit(0)", False)):
        count = iter(kills)
        monkeypatch.setattr(slot_module, "oom_kills", lambda count=count: next(count))
        runner = confined.slot.fork()
        with pytest.raises(Died):
            runner.channel.ask(RunCell(1, f"import os\n{source}", 10), 60)
        assert confined.slot.retire(runner.channel).starved is expected


def test_the_kernels_count_is_found() -> None:
    """Where it keeps one, as every kernel that can confine a runner does."""
    lines = Path("/proc/vmstat").read_text().splitlines()
    assert slot_module.oom_kills() >= int(dict(line.split() for line in lines)["oom_kill"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start what the limit then binds")
def test_no_room_for_a_runner_is_said(confined: Confined) -> None:
    """And what to do; the fork server lives on."""
    slot = Slot(number=9, limits=LIMITS)
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, before[1]))
    try:
        slot.launch()
        slot.wait()
        for _ in range(2):
            with pytest.raises(SandboxError, match=r"forked \(Resource temporarily unavailable\)\. Allow more"):
                slot.fork()
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, before)
        slot.close()


def test_a_limit_above_the_machines_own_is_named() -> None:
    """With the setting and with both remedies."""
    lowered = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1 << 10)
    command = [sys.executable, "-c", OWNER_OF_FEW.format(lowered=lowered)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert f"rlimits: open_files: {lowered} is all that this machine allows" in done.stdout, done.stderr
    assert "lower limits.open_files" in done.stdout


OWNER_OF_FEW = """
import resource
from autograder.course.config import Limits
from autograder.errors import SandboxError
from autograder.sandbox.slot import Slot
resource.setrlimit(resource.RLIMIT_NOFILE, ({lowered}, {lowered}))
slot = Slot(limits=Limits(open_files=1 << 16))
slot.launch()
slot.wait()
try:
    slot.fork()
except SandboxError as error:
    print(error)
finally:
    slot.close()
"""

GUARD_SECONDS = 600.0  # for what takes 3 on a machine at rest: nothing waits for it
END_SECONDS = 60.0  # likewise, for what takes none
OWNER = f"""
import sys
from autograder.sandbox import slot
from autograder.wire.messages import RunCell
slot.START_SECONDS = slot.READY_SECONDS = {GUARD_SECONDS}
owned = slot.Slot(layers=sys.argv[1].split(","))
owned.launch()
owned.wait()
runner = owned.fork()
print("ready", flush=True)
runner.channel.ask(RunCell(1, "while True: pass", 10), {GUARD_SECONDS})
"""


@pytest.mark.parametrize("layers", [LAYERS, LAYERS[1:]], ids=["namespaces", "no namespaces"])
def test_everything_ends_with_its_owner(layers: tuple[str, ...]) -> None:
    """Killing the process that owns a slot ends the fork server and a busy runner: no process of its tree is left."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, ",".join(layers)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner, owner.stdout:
        assert owner.stdout.readline() == b"ready\n"
        family = {os.pidfd_open(pid): pid for pid in _descendants(owner.pid)}
        assert len(family) >= 2
        owner.kill()
        owner.wait()
        assert [pid for ended, pid in family.items() if not _is_readable(ended)] == []
        for ended in family:
            os.close(ended)


def _descendants(pid: int) -> list[int]:
    children = [
        int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    ]
    return [*children, *(below for child in children for below in _descendants(child))]


def _is_readable(descriptor: int) -> bool:
    """Whether it becomes so: a process's does when that ends."""
    return bool(select.select([descriptor], [], [], END_SECONDS)[0])


def test_without_namespaces_and_seccomp_nothing_outlives_or_is_left_either() -> None:
    """A double fork in a session of its own ends with its runner, and a tree 3,000 deep does not reach the next."""
    confined = Confined(("landlock", "rlimits"))
    try:
        first = confined.run(
            """
            import os, time
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(60)
                time.sleep(60)
            """
        )
        assert first.errors == [""]
        assert confined.slot._process is not None
        assert _descendants(confined.slot._process.pid) == []
        assert confined.run("import os\nprint(os.listdir('.'))").output == "[]\n"
    finally:
        confined.close()


def test_a_workplace_leaves_nothing() -> None:
    """Folders that their owner may not enter, and links out of the place, are removed with it; their targets stay."""
    place = Workplace(None)
    Path(place.folder, "closed").mkdir(0)
    Path(place.folder, "link").symlink_to(place.scratch)
    kept = Path(place.scratch, "kept")
    kept.touch()
    place.renew()
    assert list(Path(place.folder).iterdir()) == []
    assert kept.exists()
    place.remove()
    assert not Path(place.folder).parent.exists()
