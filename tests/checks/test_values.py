"""Assertions about tensors: right, wrong, and of every odd kind that a student's cell can leave."""

from __future__ import annotations

import math
import re

import pytest
import torch
from torch import Tensor, nn

from autograder.checks import assert_close, assert_output_of, assert_shape
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.errors import AssignmentError
from autograder.evidence.proxies import LiteralProxy, TensorProxy
from autograder.evidence.verdict import Verdict
from tests.checks.students import answer, proxy

INF, NAN = math.inf, math.nan


def found(values: object, dtype: torch.dtype | None = None) -> TensorProxy:
    return TensorProxy("y", torch.as_tensor(values, dtype=dtype))


@pytest.mark.parametrize("shape", [(), (0,), (1, 5), (2, 3, 4)])
def test_a_shape_is_exact(shape: tuple[int, ...]) -> None:
    """The same numbers of the same dimensions, and not one that broadcasts."""
    assert_shape(found(torch.zeros(shape)), shape)
    for other in ((*shape, 1), (1, *shape), (7,)):
        with pytest.raises(Verdict, match="wrong_shape") as caught:
            assert_shape(found(torch.zeros(shape)), other)
        assert caught.value.findings[0].found == str(shape)
        assert caught.value.findings[0].expected == str(other)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0]),
        ([1, 2], [1.0, 2.0]),
        ([1.0, 2.0], [1, 2]),
        ([True, False], [1.0, 0.0]),
        ([1.0, 0.0], [True, False]),
        (3.0, 3.0),
        ([], []),
        ([1e38, -1e38], [1e38, -1e38]),
        ([INF, -INF, 1.0], [INF, -INF, 1.0]),
        ([NAN, 1.0], [NAN, 1.0]),
        ([1.0000001, 2.0], [1.0, 2.0]),
        ([2**40, 1], [2**40, 1]),
    ],
)
def test_the_same_numbers_are_close(values: object, expected: object) -> None:
    """Within rounding, whatever their type: a student who answers in float64 or in integers is right."""
    assert_close(found(values), torch.as_tensor(expected))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_the_coarser_type_sets_the_tolerance(dtype: torch.dtype) -> None:
    """A third written down in half precision is a third; two thirds are none in any."""
    third = torch.tensor([1 / 3, -1 / 3])
    assert_close(found(third, dtype), third)
    with pytest.raises(Verdict, match="values_differ"):
        assert_close(found(2 * third, dtype), third)


@pytest.mark.parametrize(
    ("whole", "other", "dtype"),
    [
        (1_000_000, 1_000_001, torch.float32),
        (109_386, 109_056, torch.bfloat16),
        (109_386, INF, torch.float16),
        (200, 201, torch.float16),
        (200, 201, torch.bfloat16),
    ],
)
def test_a_coarse_type_makes_no_other_whole_number_right(whole: int, other: float, dtype: torch.dtype) -> None:
    """A count in half precision is right as far as that can hold it; its neighbour is another count."""
    assert_close(found(float(whole), torch.float32), torch.tensor(whole))
    if dtype is not torch.float16 or whole < torch.finfo(dtype).max:
        assert_close(found(float(whole), dtype), torch.tensor(whole))
    with pytest.raises(Verdict, match="infinite_values" if other == INF else "exact_values_differ"):
        assert_close(found(other, dtype), torch.tensor(whole))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_hides_nothing(dtype: torch.dtype) -> None:
    """A coarse type is allowed its own rounding: a uniform guess in it is no softmax."""
    softmax = torch.softmax(torch.tensor([[0.1, -0.2, 0.3, 0.0, 0.2]]), dim=1)
    assert_close(found(softmax, dtype), softmax)
    with pytest.raises(Verdict, match="values_differ"):
        assert_close(found(torch.full((1, 5), 0.2), dtype), softmax)


