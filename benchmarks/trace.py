"""What recording a graph costs: our recorder beside ``make_fx`` and a bare forward pass, alternating, in one run.

    python benchmarks/trace.py

The model is an MLP of three linear layers, two rows at a time, on one thread. Medians of 100 rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from autograder.evidence.graphs import recorded
from autograder.evidence.normal_form import normal
from autograder.runner import modules
from autograder.wire import messages
from autograder.wire.messages import Draw, Trace

ROUNDS = 100


def main() -> None:
    torch.set_num_threads(1)
    model = nn.Sequential(
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
        nn.LogSoftmax(1),
    ).eval()
    inputs = torch.rand(2, 784)
    request = Trace("model", Draw(0, (2, 784)), "float32")
    graph, _ = recorded(model, inputs)
    ways: dict[str, Callable[[], object]] = {
        "bare forward pass": lambda: model(inputs),
        "recorder": lambda: recorded(model, inputs),
        "answering a trace": lambda: messages.decode_reply(
            messages.encode(modules.trace(model, request, ()))
        ),
        "normal form": lambda: normal(graph),
        "make_fx, once warm": lambda: make_fx(model, pre_dispatch=True)(inputs),
    }
    for run in ways.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with torch.no_grad():
        for _ in range(ROUNDS):
            for name, run in ways.items():
                began = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - began)
    floor = statistics.median(seconds["bare forward pass"])
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"{name:20} {1000 * middle:8.3f} ms {middle / floor:8.1f} x")


if __name__ == "__main__":
    main()
