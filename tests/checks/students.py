"""Students' objects in this very process, asked through everything that the wire would do to a question."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from autograder.evidence.answer import Answer
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict
from autograder.runner import generators, probes
from autograder.runner.conversation import probed, told
from autograder.sandbox.contract import Heard, decoded
from autograder.wire import messages
from autograder.wire.frames import unpack
from autograder.wire.messages import Computed, Replay, Reply, Request
from autograder.wire.tensors import pack_tensors, unpack_tensors

torch.set_num_threads(1)  # as wherever grading is done

IMPORTS = """
from collections import OrderedDict
import numpy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
"""


@dataclass
class Here:
    """A peer that answers as a runner's conversation does, bytes and all; it keeps what it was asked."""

    names: Mapping[str, object]
    asked: list[Request] = field(default_factory=list)

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        request = messages.decode_request(messages.encode(request))
        self.asked.append(request)
        try:
            with generators.restored():
                data = probed(self.names, request, pack_tensors(tensors))
        except Exception as error:  # noqa: BLE001 - as the conversation does
            data = told(error)
        answer = decoded(request, Heard(unpack(data)))
        return answer.reply, answer.tensors

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        request = messages.decode_request(messages.encode(request))
        assert isinstance(request, Replay)
        reply, outputs = probes.answer({}, request, ())
        assert isinstance(reply, Computed)
        return reply, unpack_tensors(pack_tensors(outputs), len(outputs))


def answer(
    names: Mapping[str, object],
    *,
    seed: int = 0,
    bound: Sequence[str] | None = None,
    givens: Mapping[str, object] | None = None,
    trouble: Verdict | None = None,
) -> Answer:
    """The answer that these objects are; ``bound`` are the names its block binds, by default all of them."""
    own = frozenset(names if bound is None else bound)
    return Answer("question", Here(names), Seeds.of_run(seed), own, givens or {}, trouble)


def proxy(module: nn.Module, seed: int = 0) -> ModuleProxy:
    return answer({"model": module}, seed=seed).module("model")


def model(source: str) -> nn.Module:
    """What ``model`` is after a student's ``source``; torch's own initial weights follow from a fixed seed."""
    names: dict[str, Any] = {"__name__": "__main__"}
    state = torch.get_rng_state()
    torch.manual_seed(1)
    exec(IMPORTS + source, names)
    torch.set_rng_state(state)
    made: nn.Module = names["model"]
    return made


def in_a_row(*layers: str) -> str:
    """Source of an ``nn.Sequential``."""
    return f"model = nn.Sequential({', '.join(layers)})"


def written(forward: str, init: str = "", start: str = "super().__init__()", after: str = "") -> str:
    """Source of a class with the layers ``fc1``, ``fc2``, ``fc3`` of the course's MLP."""
    layers = "self.fc1 = nn.Linear(784, 128)\nself.fc2 = nn.Linear(128, 64)\nself.fc3 = nn.Linear(64, 10)"
    body = indent(f"{start}\n{layers}\n{init}", " " * 8)
    return f"""
class CustomModel(nn.Module):
    def __init__(self):
{body}
    def forward(self, x):
{indent(forward.strip(), " " * 8)}
model = CustomModel()
{after}
"""


def mlp(last: nn.Module | None = None) -> nn.Sequential:
    """The course's MLP."""
    return nn.Sequential(
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
        last or nn.LogSoftmax(dim=1),
    )


def state(module: nn.Module) -> list[object]:
    """Everything that asking must leave as it was: identities, values, gradients, modes, attributes, generators."""
    kept: list[object] = []
    for part in _parts(module):
        own: dict[str, Any] = object.__getattribute__(part, "__dict__")
        kept.append([(name, id(value)) for name, value in own.items()])
        held = {name: dict((own.get(name) or {}).items()) for name in ("_parameters", "_buffers", "_modules")}
        kept += [[(key, id(value)) for key, value in entries.items()] for entries in held.values()]
        kept.append((type(part), len(own["_forward_pre_hooks"])))
        if isinstance(own.get("_c"), torch._C.ScriptModule):
            kept.append(own["_c"].getattr("training"))
        for tensor in (*held["_parameters"].values(), *held["_buffers"].values()):
            if isinstance(tensor, UninitializedParameter | UninitializedBuffer):
                kept.append(type(tensor))
            elif isinstance(tensor, Tensor):
                kept.append((_numbers(tensor), tensor.requires_grad, id(tensor.grad)))
                kept.append(None if tensor.grad is None else _numbers(tensor.grad))
    kept += [torch.get_rng_state().numpy().tobytes(), random.getstate(), _of_numpy()]
    return kept


def _of_numpy() -> tuple[bytes, str]:
    _, keys, *rest = numpy.random.get_state()
    return numpy.asarray(keys).tobytes(), repr(rest)


def _parts(module: nn.Module) -> Iterator[nn.Module]:
    pending: list[object] = [module]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if id(part) not in seen and isinstance(part, nn.Module):
            seen.add(id(part))
            yield part
            own: dict[str, Any] = object.__getattribute__(part, "__dict__")
            pending += [own.get("_actual_script_module"), *(own.get("_modules") or {}).values()]


def _numbers(tensor: Tensor) -> tuple[int, bytes]:
    return tensor.data_ptr(), tensor.detach().reshape(-1).view(torch.uint8).numpy().tobytes()
