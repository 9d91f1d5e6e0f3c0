"""What is paid once per slot instead of once per submission: imports and first uses.

Measured on two cores: the first ``torch.optim`` costs 1 s (it imports ``torch._dynamo``), building IPython's
shell 25 ms, a first recorded forward pass 17 ms, matplotlib's font cache up to seconds; all other first uses in a
notebook and in the questions about it together some 40 ms. No assignment is known here, its answers least of all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import matplotlib.pyplot
import msgspec
import torch

from autograder.runner import cells, memory
from autograder.runner.conversation import answered
from autograder.wire import messages
from autograder.wire.messages import (
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


def warm() -> None:
    """Use everything, on one thread, and leave no trace of it.

    Twice: a module that is imported late makes ``isinstance`` forget what it knew of abstract classes.
    """
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    memory.keep_what_is_freed()
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
    session.generators.put_back()  # else the first cell of a submission would be given these
    session.namespace.clear()
    session.namespace.update(before)
    matplotlib.pyplot.close("all")


# What a notebook of a first course in deep learning does, cell by cell, so that its first use of anything is here.
_NOTEBOOK = Path(__file__).with_name("first_uses.txt")


def _requests() -> Iterator[Request]:
    """What checks ask of such a notebook."""
    for name in ("missing", "x", "net", "Net", "sgd"):
        yield Look(name=name)
    yield Fetch(name="x")
    for name, shape in (("model", (4,)), ("net", (4,)), ("conv", (3, 8, 8)), ("lstm", (5, 4))):
        for rows, mode, gradients in itertools.product((1, 2), _MODES, (False, True)):
            inputs = Draw(seed=0, shape=(rows, *shape))
            yield Trace(name=name, inputs=inputs, dtype="float32", mode=mode)
            for dropout in _DROPOUTS:
                one = Pass(
                    inputs=inputs, mode=mode, dropout=dropout, seed=0, gradients=gradients, learning=gradients
                )
                yield Compute(name=name, dtype="float32", push=(), passes=(one,))
    weight = Push(parameter=0, numbers=Draw(seed=0, shape=(8, 4)))
    column = msgspec.structs.replace(weight, columns=(Column(index=0, factor=1.0),))
    one = Pass(inputs=Draw(seed=0, shape=(4,), rows=2), mode="train", dropout="live", seed=0, push=(column,))
    yield Compute(name="model", dtype="float32", push=(weight,), passes=(one,))
    yield Step(name="sgd", module="net", push=(weight,), gradients=((Draw(seed=0, shape=(8, 4)),),))


_MODES: tuple[Literal["train", "eval"], ...] = ("train", "eval")
_DROPOUTS: tuple[Literal["live", "off"], ...] = ("live", "off")
