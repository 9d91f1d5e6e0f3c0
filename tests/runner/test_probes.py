"""Probes: objects are described by what they truly are, and asking changes nothing."""

from __future__ import annotations

import pytest
import torch

from autograder.runner import modules, probes
from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Draw,
    Fetch,
    Fetched,
    Look,
    Pass,
    Push,
    Raised,
    Reply,
    Seen,
    Trace,
    Traced,
)
from tests.confined import Confined

INPUTS = Draw(seed=1, shape=(3,), rows=2)
EVALUATE = Compute("x", "float32", (), (Pass(INPUTS, "eval", "live", 1), Pass(INPUTS, "train", "live", 1)))


def after(confined: Confined, source: str, request: Look | Fetch | Trace | Compute) -> Reply:
    ended = confined.run(f"import torch\nfrom torch import nn\n{source}", request)
    assert ended.errors == [""]
    assert ended.lost is None
    return ended.replies[1]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", "missing"),
        ("x = torch.zeros(2)", "tensor"),
        ("x = nn.Parameter(torch.zeros(2))", "tensor"),
        ("x = nn.Linear(1, 2)", "module"),
        ("x = nn.Linear", "class"),
        ("x = 5", "other"),
        ("class T:\n    __class__ = torch.Tensor\nx = T()", "other"),
        (
            "class M(type):\n    def mro(cls): return [cls, object]\n"
            "class T(metaclass=M): __class__ = nn.Module\nx = T()",
            "other",
        ),
        ("class M(nn.Module):\n    __class__ = int\nx = M()", "module"),
        ("class M(nn.Module):\n    def __getattribute__(self, name): 1 / 0\nx = M.__new__(M)", "module"),
        (
            "class M(type):\n    __name__ = __dict__ = property(lambda self: 1 / 0)\n"
            "class T(metaclass=M): pass\nx = T()",
            "other",
        ),
        (
            "class T:\n    def __eq__(self, other): 1 / 0\n"
            "    __len__ = __bool__ = __hash__ = __repr__ = __eq__\nx = T()",
            "other",
        ),
    ],
)
def test_a_thing_is_what_its_true_type_says(confined: Confined, source: str, kind: str) -> None:
    """``__class__``, metaclasses and operators that lie or raise change nothing."""
    reply = after(confined, source, Look("x"))
    assert isinstance(reply, Seen)
    assert reply.kind == kind


def test_a_tensor_is_fetched(confined: Confined) -> None:
    """Shape, type and numbers, of a subclass as well."""
    source = (
        "class T(torch.Tensor):\n    def __torch_function__(*a, **k): 1 / 0\n"
        "x = torch.tensor([1., 2.]).as_subclass(T)"
    )
    ended = confined.run(f"import torch\n{source}", Fetch("x"))
    assert isinstance(ended.replies[1], Fetched)
    assert ended.answers[1].tensors[0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("torch.zeros(2).to_sparse()", "sparse_coo float32"),
        ("torch.zeros(2, dtype=torch.complex64)", "complex64"),
        ("torch.zeros(2, device='meta')", "meta float32"),
        ("torch.zeros(1).expand(10**9)", "1000000000 elements"),
        ("torch.zeros([1] * 12)", "12 dimensions"),
    ],
)
def test_a_tensor_that_cannot_travel_says_why(confined: Confined, expression: str, problem: str) -> None:
    """It is described, without numbers."""
    reply = after(confined, f"x = {expression}", Fetch("x"))
    assert isinstance(reply, Fetched)
    assert reply.problem == problem


def test_an_uncommon_output_is_an_answer(confined: Confined) -> None:
    """A module that returns a sparse or a complex tensor, or too much, is told of; the process goes on."""
    for expression in (
        "x.to_sparse()",
        "x.to(torch.complex64)",
        "torch.zeros(2, device='meta')",
        "x.expand(4, 2**20, 2, 3)",
    ):
        source = f"class M(nn.Module):\n    def forward(self, x): return {expression}\nx = M()"
        ended = confined.run(f"import torch\nfrom torch import nn\n{source}", EVALUATE, "print('next')")
        assert isinstance(ended.replies[1], Raised | Computed), expression
        assert ended.output == "next\n"


def test_outputs_on_pushed_weights(confined: Confined) -> None:
    """A forward pass uses the pushed numbers, and the module has its own again afterwards."""
    one, zero = Draw(1, (1, 3), 1.0, 1.0), Draw(1, (1,), 0.0, 0.0)
    request = Compute(
        "x", "float32", (Push(0, one), Push(1, zero)), (Pass(Draw(1, (3,), 1, 1, 2), "eval", "live", 1),)
    )
    ended = confined.run(
        "import torch\nfrom torch import nn\nx = nn.Linear(3, 1)\nbefore = x.weight.clone()",
        request,
        "print(torch.equal(before, x.weight))",
    )
    assert ended.answers[1].tensors[0].tolist() == [[3.0], [3.0]]
    assert ended.output == "True\n"


