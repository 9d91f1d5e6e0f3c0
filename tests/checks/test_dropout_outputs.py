"""``assert_same_dropout`` where no unit can be looked at alone: beside residuals, in sequences, of channels."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as students write it

from autograder.checks import assert_same_dropout
from autograder.evidence.verdict import Verdict
from autograder.wire.messages import Compute, Look, Trace
from tests.checks.students import Here, proxy

Dropping = Callable[[Tensor], Tensor]


class Dropped(nn.Module):
    """A model whose dropout is any callable that also takes the mode."""

    def __init__(self, layers: dict[str, nn.Module], forward: str, drop: Callable[[Tensor, bool], Tensor]) -> None:
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)
        self._written, self._drop = compile(forward, "<forward>", "eval"), drop

    def forward(self, x: Tensor) -> Tensor:
        def d(values: Tensor) -> Tensor:
            return self._drop(values, self.training)

        made: Tensor = eval(self._written, {"F": F, "torch": torch, "x": x, "d": d, **self._modules})
        return made


@dataclass
class Form:
    """A model as text, in which ``d`` is its dropout of a share ``p``; ``moved``: the same with it elsewhere."""

    layers: Callable[[], dict[str, nn.Module]]
    forward: str
    moved: str
    shape: tuple[int, ...]
    below: int | None = None
    p: float = 0.2
    kind: Callable[..., Tensor] = F.dropout

    def model(self, drop: Callable[[Tensor, bool], Tensor], forward: str = "") -> nn.Module:
        return Dropped(self.layers(), forward or self.forward, drop)

    def dropping(self, p: float, forward: str = "") -> nn.Module:
        return self.model(lambda values, training: self.kind(values, p, training), forward)

    @functools.cached_property
    def reference(self) -> nn.Module:
        return self.dropping(self.p)

    def check(self, found: nn.Module, seed: int = 0) -> None:
        assert_same_dropout(
            proxy(found, seed), self.reference, input_shape=self.shape, input_below=self.below
        )

    def code(self, found: nn.Module, seed: int = 0) -> str:
        with pytest.raises(Verdict) as caught:
            self.check(found, seed)
        return " ".join(finding.code for finding in caught.value.findings)


def linear() -> dict[str, nn.Module]:
    return {"a": nn.Linear(8, 8)}


def block() -> dict[str, nn.Module]:
    return {"n": nn.LayerNorm(8), "a": nn.Linear(8, 32), "b": nn.Linear(32, 8)}


def text(last: nn.Module) -> Callable[[], dict[str, nn.Module]]:
    return lambda: {"e": nn.Embedding(20, 8), "l": last}


def pictures() -> dict[str, nn.Module]:
    return {"c": nn.Conv2d(1, 4, 3), "k": nn.Conv2d(4, 6, 3), "l": nn.Linear(24, 3)}


WINDOWS = "l(F.relu(k({}(F.max_pool2d(F.relu(c(x)), 2)))).flatten(1))"
FORMS = {
    "residual": Form(linear, "x + d(a(x))", "d(x + a(x))", (8,)),
    "residual of a sequence": Form(linear, "x + d(a(x))", "d(x) + a(x)", (5, 8)),
    "pre-norm": Form(block, "x + d(b(F.gelu(a(n(x)))))", "x + b(d(F.gelu(a(n(x)))))", (8,), p=0.1),
    "post-norm": Form(block, "n(x + d(b(F.relu(a(x)))))", "n(d(x + b(F.relu(a(x)))))", (8,), p=0.1),
    "attention": Form(
        linear,
        "d((a(x) @ x.transpose(1, 2)).softmax(-1)) @ x",
        "d(a(x) @ x.transpose(1, 2)).softmax(-1) @ x",
        (5, 8),
    ),
    "alpha": Form(linear, "d(F.selu(a(x)))", "F.selu(d(a(x)))", (8,), kind=F.alpha_dropout),
    "channels": Form(pictures, WINDOWS.format("d"), "l(d(F.relu(k(F.max_pool2d(F.relu(c(x)), 2)))).flatten(1))",
                     (1, 10, 10), kind=F.dropout2d),
    "channels at the end": Form(
        lambda: {"c": nn.Conv2d(3, 6, 3)}, "d(c(x))", "c(d(x))", (3, 8, 8), kind=F.dropout2d
    ),
    "between convolutions": Form(
        pictures,
        WINDOWS.format("d"),
        "l(d(F.relu(k(F.max_pool2d(F.relu(c(x)), 2)))).flatten(1))",
        (1, 10, 10),
    ),
    "embedding, convolution": Form(
        text(nn.Conv1d(8, 4, 3)), "l(d(e(x)).transpose(1, 2))", "d(l(e(x).transpose(1, 2)))", (6,), 20
    ),
    "embedding, linear": Form(text(nn.Linear(8, 4)), "l(d(e(x)))", "d(l(e(x)))", (6,), 20),
    "embedding, GRU": Form(
        text(nn.GRU(8, 4, batch_first=True)), "l(d(e(x)))[0][:, -1]", "d(l(e(x))[0][:, -1])", (6,), 20
    ),
    "a mean over steps": Form(
        lambda: {"a": nn.Linear(8, 8), "l": nn.Linear(8, 4)}, "l(d(a(x)).mean(1))", "l(d(a(x).mean(1)))", (6, 8)
    ),
    "after a batch norm": Form(
        lambda: {"a": nn.Linear(8, 8), "n": nn.BatchNorm1d(8), "l": nn.Linear(8, 4)},
        "l(d(F.relu(n(a(x)))))", "d(l(F.relu(n(a(x)))))", (8,),
    ),
    "twice": Form(
        lambda: {"a": nn.Linear(8, 8), "l": nn.Linear(8, 4)},
        "l(d(F.relu(a(d(x)))))", "d(l(d(F.relu(a(x)))))", (8,),
    ),
}  # fmt: skip
OWN_MASKS = [name for name, form in FORMS.items() if form.kind is F.dropout]
each = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
each_of_units = pytest.mark.parametrize("form", [FORMS[name] for name in OWN_MASKS], ids=OWN_MASKS)


def own_mask(p: float, scale: float) -> Callable[[Tensor, bool], Tensor]:
    return lambda values, training: values * (torch.rand_like(values) >= p) * scale if training else values


@each
def test_the_same_model_passes(form: Form) -> None:
    """Under every seed, and asked for once: the outputs coincide."""
    for seed in range(20):
        form.check(form.dropping(form.p), seed)
    found = proxy(form.dropping(form.p))
    assert_same_dropout(found, form.reference, input_shape=form.shape, input_below=form.below)
    assert isinstance(found.peer, Here)
    assert [type(request) for request in found.peer.asked] == [Look, Trace, Compute]


@each_of_units
def test_a_mask_of_ones_own_passes(form: Form) -> None:
    """Its outputs do not coincide with the reference's; they are distributed alike."""
    for seed in range(2):
        form.check(form.model(own_mask(form.p, 1 / (1 - form.p))), seed)


