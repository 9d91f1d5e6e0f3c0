"""``assert_same_dropout`` and ``assert_dropped``: where, how often and when something is dropped, and nothing else."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from autograder.checks import assert_dropped, assert_same_dropout
from autograder.checks.chance import possible
from autograder.checks.dropout_masks import COUNTED_ROWS, ROWS
from autograder.evidence.proxies import TensorProxy
from autograder.evidence.verdict import Verdict
from autograder.results import Outcome
from autograder.wire.messages import Compute, Look, Trace
from tests.checks.students import Here, in_a_row, mlp, model, proxy, state, written


def dropping(
    dropped: str, last: str = "F.log_softmax({}, 1)", hidden: str = "F.relu({})", init: str = ""
) -> str:
    """Source of the course's MLP in functional style; ``dropped`` acts after the first activation."""
    first, second = hidden.format("self.fc1(x)"), hidden.format("self.fc2(x)")
    return written(f"x = {first}\n{dropped}\nx = {second}\nreturn {last.format('self.fc3(x)')}", init)


def mask(drawn: str, scale: str = "0.8") -> str:
    """A mask of the student's own, in training only."""
    return dropping(f"if self.training: x = x * ({drawn}) / {scale}")


FIRST, SECOND, THIRD = "nn.Linear(784, 128)", "nn.Linear(128, 64)", "nn.Linear(64, 10)"
LAST = "nn.LogSoftmax(dim=1)"

RIGHT = {
    "nn.Dropout": in_a_row(FIRST, "nn.ReLU()", "nn.Dropout(0.2)", SECOND, "nn.ReLU()", THIRD, LAST),
    "before the ReLU": in_a_row(FIRST, "nn.Dropout(0.2)", "nn.ReLU()", SECOND, "nn.ReLU()", THIRD, LAST),
    "F.dropout": dropping("x = F.dropout(x, 0.2, self.training)"),
    "F.dropout by name": dropping("x = F.dropout(input=x, training=self.training, p=0.2)"),
    "in place": dropping("x = F.dropout(x, 0.2, self.training, inplace=True)"),
    "torch.dropout": dropping("x = torch.dropout(x, 0.2, train=self.training)"),
    "a layer in the class": dropping("x = self.drop(x)", init="self.drop = nn.Dropout(p=0.2)"),
    "1 - 0.8": dropping("x = F.dropout(x, 1 - 0.8, self.training)"),
    "own mask, torch.rand": mask("torch.rand(x.shape) >= 0.2"),
    "own mask, rand_like": mask("torch.rand_like(x) < 0.8"),
    "own mask, bernoulli": mask("torch.bernoulli(torch.full_like(x, 0.8))"),
    "own mask, numpy": mask("torch.from_numpy(numpy.random.rand(*x.shape) >= 0.2)"),
    "masked_fill": dropping("if self.training: x = x.masked_fill(torch.rand_like(x) < 0.2, 0) / 0.8"),
    "a layer that does nothing": in_a_row(
        FIRST, "nn.ReLU()", "nn.Dropout(0.2)", "nn.Dropout(0)", SECOND, "nn.ReLU()", THIRD, LAST
    ),
    "float64": dropping("x = F.dropout(x, 0.2, self.training)") + "model.double()",
    "in eval mode": dropping("x = F.dropout(x, 0.2, self.training)") + "model.eval()",
    "zero weights": dropping("x = F.dropout(x, 0.2, self.training)")
    + "for p in model.parameters(): p.data.zero_()",
    "Softmax at the end": dropping("x = F.dropout(x, 0.2, self.training)", last="F.softmax({}, 1)"),
    "nothing at the end": dropping("x = F.dropout(x, 0.2, self.training)", last="{}"),
    "Sigmoid inside": dropping("x = F.dropout(x, 0.2, self.training)", hidden="torch.sigmoid({})"),
    "no activation": dropping("x = F.dropout(x, 0.2, self.training)", hidden="{}"),
    "scripted": dropping("x = self.drop(x)", init="self.drop = torch.jit.script(nn.Dropout(0.2))"),
    "scripted as a whole": in_a_row(FIRST, "nn.ReLU()", "nn.Dropout(0.2)", SECOND, "nn.ReLU()", THIRD, LAST)
    + "\nmodel = torch.jit.script(model)",
    "a spare ReLU at the end": dropping("x = F.dropout(x, 0.2, self.training)", last="F.relu({0}) + {0}"),
}


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT.keys())
def test_the_right_dropout_passes_whatever_else_is_wrong(source: str) -> None:
    """However it is spelt, masks of one's own included; afterwards nothing of the model has moved."""
    module, reference = model(source), mlp()
    before = state(module)
    assert_same_dropout(proxy(module), reference, input_shape=(784,))
    assert state(module) == before


