"""What is paid once per slot instead of once per submission: imports and first uses.

Measured on two cores: the first ``torch.optim`` costs 1 s (it imports ``torch._dynamo``), building IPython's
shell 25 ms, a first recorded forward pass 17 ms, matplotlib's font cache up to seconds; all other first uses in a
notebook and in the questions about it together some 40 ms. No assignment is known here, its answers least of all.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

import matplotlib.pyplot
import msgspec
import torch

from autograder.runner import cells
from autograder.runner.conversation import answered
from autograder.wire import messages
from autograder.wire.messages import (
    Begin,
    Column,
    Compute,
    Draw,
    Fetch,
    Look,
    Pass,
    Push,
    Request,
    RunCell,
    Step,
    Trace,
)

MADV_COLLAPSE = 25  # Linux 6.1
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 32 << 20  # the largest threshold that glibc takes
HUGE_PAGE_BYTES = 2 << 20
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n")


def warm() -> None:
    """Use everything once, on one thread, and leave no trace of it."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    _keep_freed_memory()
    cells.warm()
    session = cells.session()
    before = dict(session.namespace)
    for _ in range(2):
        for number, source in enumerate(_NOTEBOOK.read_text(encoding="utf-8").split("# %%\n")[1:]):
            ran = session.run(RunCell(cell=number, source=source, output_bytes=1 << 16))
            if ran.error is not None:
                raise RuntimeError(f"{ran.error.name}: {ran.error.message} in {source!r}")
        for request in _requests():
            answered(session, messages.decode_request(messages.encode(request)), b"")
    session.namespace.clear()
    session.namespace.update(before)
    matplotlib.pyplot.close("all")


# What a notebook of a first course in deep learning does, cell by cell, so that its first use of anything is here.
_NOTEBOOK = Path(__file__).with_name("first_uses.txt")


def _requests() -> Iterator[Request]:
    """What checks ask of such a notebook."""
    yield Begin(seed=0)
    for name in ("missing", "x", "net", "Net", "sgd"):
        yield Look(name=name)
    yield Fetch(name="x")
    for name, shape in (("model", (4,)), ("net", (4,)), ("conv", (3, 8, 8)), ("lstm", (5, 4))):
        for rows, mode, gradients in itertools.product((1, 2), _MODES, (False, True)):
            inputs = Draw(seed=0, shape=(rows, *shape))
            yield Trace(name=name, inputs=inputs, dtype="float32", mode=mode)
            for dropout in _DROPOUTS:
                one = Pass(inputs=inputs, mode=mode, dropout=dropout, seed=0, gradients=gradients)
                yield Compute(name=name, dtype="float32", push=(), passes=(one,))
    weight = Push(parameter=0, numbers=Draw(seed=0, shape=(8, 4)))
    column = msgspec.structs.replace(weight, columns=(Column(index=0, factor=1.0),))
    one = Pass(inputs=Draw(seed=0, shape=(4,), rows=2), mode="train", dropout="live", seed=0, push=(column,))
    yield Compute(name="model", dtype="float32", push=(weight,), passes=(one,))
    yield Step(name="sgd", module="net", push=(weight,), gradients=((Draw(seed=0, shape=(8, 4)),),))


_MODES: tuple[Literal["train", "eval"], ...] = ("train", "eval")
_DROPOUTS: tuple[Literal["live", "off"], ...] = ("live", "off")


def _keep_freed_memory() -> None:
    """Let the C library keep what is freed, up to a limit: a tensor of 400 KB otherwise costs 100 page faults anew."""
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def into_huge_pages() -> None:
    """Move this process's memory into huge pages, where the kernel can.

    A fork copies the page tables of 250 MB, and a runner's end frees them: 2.6 ms and 3.0 ms in small pages,
    0.7 ms and 0.8 ms in huge ones. Done once, in half a second; without it everything works, only slower.
    """
    libc = ctypes.CDLL(None)
    for begin, end in _ANONYMOUS.findall(Path("/proc/self/maps").read_text(encoding="utf-8")):
        first = -(-int(begin, 16) // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
        last = int(end, 16) // HUGE_PAGE_BYTES * HUGE_PAGE_BYTES
        if last > first:
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)