@pytest.mark.parametrize(
    ("values", "expected", "code"),
    [
        ([1.0, 2.1], [1.0, 2.0], "values_differ"),
        ([1.0, 2.0], [2.0, 1.0], "values_differ"),
        ([1.0001, 2.0], [1.0, 2.0], "values_differ"),
        ([1, 2], [1, 3], "exact_values_differ"),
        ([True, True], [True, False], "exact_values_differ"),
        ([NAN, 2.0], [1.0, 2.0], "nan_values"),
        ([1.0, 2.0], [NAN, 2.0], "values_differ"),
        ([INF, 2.0], [1.0, 2.0], "infinite_values"),
        ([INF, 2.0], [-INF, 2.0], "infinite_values"),
        ([1.0, 2.0], [INF, 2.0], "infinity_missing"),
        ([-INF, 2.0], [-INF, 3.0], "values_differ"),
        ([NAN, INF], [NAN, 1.0], "infinite_values"),
        ([-1e9, 2.0], [-INF, 2.0], "infinity_missing"),
        ([3.4e38, -3.4e38], [-3.4e38, 3.4e38], "values_differ"),
        ([1e308, 2.0], [1.0, 2.0], "values_differ"),
        ([2**62, 1], [1, 1], "exact_values_differ"),
        (100, 120, "exact_values_differ"),
        (99.5, 120, "exact_values_differ"),
        (100.0, 120.0, "exact_values_differ"),
        (False, 120.0, "exact_values_differ"),
        (99.5, 120.0, "values_differ"),
        (INF, 120.0, "infinite_values"),
        ([[1.0, 2.0]], [1.0, 2.0], "wrong_shape"),
        (1.0, [1.0], "wrong_shape"),
        ([], [1.0], "wrong_shape"),
        (NAN, 1.0, "nan_values"),
    ],
)
def test_other_numbers_are_not(values: object, expected: object, code: str) -> None:
    """Each difference has its code; an infinity or NaN that was not expected is never within tolerance."""
    wide = torch.float64 if values == [1e308, 2.0] else None
    with pytest.raises(Verdict) as caught:
        assert_close(found(values, wide), torch.as_tensor(expected))
    assert [finding.code for finding in caught.value.findings] == [code]


LAYER = nn.Linear(4, 3)
X = torch.tensor([[1.0, -2.0, 3.0, 0.5], [0.0, 1.0, 0.0, -1.0]])


def output_of(values: Tensor, module: nn.Module = LAYER) -> None:
    held = answer({"layer": module, "y": values})
    assert_output_of(held.tensor("y"), held.module("layer"), X)


@pytest.mark.parametrize(
    ("module", "values"),
    [
        (LAYER, LAYER(X)),
        (LAYER, LAYER(X).detach()),
        (LAYER, X @ LAYER.weight.T + LAYER.bias),
        (nn.ReLU(), X.relu()),
        (nn.ReLU(), X.double().relu()),
        (nn.Linear(4, 3).double(), None),
        (nn.Sequential(LAYER, nn.Dropout(0.5)), LAYER(X)),
        (nn.Flatten(0), X.flatten()),
    ],
)
def test_an_output_that_comes_from_the_students_module(module: nn.Module, values: Tensor | None) -> None:
    """On the weights it has now and in eval mode, whatever type and mode the student used."""
    output_of(module(X.double()) if values is None else values, module)


@pytest.mark.parametrize(
    "values",
    [
        LAYER(X) + 1e-3,
        nn.Linear(4, 3)(X),
        LAYER(X)[:1],
        LAYER(X) * NAN,
        LAYER(X) * INF,
        torch.tensor(1.0),
        torch.zeros(0),
        torch.zeros(2, 3, dtype=torch.int64),
        torch.ones(2, 3) > 0,
    ],
)
def test_an_output_that_does_not(values: Tensor) -> None:
    """Another layer's, another input's, another shape's or type's."""
    with pytest.raises(Verdict, match="output_not_from_input") as caught:
        output_of(values)
    (finding,) = caught.value.findings
    assert finding.expected != finding.found or finding.expected is None, "two equal shapes explain nothing"


class Noisy(nn.Linear):
    """A layer that adds random numbers in either mode."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + torch.randn(3)


def normed() -> nn.Module:
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))


NORMED, DROPPED = normed(), nn.Sequential(LAYER, nn.Dropout(0.5), nn.Linear(3, 3))
ONE = nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (1, 8)), nn.Linear(8, 3), nn.BatchNorm1d(3))


@pytest.mark.parametrize(
    ("module", "values", "code"),
    [
        (NORMED, NORMED(X), "output_in_training_mode"),
        (NORMED, NORMED(X).double(), "output_in_training_mode"),
        (NORMED, NORMED(X) + 1e-2, "output_not_from_input"),
        (DROPPED, DROPPED(X), "output_not_evaluated"),
        (DROPPED, DROPPED(X) * NAN, "output_not_evaluated"),
        (nn.Sequential(NORMED, nn.Dropout(0.5)), nn.Sequential(NORMED, nn.Dropout(0.5))(X), "output_not_evaluated"),
        (DROPPED, LAYER(X)[:1], "output_not_from_input"),
        (Noisy(4, 3), LAYER(X), "forward_not_deterministic"),
        (ONE, torch.ones(1, 3), "output_not_from_input"),
    ],
)
def test_an_output_of_the_other_mode(module: nn.Module, values: Tensor, code: str) -> None:
    """A batch norm's can be told; of random ones it can be told that they are, where the shape is right.

    In training a batch norm refuses a batch of one: then nothing is known.
    """
    before = [buffer.clone() for buffer in module.buffers()]
    with pytest.raises(Verdict) as caught:
        output_of(values, module)
    assert [finding.code for finding in caught.value.findings] == [code]
    assert all(torch.equal(one, other) for one, other in zip(before, module.buffers(), strict=True))


@pytest.mark.parametrize("module", [nn.Identity(), nn.Sequential(), nn.Dropout(0.5)], ids=str)
def test_an_input_handed_on_is_no_output(module: nn.Module) -> None:
    """A module that computes nothing agrees with any tensor that is its input."""
    with pytest.raises(Verdict, match="output_is_input"):
        output_of(X, module)


@pytest.mark.parametrize(
    ("module", "code"),
    [(nn.Linear(5, 3), "forward_raised"), (nn.Sequential(LAYER, nn.Linear(4, 1)), "forward_raised")],
)
def test_a_module_that_raises_is_the_students(module: nn.Module, code: str) -> None:
    """Not a fault of the check; the input's shape is told with it."""
    with pytest.raises(Verdict, match=code) as caught:
        output_of(LAYER(X), module)
    assert caught.value.findings[0].facts["shape"] == str(tuple(X.shape))