@each
def test_no_dropout_fails(form: Form) -> None:
    """Left out, or switched off."""
    for without in (form.model(lambda values, _: values), form.model(lambda values, _: F.dropout(values, 0.2, False))):
        assert form.code(without) == "dropout_never_on"


@each
def test_dropout_that_is_always_on_fails(form: Form) -> None:
    """In evaluation as in training."""
    assert form.code(form.model(lambda values, _: form.kind(values, form.p, True))) == "dropout_always_on"


@pytest.mark.parametrize(
    "noise", [lambda: torch.rand(1), lambda: torch.tensor(random.random()), lambda: torch.tensor(numpy.random.rand())]
)
def test_noise_in_evaluation_is_no_dropout(noise: Callable[[], Tensor]) -> None:
    """Whatever generator it comes from, also beside the right dropout."""
    form = FORMS["residual"]
    code = form.code(form.model(lambda values, training: form.kind(values, form.p, training) + noise()))
    assert code == "forward_not_deterministic"


def test_infinite_outputs_are_not_called_nan() -> None:
    """Nor is what is no number called infinite."""
    form = FORMS["residual"]
    endless = form.model(lambda values, training: (form.kind(values, form.p, training) * 0 + 1) / 0)
    assert form.code(endless) == "infinite_values"
    assert form.code(form.model(lambda values, _: values / 0 - values / 0)) == "nan_values"


@each
def test_another_share_fails(form: Form) -> None:
    """Whatever it is; of channels, the setting of the layer is named."""
    assert form.code(form.dropping(1 - form.p)) == "dropout_keep_versus_drop"
    assert form.code(form.dropping(form.p + 0.05)) == "dropout_wrong_p"
    assert form.code(form.dropping(form.p + 0.03)) in ("dropout_wrong_p", "layer_setting")


@each
def test_dropout_elsewhere_fails(form: Form) -> None:
    """Moved, missing or too often: what differs is named."""
    code = form.code(form.dropping(form.p, form.moved))
    assert code in ("dropout_elsewhere", "connected_differently", "layer_missing", "step_missing"), code


@each_of_units
def test_a_wrong_mask_of_ones_own_fails(form: Form) -> None:
    """Another share, scaled for it or not; no scale; one mask for all rows."""
    share = form.p + (0.3 if form is FORMS["after a batch norm"] else 0.05)  # its inputs vary: less is seen
    assert form.code(form.model(own_mask(share, 1 / (1 - share)))) == "dropout_wrong_p"
    assert form.code(form.model(own_mask(share, 1 / (1 - form.p)))) == "depends_on_mode"
    assert form.code(form.model(own_mask(form.p, 1))) == "dropout_not_scaled"


