"""What is paid once per slot instead of once per submission: imports and first uses.

Measured on two cores: the first ``torch.optim`` costs 1 s (it imports ``torch._dynamo``), building IPython's
shell 25 ms, a first recorded forward pass 17 ms, matplotlib's font cache up to seconds.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot
import numpy
import torch
from torch import nn

from autograder.runner import cells, modules
from autograder.wire.messages import Compute, Draw, Pass, Trace
from autograder.wire.tensors import pack_tensors

MADV_COLLAPSE = 25  # Linux 6.1
HUGE_PAGE_BYTES = 2 << 20
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n")


def warm() -> None:
    """Use everything once, on one thread, and leave no trace of it."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Dropout(0.5), nn.Linear(2, 2), nn.LogSoftmax(dim=1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    inputs = Draw(seed=0, shape=(2,), rows=2)
    modules.trace(model, Trace(name="", inputs=inputs, dtype="float32"), ())
    one = Pass(inputs=inputs, mode="train", dropout="live", seed=0)
    _, outputs = modules.compute(model, Compute(name="", dtype="float32", push=(), passes=(one,)), ())
    pack_tensors(outputs)
    loss: Any = nn.functional.cross_entropy(model(torch.zeros(2, 2)), torch.zeros(2, dtype=torch.int64))
    loss.backward()
    optimizer.step()
    repr(model)
    repr(torch.zeros(2))
    numpy.random.default_rng(0).standard_normal(2)
    figure = matplotlib.pyplot.figure()
    figure.gca().plot([0, 1], [0, 1])
    figure.gca().set_title("warm")
    matplotlib.pyplot.close(figure)
    cells.warm()


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