def test_a_right_answer_is_asked_once() -> None:
    """Whether the reference can be looked at in this way is asked of the reference, here."""
    found = proxy(model(RIGHT["F.dropout"]))
    assert_same_dropout(found, mlp(), input_shape=(784,))
    assert isinstance(found.peer, Here)
    *_, computed = found.peer.asked
    assert [type(request) for request in found.peer.asked] == [Look, Trace, Compute]
    assert isinstance(computed, Compute)
    assert len(computed.passes) == 7


WRONG = {
    "always on": (dropping("x = F.dropout(x, 0.2)"), "dropout_always_on"),
    "always on, torch.dropout": (dropping("x = torch.dropout(x, 0.2, True)"), "dropout_always_on"),
    "a fresh layer in forward": (dropping("x = nn.Dropout(0.2)(x)"), "dropout_always_on"),
    "own mask always on": (dropping("x = x * (torch.rand_like(x) >= 0.2) / 0.8"), "dropout_always_on"),
    "the wrong way round": (dropping("x = F.dropout(x, 0.2, not self.training)"), "dropout_always_on"),
    "never": (dropping("pass"), "dropout_never_on"),
    "p = 0": (dropping("x = F.dropout(x, 0.0, self.training)"), "dropout_never_on"),
    "defined, not used": (dropping("pass", init="self.drop = nn.Dropout(0.2)"), "dropout_never_on"),
    "training=False": (dropping("x = F.dropout(x, 0.2, False)"), "dropout_never_on"),
    "traced in eval mode": (
        dropping("x = F.dropout(x, 0.2, self.training)")
        + "\nmodel = torch.jit.trace(model.eval(), torch.zeros(2, 784), check_trace=False)",
        "dropout_never_on",
    ),
    "traced in training": (
        dropping("x = F.dropout(x, 0.2, self.training)")
        + "\nmodel = torch.jit.trace(model, torch.zeros(2, 784), check_trace=False)",
        "dropout_always_on",
    ),
    "scripted, with another share": (
        in_a_row(FIRST, "nn.ReLU()", "nn.Dropout(0.8)", SECOND, "nn.ReLU()", THIRD, LAST)
        + "\nmodel = torch.jit.script(model)",
        "dropout_keep_versus_drop",
    ),
    "p = 0.8": (dropping("x = F.dropout(x, 0.8, self.training)"), "dropout_keep_versus_drop"),
    "own mask that keeps a fifth": (mask("torch.rand_like(x) < 0.2", "0.2"), "dropout_keep_versus_drop"),
    "p = 0.25": (dropping("x = F.dropout(x, 0.25, self.training)"), "dropout_wrong_p"),
    "p = 0.5": (dropping("x = F.dropout(x, 0.5, self.training)"), "dropout_wrong_p"),
    "p = 1": (dropping("x = F.dropout(x, 1.0, self.training)"), "dropout_wrong_p"),
    "own mask of 0.25, scaled for 0.2": (mask("torch.rand_like(x) >= 0.25"), "dropout_wrong_p"),
    "own mask of 0.8, scaled for 0.2": (mask("torch.rand_like(x) < 0.2"), "dropout_wrong_p"),
    "unscaled": (mask("torch.rand_like(x) >= 0.2", "1"), "dropout_not_scaled"),
    "one mask for every row": (mask("torch.rand(x.shape[1:]) >= 0.2"), "dropout_not_independent"),
    "whole rows": (mask("torch.rand(len(x), 1) >= 0.2"), "dropout_not_independent"),
    "after the second ReLU": (
        in_a_row(FIRST, "nn.ReLU()", SECOND, "nn.ReLU()", "nn.Dropout(0.2)", THIRD, LAST),
        "dropout_elsewhere",
    ),
    "on the input": (
        in_a_row("nn.Dropout(0.2)", FIRST, "nn.ReLU()", SECOND, "nn.ReLU()", THIRD, LAST),
        "dropout_elsewhere",
    ),
    "after both": (
        in_a_row(FIRST, "nn.ReLU()", "nn.Dropout(0.2)", SECOND, "nn.ReLU()", "nn.Dropout(0.2)", THIRD, LAST),
        "dropout_extra",
    ),
    "on the output": (
        in_a_row(FIRST, "nn.ReLU()", SECOND, "nn.ReLU()", THIRD, LAST, "nn.Dropout(0.2)"),
        "dropout_elsewhere",
    ),
    "other sizes": (in_a_row("nn.Linear(784, 10)", "nn.Dropout(0.2)"), "layer_missing output_activation_missing"),
    "raises in training": (dropping("assert not self.training"), "forward_raised"),
    "NaN in training": (dropping("if self.training: x = x * float('nan')"), "nan_values"),
    "infinite in training": (dropping("pass", last="{} / (not self.training)"), "infinite_values"),
    "noise by torch": (dropping("x = x + torch.rand(1)"), "forward_not_deterministic"),
    "noise on every row": (dropping("x = x + torch.rand(len(x), 1)"), "forward_not_deterministic"),
    "noise by Python": (dropping("x = x + random.random()"), "forward_not_deterministic"),
    "noise by numpy": (dropping("x = x + numpy.random.rand()"), "forward_not_deterministic"),
    "noise beside a dropout": (
        dropping("x = F.dropout(x, 0.2, self.training) + torch.rand(1)"),
        "forward_not_deterministic",
    ),
    "own mask always on, numpy": (
        dropping("x = x * torch.from_numpy(numpy.random.rand(*x.shape) >= 0.2) / 0.8"),
        "dropout_always_on",
    ),
    "always on, elsewhere": (dropping("pass", last="F.dropout({}, 0.2)"), "dropout_always_on"),
    "another shape in training": (dropping("if self.training: x = x[:1]"), "wrong_output_shape"),
    "nothing in training": (dropping("if self.training: return"), "forward_returned_no_tensor"),
}


