"""What is paid once per slot instead of once per submission: imports and first uses.

Measured on two cores: the first ``torch.optim`` costs 1 s (it imports ``torch._dynamo``), building IPython's
shell 25 ms, a first recorded forward pass 17 ms, matplotlib's font cache up to seconds.
"""

from __future__ import annotations

import matplotlib.pyplot
import numpy
import torch
from torch import nn

from autograder.runner import cells, modules
from autograder.wire.messages import Compute, Draw, Pass, Trace
from autograder.wire.tensors import pack_tensors


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
    nn.functional.cross_entropy(model(torch.zeros(2, 2)), torch.zeros(2, dtype=torch.int64)).backward()
    optimizer.step()
    repr(model)
    repr(torch.zeros(2))
    numpy.random.default_rng(0).standard_normal(2)
    figure = matplotlib.pyplot.figure()
    figure.gca().plot([0, 1], [0, 1])
    figure.gca().set_title("warm")
    matplotlib.pyplot.close(figure)
    cells.warm()
