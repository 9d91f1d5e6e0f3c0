"""What the kernel refuses a runner. Each case is a program that tries."""

from __future__ import annotations

import pytest

from autograder.sandbox import syscalls
from autograder.wire import control
from tests.confined import Confined

PRELUDE = """
import ctypes, fcntl, mmap, os, resource, signal, socket, threading
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
"""

REFUSED = {
    "fork": "os.fork()",
    "vfork": "call(58)",
    "clone into a new process": "call(56, 17, 0, 0, 0, 0)",
    "clone3": "call(435, 0, 0)",
    "exec": "os.execv('/bin/true', ['true'])",
    "killing everything": "os.kill(-1, 9)",
    "killing process 1": "os.kill(1, 9)",
    "killing its group": "os.killpg(os.getpgrp(), 9)",
    "killing a thread of process 1": "call(234, 1, 1, 9)",
    "queueing a signal": "call(129, 1, 9, 0)",
    "a new session": "os.setsid()",
    "a pidfd": "os.pidfd_open(1)",
    "ptrace": "call(101, 16, 1, 0, 0)",
    "reading another's memory": "call(310, 1, 0, 0, 0, 0, 0)",
    "writing another's memory": "call(311, 1, 0, 0, 0, 0, 0)",
    "limits of process 1": "resource.prlimit(1, resource.RLIMIT_NOFILE, (1, 1))",
    "its own limits": "resource.setrlimit(resource.RLIMIT_CPU, (5, 5))",
    "affinity": "os.sched_setaffinity(0, {0})",
    "niceness": "os.nice(1)",
    "scheduling": "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))",
    "becoming root": "os.setuid(0)",
    "namespaces": "call(272, 0x10000000)",
    "entering a namespace": "call(308, 3, 0)",
    "mounting": "call(165, 0, 0, 0, 0, 0)",
    "unmounting its folder": "call(166, b'/submission', 2)",
    "changing root": "os.chroot('.')",
    "memfd": "os.memfd_create('x')",
    "io_uring": "call(425, 8, 0)",
    "userfaultfd": "call(323, 0)",
    "perf events": "call(298, 0, 0, 0, 0, 0)",
    "bpf": "call(321, 0, 0, 0)",
    "keys": "call(250, 0, 0)",
    "shared memory of System V": "call(29, 1, 4096, 0o1777)",
    "semaphores of System V": "call(64, 1, 1, 0o1777)",
    "queues of System V": "call(68, 1, 0o1777)",
    "queues of POSIX": "call(240, b'x', 0o100, 0o777, 0)",
    "passing descriptors": "call(46, 3, 0, 0)",
    "named pipes": "os.mkfifo('pipe')",
    "pushing input into a terminal": "fcntl.ioctl(0, 0x5412, b'a')",
    "owning a descriptor's signals": "fcntl.fcntl(0, fcntl.F_SETOWN, 1)",
    "another architecture's personality": "call(135, 8)",
    "a filter of its own": "call(317, 1, 0, 0)",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_a_runner_is_refused(confined: Confined, source: str) -> None:
    """The call fails with an error that a program can handle, and the process goes on."""
    ended = confined.run(PRELUDE, source, "print('still here')")
    assert ended.errors == ["", "OSError", ""]
    assert ended.output == "still here\n"


@pytest.mark.parametrize("family", [1, 2, 10, 16, 17, 31, 38, 40], ids=lambda number: f"family{number}")
def test_no_socket_of_any_family(confined: Confined, family: int) -> None:
    """No address family gives a socket: not the internet's, not unix, netlink, packet, Bluetooth, crypto or vsock."""
    ended = confined.run(f"import socket\nsocket.socket({family}, socket.SOCK_DGRAM)")
    assert ended.errors == ["OSError"]


def test_what_students_need_still_works(confined: Confined) -> None:
    """Threads, OpenMP, an LSTM's backward pass, a loader, saving, copying, temporary files, asyncio and pipes."""
    ended = confined.run(
        """
        import asyncio, os, shutil, socket, tempfile, threading, torch
        from torch.utils.data import DataLoader, TensorDataset
        lstm = torch.nn.LSTM(10, 20, 2, batch_first=True)
        lstm(torch.randn(4, 7, 10))[0].sum().backward()
        torch.save(lstm.state_dict(), "model.pt")
        shutil.copy2("model.pt", "copy.pt")
        lstm.load_state_dict(torch.load("copy.pt"))
        batches = list(DataLoader(TensorDataset(torch.randn(10, 3)), batch_size=4, num_workers=0))
        torch.set_num_threads(4)
        torch.randn(500, 500) @ torch.randn(500, 500)
        threads = [threading.Thread(target=torch.randn, args=(10,)) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        asyncio.run(asyncio.sleep(0))
        socket.socketpair()
        os.pipe()
        print(len(batches), os.path.getsize("copy.pt") > 1000)
        """,
        "await asyncio.sleep(0)",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\n"
        "plt.show()\nprint(os.path.exists('a.png'))",
    )
    assert ended.errors == ["", "", ""]
    assert ended.output == "3 True\nTrue\n"


def test_the_filter_holds_its_placeholder_only_where_a_pid_belongs() -> None:
    """Every placeholder stands in the value of an instruction, so that replacing bytes replaces values."""
    program = syscalls.compiled()
    placeholder = control.PID_PLACEHOLDER.to_bytes(4, "little")
    found = [index for index in range(len(program)) if program.startswith(placeholder, index)]
    assert len(found) >= 2
    assert {index % 8 for index in found} == {4}