@pytest.mark.parametrize(("source", "code"), WRONG.values(), ids=WRONG.keys())
def test_another_dropout_fails_with_its_code(source: str, code: str) -> None:
    """And the model is left as it was, also where its forward pass raises."""
    module, reference = model(source), mlp()
    before = state(module)
    with pytest.raises(Verdict) as caught:
        assert_same_dropout(proxy(module), reference, input_shape=(784,))
    assert [finding.code for finding in caught.value.findings] == code.split()
    assert caught.value.outcome is Outcome.FAILED
    assert state(module) == before


@pytest.mark.parametrize("seed", range(12))
def test_one_mask_for_every_row_is_told_whatever_it_drops(seed: int) -> None:
    """Of the two units that are looked at it may drop one, both or neither."""
    module = model(mask("torch.rand(x.shape[1:]) >= 0.2"))
    with pytest.raises(Verdict) as caught:
        assert_same_dropout(proxy(module, seed), mlp(), input_shape=(784,))
    assert [finding.code for finding in caught.value.findings] == ["dropout_not_independent"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (nn.Dropout(0.5), None),
        (nn.Sequential(nn.Dropout(0.5)), None),
        (nn.Dropout(0.5, inplace=True), None),
        (nn.Dropout(0.2), "dropout_wrong_p"),
        (nn.Dropout(0.0), "dropout_never_on"),
        (nn.Dropout(1.0), "dropout_wrong_p"),
        (nn.Identity(), "dropout_never_on"),
        (nn.Sequential(), "dropout_never_on"),
        (nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5)), "dropout_wrong_p"),
        (nn.Dropout1d(0.5), "dropout_not_independent"),
        (nn.Linear(50, 50), "layer_extra"),
        (nn.ReLU(), "dropout_never_on"),
    ],
    ids=str,
)  # fmt: skip
def test_a_dropout_alone(found: nn.Module, code: str | None) -> None:
    """A layer that feeds nothing is read from its output; an empty model does not pass for dropout."""
    if code is None:
        assert_same_dropout(proxy(found), nn.Dropout(0.5), input_shape=(50,))
    else:
        with pytest.raises(Verdict, match=code):
            assert_same_dropout(proxy(found), nn.Dropout(0.5), input_shape=(50,))


