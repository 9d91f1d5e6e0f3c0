"""Each layer alone, the three others switched off, stops what it is there for."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from autograder.course.config import Layer
from autograder.sandbox.layers import probe
from tests.confined import LIMITS, Confined
from tests.sandbox.test_syscalls import PRELUDE, REFUSED

ABSTRACT = f"\0autograder-{os.getpid()}"


@pytest.fixture(scope="module")
def alone(sandbox: None) -> Iterator[Callable[[Layer], Confined]]:
    """A slot with this layer and no other."""
    started: dict[str, Confined] = {}

    def start(layer: Layer) -> Confined:
        if layer not in started:
            for other in list(started):
                started.pop(other).close()  # one at a time: they are large
            started[layer] = Confined((layer,))
        return started[layer]

    yield start
    for one in started.values():
        one.close()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What there is to attack on this machine: a file anybody may read, a port, an abstract socket, a process."""
    folder = tmp_path_factory.mktemp("outside")
    for place in (folder, *folder.parents[:-2]):
        place.chmod(0o755)
    secret = folder / "secret"
    secret.write_text("secret", encoding="utf-8")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen(["sleep", "600"]) as process,
    ):
        abstract.bind(ABSTRACT)
        abstract.listen()
        yield {
            "secret": str(secret),
            "port": str(server.getsockname()[1]),
            "pid": str(process.pid),
            "abstract": repr(ABSTRACT),
        }
        process.kill()


def test_each_is_alone(alone: Callable[[Layer], Confined]) -> None:
    """A runner wears the one layer that is asked for, and the attacks of the others' tests succeed in it."""
    slot = alone("rlimits").slot
    runner = slot.fork()
    slot.retire(runner.channel)
    assert runner.layers == {"rlimits"}
    done = alone("rlimits").run(
        PRELUDE, "os.kill(os.getppid(), 0)\nsocket.socket()\nopen('/etc/passwd').read()"
    )
    assert done.errors == ["", ""]


# What is to be refused, as an expression; {names} are those of ``outside``.
READS = [
    "open('{secret}').read()",
    "open('/etc/shadow').read()",
    "os.listdir('/var/log')",
    # Whoever keeps Python in their home has the folders that lead there, and nothing else.
    "import sys; 1 / len({{*os.listdir('/home')}} - {{*f'{{sys.prefix}}/{{sys.base_prefix}}'.split('/')}})",
]
SIDEWAYS = ["os.kill({pid}, 0)", "socket.socket(socket.AF_UNIX).connect({abstract})"]


@pytest.mark.parametrize(
    "attack",
    [
        *READS,
        *SIDEWAYS,
        "socket.create_connection(('127.0.0.1', {port}), 1)",
        "socket.create_connection(('1.1.1.1', 53), 1)",
        "open('/written', 'w')",
        "open('/tmp/written', 'w')",
        "open('/scratch/written', 'w')",
        "open('/dev/shm/written', 'w')",
        "open('/usr/written', 'w')",
        "open('/proc/sys/kernel/hostname', 'w')",
        "1 / (len([name for name in os.listdir('/proc') if name.isdecimal()]) > 2)",
    ],
)
def test_namespaces_alone_hide_the_machine(
    alone: Callable[[Layer], Confined], outside: dict[str, str], attack: str
) -> None:
    """No file of the course or of anybody's, no network, no process of others, nowhere to leave anything."""
    ended = alone("namespaces").run(PRELUDE, attack.format(**outside))
    assert ended.errors[1] in {*_REFUSALS, "ZeroDivisionError"}, ended.replies


def test_namespaces_alone_leave_a_clean_world(alone: Callable[[Layer], Confined]) -> None:
    """Files, shared memory and processes end with their runner, though nothing forbade it to make them."""
    confined = alone("namespaces")
    made = confined.run(
        """
        import ctypes, os, time
        open("left", "w").write("x")
        print(ctypes.CDLL(None).shmget(0x1EF7, 4096, 0o1666) >= 0)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            time.sleep(600)
        """
    )
    assert made.output == "True\n"
    seen = confined.run(
        """
        import ctypes, os
        print(os.listdir("."), ctypes.CDLL(None).shmget(0x1EF7, 4096, 0))
        print(sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())[:1], os.getppid())
        print(len([name for name in os.listdir("/proc") if name.isdecimal()]))
        """
    )
    assert seen.output == "[] -1\n[1] 1\n2\n"


