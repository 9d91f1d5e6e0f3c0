"""Random models: drawn from a grammar, written in a random dress, and changed in one thing that matters.

A model is a row of parts. The same row can be written as an ``nn.Sequential``, with functions, in nested or looped
modules, with its layers registered in any order under any names; and one change of a row is another model.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

ACTIVATIONS: dict[str, tuple[Callable[[], nn.Module], list[Callable[[Tensor], Tensor]]]] = {
    "relu": (
        nn.ReLU,
        [F.relu, torch.relu, Tensor.relu, lambda x: x.clamp(min=0), lambda x: x.clone().relu_()],
    ),
    "tanh": (nn.Tanh, [torch.tanh, Tensor.tanh, F.tanh]),
    "sigmoid": (nn.Sigmoid, [torch.sigmoid, Tensor.sigmoid, lambda x: 1 / (1 + (-x).exp())]),
    "leaky_relu": (nn.LeakyReLU, [F.leaky_relu, lambda x: torch.where(x > 0, x, 0.01 * x)]),
    "gelu": (nn.GELU, [F.gelu]),
    "elu": (nn.ELU, [F.elu]),
}
ENDS: dict[str, tuple[Callable[[], nn.Module], list[Callable[[Tensor], Tensor]]]] = {
    "softmax": (
        lambda: nn.Softmax(dim=1),
        [lambda x: F.softmax(x, dim=-1), lambda x: x.log_softmax(1).exp(), lambda x: torch.softmax(x, 1)],
    ),
    "log_softmax": (
        lambda: nn.LogSoftmax(dim=1),
        [
            lambda x: F.log_softmax(x, 1),
            lambda x: x - x.logsumexp(1, keepdim=True),
            lambda x: x.softmax(1).log(),
        ],
    ),
}


@dataclass(frozen=True)
class Part:
    """``kind`` and its numbers; ``skip``: what goes in is added to what comes out."""

    kind: str
    numbers: tuple[int, ...] = ()
    skip: bool = False
    bias: bool = True


Model = tuple[Part, ...]


def drawn(rng: random.Random) -> tuple[Model, tuple[int, ...]]:
    """A model and the shape of one of its inputs."""
    return _images(rng) if rng.random() < 0.4 else _rows(rng)


def _rows(rng: random.Random) -> tuple[Model, tuple[int, ...]]:
    width = first = rng.choice((3, 4, 6))
    parts: list[Part] = []
    for _ in range(rng.randint(1, 4)):
        skip = rng.random() < 0.25
        out = width if skip else rng.choice((3, 4, 5, 6, 8))
        parts.append(Part("linear", (width, out), skip, rng.random() < 0.85))
        width = out
        if rng.random() < 0.2:
            parts.append(Part("layer_norm", (width,)))
        parts.append(Part(rng.choice(sorted(ACTIVATIONS))))
    parts.append(Part("linear", (width, rng.choice((2, 3, 5)))))
    return _ended(rng, parts), (first,)


def _images(rng: random.Random) -> tuple[Model, tuple[int, ...]]:
    channels, size = rng.choice((1, 3)), 8
    shape = (channels, size, size)
    parts: list[Part] = []
    for _ in range(rng.randint(1, 2)):
        skip = rng.random() < 0.3
        out = channels if skip else rng.choice((2, 3, 4))
        kernel, padding, stride = (
            (3, 1, 1) if skip else rng.choice(((3, 1, 1), (3, 0, 1), (3, 1, 2), (1, 0, 1)))
        )
        parts.append(Part("conv", (channels, out, kernel, padding, stride), skip))
        channels, size = out, (size + 2 * padding - kernel) // stride + 1
        if rng.random() < 0.4:
            parts.append(Part("batch_norm", (channels,)))
        parts.append(Part(rng.choice(sorted(ACTIVATIONS))))
    kind = rng.choice(("max_pool", "avg_pool", "adaptive"))
    parts.append(Part(kind))
    size = 1 if kind == "adaptive" else size // 2
    parts += [Part("flatten"), Part("linear", (channels * size * size, rng.choice((2, 3))))]
    return _ended(rng, parts), shape


def _ended(rng: random.Random, parts: list[Part]) -> Model:
    end = rng.choice(("", *sorted(ENDS)))
    return tuple([*parts, Part(end)] if end else parts)


def layer(part: Part) -> nn.Module:
    """A part as torch's own layer."""
    match part.kind:
        case "linear":
            into, out = part.numbers
            return nn.Linear(into, out, bias=part.bias)
        case "conv":
            channels, out, kernel, padding, stride = part.numbers
            return nn.Conv2d(channels, out, kernel, stride=stride, padding=padding)
        case "layer_norm":
            return nn.LayerNorm(part.numbers[0])
        case "batch_norm":
            return nn.BatchNorm2d(part.numbers[0])
        case "max_pool":
            return nn.MaxPool2d(2)
        case "avg_pool":
            return nn.AvgPool2d(2)
        case "adaptive":
            return nn.AdaptiveAvgPool2d(1)
        case "flatten":
            return nn.Flatten()
        case kind:
            return (ACTIVATIONS | ENDS)[kind][0]()