def test_a_reference_must_have_dropout() -> None:
    """None is the author's mistake, and not put on the student."""
    with pytest.raises(ValueError, match="drops nothing in training"):
        assert_same_dropout(proxy(nn.Linear(4, 4)), nn.Linear(4, 4), input_shape=(4,))


class OwnMask(nn.Module):
    """Drops a share ``p`` after its first layer by a mask of its own, scaled as for 0.2."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.first, self.second, self.p = nn.Linear(8, 24), nn.Linear(24, 6), p

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x))
        if self.training:
            x = x * (torch.rand_like(x) >= self.p) / 0.8
        return torch.as_tensor(self.second(x))


SMALL = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 6))


def test_counting_lets_every_right_mask_pass() -> None:
    """Masks drawn in another way than torch's: 200 seeds at p = 0.2, none fails."""
    module = OwnMask(0.2)
    for seed in range(200):
        assert_same_dropout(proxy(module, seed), SMALL, input_shape=(8,))


def test_counting_finds_every_wrong_mask() -> None:
    """The same at p = 0.25: 200 seeds, none passes."""
    module = OwnMask(0.25)
    for seed in range(200):
        with pytest.raises(Verdict, match="dropout_wrong_p"):
            assert_same_dropout(proxy(module, seed), SMALL, input_shape=(8,))


def test_torchs_own_masks_coincide_under_every_seed() -> None:
    """In the course's sizes, with the output that shows least, no model is "not visible": 60 seeds."""
    module = model(dropping("x = F.dropout(x, 0.2, self.training)", last="F.softmax({}, 1)"))
    for seed in range(60):
        assert_same_dropout(proxy(module, seed), mlp(nn.Softmax(dim=1)), input_shape=(784,))


@pytest.mark.parametrize("width", [2, 3, 8])
def test_few_units_are_enough(width: int) -> None:
    """Weights that leave fewer than two units alive are drawn again, not held against right work: 100 seeds."""
    reference = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 6))
    for seed in range(100):
        assert_same_dropout(proxy(nn.Sequential(*reference), seed), reference, input_shape=(8,))


def test_one_unit_is_judged_by_the_whole_output() -> None:
    """With one unit there is no telling two masks apart; what the model gives in training tells the dropout."""
    reference = nn.Sequential(nn.Linear(8, 1), nn.Dropout(0.2), nn.Linear(1, 6))
    for seed in range(20):
        assert_same_dropout(proxy(nn.Sequential(*reference), seed), reference, input_shape=(8,))
    for other in (nn.Identity(), nn.Dropout(0.3)):
        with pytest.raises(Verdict):
            assert_same_dropout(
                proxy(nn.Sequential(reference[0], other, reference[2])), reference, input_shape=(8,)
            )


def tails(places: int, share: float, true: float) -> tuple[float, float]:
    """Exact probabilities that a count of Binomial(places, true) is called impossible, and possible, for ``share``."""
    log = math.log
    chances = [
        math.exp(
            math.lgamma(places + 1) - math.lgamma(k + 1) - math.lgamma(places - k + 1)
            + k * log(true) + (places - k) * log(1 - true)
        )
        for k in range(places + 1)
    ]  # fmt: skip
    refused = math.fsum(chance for k, chance in enumerate(chances) if not possible(k, places, share))
    accepted = math.fsum(chance for k, chance in enumerate(chances) if possible(k, places, share))
    assert math.isclose(refused + accepted, 1, rel_tol=1e-9)
    return refused, accepted