@pytest.mark.parametrize(
    "attack",
    [
        *READS,
        "os.listdir('/')",
        "os.listdir('/tmp')",
        "open(f'/proc/{{os.getppid()}}/environ').read()",
        "open(f'/proc/{{os.getppid()}}/mem').read()",
        "open('/tmp/written', 'w')",
        "open('/dev/shm/written', 'w')",
        "os.symlink('/etc/shadow', 'link'), open('link').read()",
        "os.rename('{secret}', 'mine')",
        "os.link('{secret}', 'mine')",
        "os.unlink('{secret}')",
    ],
)
def test_landlock_alone_keeps_files_apart(
    alone: Callable[[Layer], Confined], outside: dict[str, str], attack: str
) -> None:
    """Nothing can be read but libraries, nothing written but in the runner's own folder."""
    ended = alone("landlock").run(PRELUDE, attack.format(**outside), "open('own', 'w').write('x')")
    assert ended.errors[1] in _REFUSALS, ended.replies
    assert ended.errors[2] == ""


@pytest.mark.parametrize(
    "attack", [*SIDEWAYS, "os.kill(os.getppid(), 9)", "call(101, 16, os.getppid(), 0, 0)"]
)
def test_landlock_alone_keeps_to_itself(
    alone: Callable[[Layer], Confined], outside: dict[str, str], attack: str
) -> None:
    """No signal to another process, no connection to its abstract socket, no tracing."""
    about = next(report.why for report in probe() if report.name == "landlock")
    if "without" in about:
        pytest.skip(f"this kernel cannot: {about}")
    ended = alone("landlock").run(PRELUDE, attack.format(**outside))
    assert ended.errors[1] in _REFUSALS, ended.replies


def test_landlock_alone_survives_a_signal_to_everybody(alone: Callable[[Layer], Confined]) -> None:
    """The call may say that it succeeded, and reaches nobody: the fork server goes on."""
    about = next(report.why for report in probe() if report.name == "landlock")
    if "without" in about:
        pytest.skip(f"this kernel cannot: {about}")
    alone("landlock").run(PRELUDE, "os.kill(-1, 9)")
    assert alone("landlock").run("print(1)").output == "1\n"


@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED)
def test_seccomp_alone_refuses_every_way_out(alone: Callable[[Layer], Confined], attack: str) -> None:
    """No process, no socket, no signal to others, no tracing, mounts, namespaces, shared memory."""
    assert alone("seccomp").run(PRELUDE, attack).errors == ["", "OSError"]


@pytest.mark.parametrize(
    ("attack", "error"),
    [
        ("held = bytearray({memory} + 64 << 20)", "MemoryError"),
        ("mmap.mmap(-1, {memory} + 64 << 20, flags=mmap.MAP_SHARED)", "OSError"),
        ("with open('big', 'wb') as big: big.write(bytes(({file} << 20) + 1))", "OSError"),
        ("held = [open('/dev/null') for _ in range({files})]", "OSError"),
        (
            "import time\nfor _ in range({threads} + 1): "
            "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            "RuntimeError",
        ),
        ("while True:\n  if os.fork() == 0: signal.pause()", "BlockingIOError"),
    ],
    ids=["memory", "shared memory", "a file", "open files", "threads", "a fork bomb"],
)
def test_rlimits_alone_bound_what_is_used(
    alone: Callable[[Layer], Confined], attack: str, error: str
) -> None:
    """Memory, files, threads and processes are refused at their limit."""
    source = attack.format(
        memory=LIMITS.memory_mib, file=LIMITS.file_mib, files=LIMITS.open_files, threads=LIMITS.threads
    )
    confined = alone("rlimits")
    if (
        "fork" in attack
        and os.geteuid() == 0
        and confined.run("import os\nprint(os.geteuid())").output == "0\n"
    ):
        pytest.skip("root's processes are not counted, and here nobody else could read Python's libraries")
    assert confined.run(PRELUDE, source).errors == ["", error]


_REFUSALS = {
    *("PermissionError", "FileNotFoundError", "ConnectionRefusedError", "OSError", "ProcessLookupError"),
    *("TimeoutError", "NotADirectoryError", "gaierror"),
}
