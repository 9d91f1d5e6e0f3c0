"""Whatever a runner answers, a check ends in a pass or a verdict: student data cannot raise in an author's code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from autograder import checks
from autograder.evidence.answer import Answer
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict
from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Draw,
    Dtype,
    Fetch,
    Fetched,
    Look,
    ParameterFacts,
    Passed,
    Performed,
    Raised,
    Replay,
    Reply,
    Request,
    Seen,
    TensorFacts,
    Trace,
    Traced,
)
from autograder.wire.terms import TERMS
from tests.checks.students import Here

DTYPES = [
    torch.float32, torch.float64, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
]  # fmt: skip
VALUES = [0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan, 1e38, -1e38, 1e-45]
REFERENCE = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.2), nn.Linear(4, 2), nn.LogSoftmax(dim=1))
PARAMETERS = tuple(
    ParameterFacts(name=str(place), shape=tuple(parameter.shape), dtype="float32", order=place)
    for place, parameter in enumerate(REFERENCE.parameters())
)
MODULE = ("__main__.Model", "torch.nn.modules.module.Module", "builtins.object")

shapes = st.one_of(
    st.sampled_from([(), (0,), (5, 2), (1, 2), (16, 2), (2, 2), (32, 2), (256, 2), (3,), (2, 3), (1, 1, 1)]),
    st.lists(st.integers(0, 4), max_size=4).map(tuple),
)
TYPES = "float32 float64 float16 bfloat16 int64 complex64 float floaty float_power float8_e4m3fn half".split()
names = st.sampled_from(["", "x", "__class__", "\u0000", "가" * 200, *TYPES, *MODULE])


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    shape, dtype = draw(shapes), draw(st.sampled_from(DTYPES))
    if draw(st.booleans()):
        return torch.full(shape, draw(st.sampled_from(VALUES)), dtype=torch.float64).to(dtype)
    made = torch.rand(shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 9))))
    flat = made.view(-1)
    if len(flat):
        flat[draw(st.integers(0, len(flat) - 1))] = draw(st.sampled_from(VALUES))
    return made.to(dtype)


errors = st.builds(Raised, name=names, message=names, cell=st.integers(0, 3), line=st.integers(0, 3))
own_facts = st.builds(ParameterFacts, name=names, shape=shapes, dtype=names, order=st.integers(-1, 5))
parameters = st.one_of(
    st.just(PARAMETERS),
    st.lists(own_facts, max_size=5).map(tuple),
    st.sampled_from(["float64", "floaty", "float_power", "float8_e4m3fn", "int64", "bfloat16"]).map(
        lambda dtype: tuple(
            ParameterFacts(one.name, one.shape, cast(Dtype, dtype), one.order) for one in PARAMETERS
        )
    ),
)
values = st.lists(st.integers(-3, 4), max_size=3).map(tuple)
performed = st.builds(
    Performed,
    term=st.one_of(st.sampled_from(sorted(TERMS)), names),
    operands=st.dictionaries(
        st.sampled_from(["input", "weight", "bias", "other", "mat1", "mat2", "tensors", "params"]),
        st.one_of(st.integers(-3, 4), values),
        max_size=3,
    ),
    settings=st.dictionaries(
        st.sampled_from(
            ["dim", "dims", "dim0", "dim1", "stride", "kernel_size", "value", "min", "index", "p"]
        ),
        st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), names, values),
        max_size=3,
    ),
    shapes=st.lists(shapes, max_size=2).map(tuple),
)
operations = st.lists(performed, max_size=5).map(tuple)
classes = st.one_of(st.just(MODULE), st.lists(names, max_size=3).map(tuple))
facts = st.builds(TensorFacts, shape=shapes, dtype=names, layout=names)
seen = st.builds(
    Seen,
    kind=st.sampled_from(["missing", "tensor", "module", "optimizer", "class", "other"]),
    classes=classes,
    tensor=st.one_of(st.none(), facts),
    parameters=parameters,
    settings=st.dictionaries(names, st.floats(), max_size=2),
)
fetched = st.builds(Fetched, facts=facts, problem=names)
traced = st.builds(Traced, parameters=parameters, error=st.one_of(st.none(), errors))
passed = st.builds(
    Passed,
    error=st.one_of(st.none(), st.none(), st.none(), errors),
    not_a_tensor=st.sampled_from(["", "", "", "NoneType"]),
    outputs=st.sampled_from([1, 1, 1, 1, 1, 0, 2]),
)
computed = st.builds(Computed, passes=st.lists(passed, max_size=8).map(tuple))
others = st.sampled_from([Seen(kind="missing"), CellRan(output="", truncated=False, skipped_commands=0, assigned=())])
replies: st.SearchStrategy[Reply] = st.one_of(seen, fetched, traced, computed, errors, others)


def announced(reply: Reply) -> int:
    """How many tensors must come with a reply: the channel lets no other number through."""
    if isinstance(reply, Computed):
        return sum(one.outputs for one in reply.passes if one.error is None)
    return int(isinstance(reply, Fetched) and not reply.problem)


@dataclass
class Hostile:
    """A peer that answers anything: mostly of the kind that was asked for, with contents of its own."""

    draw: st.DataObject

    def ask(self, request: Request, tensors_sent: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        reply = self.draw.draw(st.one_of(self._fitting(request), self._fitting(request), replies))
        return reply, [self.draw.draw(tensors()) for _ in range(announced(reply))]

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """What is claimed may bring a process to answer anything that fits, or nothing."""
        if self.draw.draw(st.booleans()):
            return None
        passed = tuple(
            Passed(outputs=self.draw.draw(st.integers(0, 2)))
            for _ in range(len(request.claims) * len(request.passes))
        )
        return Computed(passed), [
            self.draw.draw(tensors()) for _ in range(sum(one.outputs for one in passed))
        ]

    def _fitting(self, request: Request) -> st.SearchStrategy[Reply]:
        match request:
            case Look(name="tensor"):
                return st.just(Seen(kind="tensor", classes=("torch.Tensor",)))
            case Look():
                return st.builds(Seen, kind=st.just("module"), classes=st.just(MODULE), parameters=parameters)
            case Fetch():
                return st.just(Fetched(TensorFacts((), "float32", "strided")))
            case Trace():
                return st.builds(Traced, parameters=parameters, operations=operations, result=values)
            case Compute(passes=passes):
                return st.just(Computed((Passed(outputs=1),) * len(passes)))
            case _:
                return replies


Check = Callable[[Answer], Any]
X = torch.rand(2, 3) + 1
CHECKS: dict[str, Check] = {
    "same computation": lambda a: checks.assert_same_computation(a.module("m"), REFERENCE, input_shape=(3,)),
    "same dropout": lambda a: checks.assert_same_dropout(a.module("m"), REFERENCE, input_shape=(3,)),
    "a dropout alone": lambda a: checks.assert_same_dropout(a.module("m"), nn.Dropout(0.5), input_shape=(3,)),
    "an LSTM": lambda a: checks.assert_same_computation(a.module("m"), nn.LSTM(3, 2), input_shape=(2, 3)),
    "maps": lambda a: checks.assert_maps(a.module("m"), input_shape=(3,), output_shape=(2,)),
    "of a class": lambda a: a.module("m", of="Model"),
    "a Sequential": lambda a: a.module("m", type=nn.Sequential),
    "an output": lambda a: checks.assert_output_of(a.tensor("tensor"), a.module("m"), X),
    "close": lambda a: checks.assert_close(a.tensor("tensor"), X),
    "close to integers": lambda a: checks.assert_close(a.tensor("tensor"), torch.tensor([1, 2])),
    "close to booleans": lambda a: checks.assert_close(a.tensor("tensor"), torch.tensor([True, False])),
    "a shape": lambda a: checks.assert_shape(a.tensor("tensor"), (2, 3)),
    "dropped": lambda a: checks.assert_dropped(a.tensor("tensor"), X, p=0.5),
    "an optimizer": lambda a: a.optimizer("m"),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_only_a_verdict_comes_out(check: Check, data: st.DataObject) -> None:
    """Replies of the wrong kind, facts that contradict each other, tensors of odd shapes, types and numbers."""
    bound = frozenset(["m", "tensor", "Model"])
    answer = Answer("question", Hostile(data), Seeds.of_run(0), bound, {})
    with suppress(Verdict):
        check(answer)


@pytest.mark.parametrize(
    "dtype", ["floaty", "float_power", "float", "float8_e4m3fn", "float16", "bfloat16", "complexfloat", ""]
)
@pytest.mark.parametrize("check", ["same computation", "same dropout", "maps", "an output"])
def test_a_claimed_type_neither_raises_nor_widens_the_tolerance(check: str, dtype: str) -> None:
    """Types are the runner's word: one that torch has not, or a coarse one, under which anything would be close."""
    word = cast(Dtype, dtype)  # of which the schema would refuse most before they came this far
    claimed = tuple(ParameterFacts(one.name, one.shape, word, one.order) for one in PARAMETERS)

    class Claiming:
        def ask_afresh(self, request: Replay) -> None:
            return None

        def ask(self, request: Request, sent: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
            match request:
                case Look(name="tensor"):
                    return Seen(kind="tensor", classes=("torch.Tensor",)), ()
                case Look():
                    return Seen(kind="module", classes=MODULE, parameters=claimed), ()
                case Trace():
                    return Traced(parameters=claimed), ()
                case Compute(passes=passes):
                    rows = [one.inputs for one in passes]
                    shapes = [
                        (one.rows or one.shape[0], 2) if isinstance(one, Draw) else (2, 2) for one in rows
                    ]
                    return Computed((Passed(outputs=1),) * len(passes)), [
                        torch.ones(shape) for shape in shapes
                    ]
                case _:
                    return Fetched(TensorFacts((), dtype, "strided")), [torch.ones(2, 3)]

    answer = Answer("question", Claiming(), Seeds.of_run(0), frozenset(["m", "tensor"]), {})
    if check == "maps":
        CHECKS[check](answer)
    else:
        with pytest.raises(Verdict):
            CHECKS[check](answer)


class Residual(nn.Module):
    """Its dropout is seen in whole outputs only; of one that drops by other masks, samples are drawn."""

    def __init__(self, others: bool = False) -> None:
        super().__init__()
        self.layer, self.norm, self.others = nn.Linear(3, 3), nn.BatchNorm1d(3), others

    def forward(self, x: Tensor) -> Tensor:
        dropped = self.norm(self.layer(x))
        if self.others and self.training:
            dropped = dropped * 2 * (torch.rand_like(dropped) > 0.5)
        return x + (dropped if self.others else nn.functional.dropout(dropped, 0.5, self.training))


ALMOST_RIGHT: dict[str, tuple[nn.Module, Check]] = {
    "same computation": (REFERENCE, CHECKS["same computation"]),
    "same dropout": (REFERENCE, CHECKS["same dropout"]),
    "gradients": (
        nn.Linear(3, 2),
        lambda a: checks.assert_same_computation(
            a.module("m"), nn.Linear(3, 2), input_shape=(3,), learns=True
        ),
    ),
    "other masks": (
        Residual(others=True),
        lambda a: checks.assert_same_dropout(a.module("m"), Residual(), input_shape=(3,)),
    ),
    "statistics": (
        Residual(others=True),
        lambda a: checks.assert_same_statistics(a.module("m"), Residual(), input_shape=(3,)),
    ),
    "an output": (nn.LSTM(3, 3), lambda a: checks.assert_output_of(a.tensor("tensor"), a.module("m"), X[None])),
}


@pytest.mark.parametrize(("module", "check"), ALMOST_RIGHT.values(), ids=ALMOST_RIGHT.keys())
@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_only_a_verdict_comes_out_of_answers_that_are_almost_right(
    module: nn.Module, check: Check, data: st.DataObject
) -> None:
    """A right module but for an output or two of another shape or size: what a check has seen, it trusts."""

    class AlmostRight(Here):
        def ask(self, request: Request, sent: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
            reply, found = super().ask(request, sent)
            given = list(found)
            for _ in range(data.draw(st.integers(0, 2)) if isinstance(request, Compute) and given else 0):
                place = data.draw(st.integers(0, len(given) - 1))
                given[place] = data.draw(almost(given[place]))
            return reply, given

    peer = AlmostRight({"m": module.train(), "tensor": torch.zeros(2, 3)})
    answer = Answer("question", peer, Seeds.of_run(0), frozenset(["m", "tensor"]), {})
    with suppress(Verdict):
        check(answer)


@st.composite
def almost(draw: st.DrawFn, right: Tensor) -> Tensor:
    """The right numbers in another shape, or others in the right shape."""
    match draw(st.integers(0, 4)):
        case 0:
            return right[:0]
        case 1:
            return right[..., :1]
        case 2:
            return right[..., :0]
        case 3:
            return right.unsqueeze(0)
        case _:
            return right + draw(st.sampled_from(VALUES))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(outputs=st.lists(tensors(), min_size=3, max_size=3))
def test_no_odd_output_passes_for_the_reference(outputs: list[Tensor]) -> None:
    """An answer that is not the reference's numbers never passes: not NaN, not infinity, not an empty tensor."""

    class Answering:
        def ask_afresh(self, request: Replay) -> None:
            return None

        def ask(self, request: Request, sent: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
            match request:
                case Look():
                    return Seen(kind="module", classes=MODULE, parameters=PARAMETERS), ()
                case Trace():
                    return Traced(parameters=PARAMETERS), ()
                case _:
                    return Computed((Passed(outputs=1),) * 3), outputs

    answer = Answer("question", Answering(), Seeds.of_run(0), frozenset(["m"]), {})
    with pytest.raises(Verdict):
        checks.assert_same_computation(answer.module("m"), REFERENCE, input_shape=(3,))