@pytest.mark.parametrize("places", [10, 50, 100, 1_000, COUNTED_ROWS, 2 * COUNTED_ROWS])
@pytest.mark.parametrize("share", [0.04, 0.2, 0.25, 0.5, 0.8])
def test_right_counts_are_refused_less_than_once_in_a_billion(places: int, share: float) -> None:
    """The exact tail of the binomial, added up term by term."""
    assert tails(places, share, share)[0] < 1e-9 / 3


def test_wrong_counts_are_accepted_less_than_once_in_a_million() -> None:
    """p = 0.25 for 0.2, in as many places as are counted; and in the rows whose masks must coincide."""
    assert tails(2 * COUNTED_ROWS, 0.2, 0.25)[1] < 1e-6
    assert 0.95 ** (2 * ROWS) < 1e-6


def dropped(p: float, scale: float | None = None, shape: tuple[int, ...] = (40, 50)) -> tuple[Tensor, Tensor]:
    """An input without zeros, and what is left of it."""
    inputs = torch.rand(shape, generator=torch.Generator().manual_seed(3)) + 0.5
    kept = torch.rand(shape, generator=torch.Generator().manual_seed(4)) >= p
    return inputs, inputs * kept * (1 / (1 - p) if scale is None else scale)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_a_dropped_tensor_passes(p: float) -> None:
    """In float32 and float64, also of few elements and with negative ones."""
    for shape in ((40, 50), (20,), (2, 3, 4)):
        inputs, output = dropped(p, shape=shape)
        assert_dropped(TensorProxy("y", output), inputs, p=p)
        assert_dropped(TensorProxy("y", -output.double()), -inputs, p=p)


def odd(place: int, value: float) -> Tensor:
    _, output = dropped(0.5)
    output.view(-1)[place] = value
    return output


KEPT = int(dropped(0.5)[1].flatten().nonzero()[0])


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (dropped(0.5)[0], "train_output_not_dropped"),
        (dropped(0.5)[0] * 2, "dropout_wrong_p"),
        (dropped(0.2)[1], "dropout_wrong_p"),
        (dropped(0.2, scale=2)[1], "dropout_wrong_p"),
        (dropped(0.5, scale=1)[1], "dropout_not_scaled"),
        (dropped(0.5)[1] * 0, "dropout_wrong_p"),
        (torch.rand(40, 50) + 3, "values_differ"),
        (torch.randn(40, 50) * 1e-5, "values_differ"),
        (torch.tensor([1e-5, -1e-5]).repeat(1000).view(40, 50) * dropped(0.5)[0], "values_differ"),
        (dropped(0.5)[1][:39], "wrong_shape"),
        (torch.tensor(1.0), "wrong_shape"),
        (odd(KEPT, math.nan), "nan_values"),
        (torch.full((40, 50), math.nan), "nan_values"),
        (odd(KEPT, math.inf), "infinite_values"),
        (odd(KEPT, -math.inf), "infinite_values"),
        (dropped(0.5)[1].to(torch.int64), "values_differ"),
        (dropped(0.5)[1] != 0, "values_differ"),
        (odd(KEPT, 1e38), "values_differ"),
    ],
)
def test_another_tensor_is_not_the_input_dropped(output: Tensor, code: str) -> None:
    """What it is instead has its code; NaN and infinities never slip through a comparison."""
    with pytest.raises(Verdict, match=code):
        assert_dropped(TensorProxy("y", output), dropped(0.5)[0], p=0.5)


def test_a_softmax_over_the_batch_costs_no_dropout() -> None:
    """Where rows cannot be looked at alone, the reference with that one mistake stands in for it."""
    wrong = nn.Sequential(*list(mlp())[:-1], nn.LogSoftmax(dim=0))
    assert_same_dropout(proxy(wrong), mlp(), input_shape=(784,))
    without = nn.Sequential(*[layer for layer in wrong if not isinstance(layer, nn.Dropout)])
    with pytest.raises(Verdict):
        assert_same_dropout(proxy(without), mlp(), input_shape=(784,))