def test_asking_changes_nothing(confined: Confined) -> None:
    """Mode, parameters, buffers, gradients, attributes and generators are as if nobody had asked."""
    source = """
import random, numpy, torch
from torch import nn
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.calls = nn.Linear(3, 4), nn.BatchNorm1d(4), 0
    def forward(self, x):
        self.calls += 1
        self.last = x
        random.random(), numpy.random.rand()
        return nn.functional.dropout(self.norm(self.layer(x)))
x = M()
x(torch.randn(2, 3)).sum().backward()
x.eval()
"""
    show = """
state = {name: value.tolist() for name, value in x.state_dict().items()}
print(state, x.training, x.calls, x.last.tolist(), x.layer.weight.grad.tolist())
print(torch.rand(1).item(), random.random(), numpy.random.rand())
"""
    asked = confined.run(source, Look("x"), Trace("x", INPUTS, "float32"), EVALUATE, show)
    assert asked.errors == ["", ""]
    assert asked.output == confined.run(source, show).output


def test_a_generator_that_was_put_in_numpys_place_goes_on_as_well(confined: Confined) -> None:
    """A question leaves it where it was, though its state looks otherwise."""
    put = "import numpy, random, torch\nx = 1\nnumpy.random.set_bit_generator(numpy.random.PCG64(1))"
    show = "print(numpy.random.rand())"
    assert confined.run(put, Look("x"), show).output == confined.run(put, show).output != ""


def test_a_trace_tells_the_order_of_use(confined: Confined) -> None:
    """Parameters are numbered as a pass first uses them, not as they were registered."""
    source = """
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.last, self.first, self.unused = nn.Linear(4, 1, False), nn.Linear(3, 4, False), nn.Linear(1, 1, False)
    def forward(self, x): return self.last(self.first(x))
x = M()
"""
    reply = after(confined, source, Trace("x", INPUTS, "float32"))
    assert isinstance(reply, Traced)
    assert [(parameter.name, parameter.order) for parameter in reply.parameters] == [
        ("last.weight", 1),
        ("first.weight", 0),
        ("unused.weight", -1),
    ]


@pytest.mark.parametrize(
    "body", ["raise SystemExit", "1 / 0", "return 'text'", "return None", "raise KeyboardInterrupt"]
)
def test_a_forward_that_fails_is_the_passes_own(confined: Confined, body: str) -> None:
    """Each pass has its error or its kind, and the process goes on."""
    source = f"class M(nn.Module):\n    def forward(self, x): {body}\nx = M()"
    reply = after(confined, source, EVALUATE)
    assert isinstance(reply, Computed)
    assert all(one.error or one.not_a_tensor for one in reply.passes)


def test_an_endless_forward_is_interrupted(confined: Confined) -> None:
    """Probes are on the clock; afterwards the notebook goes on."""
    source = "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n        while True: pass\nx = M()"
    one = Compute("x", "float32", (), (Pass(INPUTS, "eval", "live", 1),))
    ended = confined.run(source, one, "print('next')", seconds=0.5)
    assert [answer.interrupted for answer in ended.answers] == [False, True, False]
    assert ended.output == "next\n"


def test_a_cycle_of_modules_is_no_trap(confined: Confined) -> None:
    """Each module is visited once."""
    reply = after(confined, "x = nn.Linear(1, 1)\nx.itself = x\nx.inner = nn.Sequential(x)", Look("x"))
    assert isinstance(reply, Seen)
    assert len(reply.parameters) == 2


def test_asking_for_what_is_not_a_module_is_an_error(confined: Confined) -> None:
    """Not an exception of ours."""
    ended = confined.run("x = 5", EVALUATE, "print('next')")
    assert isinstance(ended.replies[1], Raised)
    assert isinstance(ended.replies[2], CellRan)


def test_a_forward_that_changes_weights_in_place_changes_copies() -> None:
    """A pass that clamps its own weights leaves the student's numbers, and its list of calls, as they were."""

    class Clamping(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.full((3,), 5.0))
            self.calls: list[int] = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls.append(1)
            with torch.no_grad():
                self.weight.clamp_(max=1.0)
            return x * self.weight

    module = Clamping()
    inputs = Draw(seed=1, shape=(2, 3))
    one = Pass(inputs=inputs, mode="eval", dropout="live", seed=0)
    for request in (Trace("m", inputs, "float32"), Compute("m", "float32", (), (one, one))):
        probes.answer({"m": module}, request, ())
    assert module.weight.tolist() == [5.0, 5.0, 5.0]
    assert module.calls == []


def test_only_large_inputs_are_prepared_for() -> None:
    """oneDNN compiles an operation for every new shape; whatever the pass, it is as it was afterwards."""
    prepared: list[bool] = []

    class Watching(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            prepared.append(torch._C._get_mkldnn_enabled())
            if len(x) == 1:
                torch._C._set_mkldnn_enabled(False)
                raise ValueError
            return x

    for shape in ((2, 3), (1, 3), (4, modules.SMALL_INPUT)):
        inputs = Draw(seed=1, shape=shape)
        one = Pass(inputs=inputs, mode="eval", dropout="live", seed=0)
        for request in (Trace("m", inputs, "float32"), Compute("m", "float32", (), (one,))):
            probes.answer({"m": Watching()}, request, ())
            assert torch._C._get_mkldnn_enabled()
    assert prepared == [False] * 4 + [True] * 2