@each
def test_one_mask_for_every_row_fails(form: Form) -> None:
    """Every row is dropped what the first one is."""

    def drop(values: Tensor, training: bool) -> Tensor:
        return values * F.dropout(torch.ones_like(values[:1]), form.p) if training else values

    code = form.code(form.model(drop))
    assert code == "dropout_not_independent" or form is FORMS["after a batch norm"], code


class Recurrent(nn.Module):
    """Drops between the two layers of a GRU, which is no operation of its own."""

    def __init__(self, p: float = 0.3) -> None:
        super().__init__()
        self.g = nn.GRU(4, 6, num_layers=2, dropout=p, batch_first=True)
        self.l = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.l(self.g(x)[0][:, -1]))


class AlwaysTraining(Recurrent):
    def forward(self, x: Tensor) -> Tensor:
        self.g.train()
        return super().forward(x)


class AtTheEnd(Recurrent):
    """Drops behind the GRU instead."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.l(F.dropout(self.g(x)[0][:, -1], 0.3, self.training)))


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        (Recurrent(), []),
        (Recurrent(0.0), ["dropout_never_on"]),
        (Recurrent(0.5), ["dropout_wrong_p"]),
        (Recurrent(0.7), ["dropout_keep_versus_drop"]),
        (AlwaysTraining(), ["dropout_always_on"]),
        (AtTheEnd(), ["dropout_extra", "dropout_elsewhere", "depends_on_mode"]),
    ],
)
def test_dropout_between_recurrent_layers(found: nn.Module, codes: list[str]) -> None:
    """It is the layer's own, and judged as any other."""
    if not codes:
        assert_same_dropout(proxy(found), Recurrent(), input_shape=(5, 4))
        return
    with pytest.raises(Verdict) as caught:
        assert_same_dropout(proxy(found), Recurrent(), input_shape=(5, 4))
    assert caught.value.findings[0].code in codes


def test_large_outputs_are_asked_for_in_parts() -> None:
    """Of 24 pictures with 65,536 numbers each, no more than fit into a reply; a mask of one's own passes too."""
    form = Form(lambda: {"c": nn.Conv2d(1, 64, 3, padding=1)}, "d(c(x)) + c(x)", "", (1, 32, 32))
    for found in (form.dropping(0.2), form.model(own_mask(0.2, 1.25))):
        form.check(found)


PRE_NORM = FORMS["pre-norm"]


def test_a_mistake_elsewhere_costs_no_dropout() -> None:
    """A step is missing or another one: the student's graph, acted out, has its dropout in the right place."""
    for forward in ("x + d(b(F.relu(a(n(x)))))", "d(b(F.gelu(a(n(x)))))"):
        PRE_NORM.check(PRE_NORM.dropping(PRE_NORM.p, forward))


def test_a_mistake_elsewhere_hides_no_wrong_dropout() -> None:
    """Another share or place beside another activation."""
    for p, forward in ((0.5, "x + d(b(F.relu(a(n(x)))))"), (0.1, "x + b(d(F.relu(a(n(x)))))")):
        with pytest.raises(Verdict):
            PRE_NORM.check(PRE_NORM.dropping(p, forward))
    moved = FORMS["residual"].dropping(0.2, "torch.tanh(d(x + a(x)))")
    with pytest.raises(Verdict):
        FORMS["residual"].check(moved)


class Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.dropout(x, 0.2, self.training), x


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (FORMS["residual"].model(lambda values, _: values), "drops nothing in training"),
        (FORMS["residual"].model(lambda values, _: F.dropout(values, 0.2)), "drops in evaluation"),
        (FORMS["residual"].dropping(0.2, "F.softmax(d(a(x)).sum(1, keepdim=True), 1)"), "no weights show"),
        (FORMS["residual"].dropping(0.2, "d(a(x)).mean(0)"), "one row for each"),
    ],
)
def test_a_reference_that_cannot_be_compared_is_the_authors_mistake(reference: nn.Module, reason: str) -> None:
    """Whatever a student hands in, a copy of the reference too: what it is lies in the reference alone."""
    with pytest.raises(ValueError, match=reason):
        assert_same_dropout(proxy(FORMS["residual"].dropping(0.2)), reference, input_shape=(8,))


def test_a_reference_of_several_outputs_is_the_authors_mistake() -> None:
    """One of them has to be chosen."""
    with pytest.raises(ValueError, match="returns tuple"):
        assert_same_dropout(proxy(Pair()), Pair(), input_shape=(8,))