def test_an_odd_output_costs_no_more_than_its_check() -> None:
    """Integers, booleans and infinities out of the student's own forward pass are compared like others."""

    class Odd(nn.Module):
        def __init__(self, made: Tensor) -> None:
            super().__init__()
            self.made = made

        def forward(self, x: Tensor) -> Tensor:
            return self.made

    for made in (X.to(torch.int64), X > 0, X * INF, torch.zeros(()), torch.zeros(0, 4)):
        output_of(made, Odd(made))
        with pytest.raises(Verdict, match="output_not_from_input"):
            output_of(torch.full((3, 3), 7.0), Odd(made))


class Counting(nn.Linear):
    """A layer that counts how often it runs."""

    runs = 0

    def forward(self, inputs: Tensor) -> Tensor:
        type(self).runs += 1
        return super().forward(inputs)


def test_a_layer_is_asked_once_for_the_shape_that_it_gives() -> None:
    """What a check file's own layer gives for a shape is the same for every submission; another shape is asked anew."""
    layer = Counting(3, 5)
    for batch in (2, 2, 4, 2):
        assert_shape(LiteralProxy("s", (batch, 5)), of=layer, input_shape=(batch, 3))
    assert Counting.runs == 2
    with pytest.raises(Verdict):
        assert_shape(LiteralProxy("s", (2, 5)), of=layer, input_shape=(4, 3))


def test_tolerance_grows_with_size_and_depth_and_not_without_bound() -> None:
    """An infinite expected value widens nothing; integers must be exact."""
    ones = torch.ones(3)
    assert tolerance(ones, torch.float32, 1) < tolerance(ones, torch.float32, 6) < 1e-4
    assert tolerance(ones * INF, torch.float32, 1) == tolerance(torch.zeros(1), torch.float32, 1)
    assert tolerance(ones, torch.int64, 1) == 0
    assert tolerance(ones > 0, torch.float32, 1) == tolerance(ones, torch.float32, 1)


def test_the_largest_difference_is_never_nan() -> None:
    """So that no comparison with it is silently false."""
    assert largest_difference(torch.tensor([NAN, INF]), torch.tensor([NAN, INF])) == 0
    for one, other in ((NAN, 1.0), (1.0, NAN), (INF, -INF), (INF, NAN)):
        assert largest_difference(torch.tensor([one]), torch.tensor([other])) > 1e30
    assert largest_difference(torch.zeros(0), torch.zeros(0)) == 0


def test_a_proxy_names_what_it_stands_for() -> None:
    """Findings carry the student's own names."""
    with pytest.raises(Verdict) as caught:
        assert_output_of(found(torch.zeros(1)), proxy(LAYER), X)
    assert caught.value.findings[0].facts == {"name": "y", "module": "model"}


@pytest.mark.parametrize(
    ("code", "remedy"),
    [("softmax_wrong_dims", "Did you mean softmax_wrong_dim"), ("xyz", 'assert not wrong, "…"')],
)
def test_a_mistake_of_an_unknown_code_is_the_authors(code: str, remedy: str) -> None:
    """Whatever was found; the remedy is a code there is, or words of their own."""
    with pytest.raises(AssignmentError, match=re.escape(code)) as caught:
        assert_close(TensorProxy("y", torch.ones(1)), torch.ones(1), unless={code: torch.zeros(1)})
    assert remedy in str(caught.value)