class Plain(nn.Module):
    """The model as its author would write it: its layers in a row."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.parts = model
        self.layers = nn.ModuleList(layer(part) for part in model)

    def forward(self, x: Tensor) -> Tensor:
        for part, one in zip(self.parts, self.layers, strict=True):
            x = one(x) + x if part.skip else one(x)
        return x


class Dressed(nn.Module):
    """The same model in other clothes: functions, own parameters, other names, another order."""

    def __init__(self, model: Model, rng: random.Random) -> None:
        super().__init__()
        self.steps: list[tuple[Part, Callable[[Tensor], Tensor]]] = []
        made = [_spelt(part, rng) for part in model]
        self.steps = [(part, step) for part, (step, _) in zip(model, made, strict=True)]
        owned = [module for _, module in made if module is not None]
        rng.shuffle(owned)
        for number, module in enumerate(owned):
            self.add_module(
                f"{rng.choice('abcxyz')}{number}", nn.Sequential(module) if rng.random() < 0.3 else module
            )
        if rng.random() < 0.3:
            self.double() if rng.random() < 0.5 else self.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        for part, step in self.steps:
            if part.skip:
                y = step(x)
                x = x + y
            else:
                x = step(x)
        return x


class _Products(nn.Module):
    """A linear map by hand, its matrix perhaps kept the other way round."""

    def __init__(self, part: Part, turned: bool) -> None:
        super().__init__()
        into, out = part.numbers
        self.turned = turned
        self.w = nn.Parameter(torch.rand(into, out) if turned else torch.rand(out, into))
        self.b = nn.Parameter(torch.rand(1, out) if turned else torch.rand(out)) if part.bias else None

    def forward(self, x: Tensor) -> Tensor:
        y = x @ (self.w if self.turned else self.w.T)
        return y if self.b is None else y + self.b


def _spelt(part: Part, rng: random.Random) -> tuple[Callable[[Tensor], Tensor], nn.Module | None]:
    """How a part is run, and the module that has to be registered for it."""
    known = (ACTIVATIONS | ENDS).get(part.kind)
    if known is not None and rng.random() < 0.7:
        return rng.choice(known[1]), None
    if part.kind == "linear" and rng.random() < 0.4:
        own = _Products(part, turned=rng.random() < 0.5)
        return own, own
    if part.kind == "flatten" and rng.random() < 0.7:
        return rng.choice(
            [lambda x: x.view(x.size(0), -1), lambda x: x.flatten(1), lambda x: x.reshape(len(x), -1)]
        ), None
    if part.kind == "adaptive" and rng.random() < 0.5:
        return lambda x: x.mean((2, 3), keepdim=True), None
    if part.kind == "max_pool" and rng.random() < 0.5:
        return lambda x: F.max_pool2d(x, 2, 2), None
    module = layer(part)
    return module, module


def changed(model: Model, rng: random.Random) -> tuple[Model, set[str]]:
    """The model with one thing changed that matters, and the codes that would name it."""
    ways: list[Callable[[], tuple[Model, set[str]] | None]] = [
        lambda: _another_activation(model, rng),
        lambda: _without_activation(model, rng),
        lambda: _another_end(model, rng),
        lambda: _without_skip(model, rng),
        lambda: _another_width(model, rng),
        lambda: _another_pooling(model, rng),
        lambda: _without_bias(model, rng),
    ]
    rng.shuffle(ways)
    return next(found for way in ways if (found := way()) is not None)


def _places(model: Model, wanted: Callable[[Part], Any]) -> list[int]:
    return [place for place, part in enumerate(model) if wanted(part)]


def _with(model: Model, place: int, *parts: Part) -> Model:
    return (*model[:place], *parts, *model[place + 1 :])


def _another_activation(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    places = _places(model, lambda part: part.kind in ACTIVATIONS)
    if not places:
        return None
    place = rng.choice(places)
    others = sorted(set(ACTIVATIONS) - {model[place].kind})
    return _with(model, place, Part(rng.choice(others))), {"activation_other"}


def _without_activation(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    places = _places(model, lambda part: part.kind in ACTIVATIONS)
    return (_with(model, rng.choice(places)), {"activation_missing"}) if places else None


def _another_end(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    last = len(model) - 1
    match model[-1].kind:
        case "softmax":
            return rng.choice(
                [
                    (_with(model, last, Part("log_softmax")), {"log_softmax_for_softmax"}),
                    (_with(model, last), {"output_activation_missing"}),
                ]
            )
        case "log_softmax":
            return rng.choice(
                [
                    (_with(model, last, Part("softmax")), {"softmax_for_log_softmax"}),
                    (_with(model, last), {"output_activation_missing"}),
                ]
            )
        case _:
            return (*model, Part("softmax")), {"output_activation_extra"}


def _without_skip(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    places = _places(model, lambda part: part.skip)
    if not places:
        return None
    place = rng.choice(places)
    return _with(model, place, replace(model[place], skip=False)), {"branch_missing"}


def _another_width(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    """One linear layer gives another size, and the next one takes it."""
    places = _places(model, lambda part: part.kind == "linear" and not part.skip)
    for place, following in itertools.pairwise(places):
        between = model[place + 1 : following]
        if all(part.kind in ACTIVATIONS for part in between):
            into, out = model[place].numbers
            wider = _with(model, place, replace(model[place], numbers=(into, out + 1)))
            return _with(
                wider, following, replace(model[following], numbers=(out + 1, model[following].numbers[1]))
            ), {
                "layer_resized",
                "layer_sizes_swapped",
            }
    return None


def _another_pooling(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    places = _places(model, lambda part: part.kind in ("max_pool", "avg_pool"))
    if not places:
        return None
    other = "avg_pool" if model[places[0]].kind == "max_pool" else "max_pool"
    return _with(model, places[0], Part(other)), {"layer_other"}


def _without_bias(model: Model, rng: random.Random) -> tuple[Model, set[str]] | None:
    places = _places(model, lambda part: part.kind == "linear" and part.bias)
    place = rng.choice(places)
    return _with(model, place, replace(model[place], bias=False)), {"bias_missing"}
