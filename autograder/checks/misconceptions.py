"""What a wrong module may have been meant as: variants of the reference, each with the mistake it stands for.

A variant explains an answer only if it gives the answer's very outputs, on the same pushed weights and inputs; and
an explanation is given only if it is the only one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from torch import nn

from autograder.evidence.verdict import Verdict, failed

_ACTIVATIONS = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.LeakyReLU)


def variants(reference: nn.Module) -> Iterator[tuple[Verdict, nn.Module]]:
    """(the verdict if this is what the student computes, the variant), sharing the reference's parameters."""
    if isinstance(reference, nn.RNNBase):
        right, other = reference.batch_first, not reference.batch_first
        verdict = failed("batch_first_differs", expected=f"batch_first={right}", found=f"batch_first={other}")
        yield verdict, _changed(reference, batch_first=other)
    if isinstance(reference, nn.MaxPool2d | nn.AvgPool2d) and reference.stride != reference.kernel_size:
        stride = reference.kernel_size
        verdict = failed(
            "pool_default_stride", expected=f"stride={reference.stride}", found=f"stride={stride}"
        )
        yield verdict, _changed(reference, stride=stride)
    if isinstance(reference, nn.Sequential) and len(reference):
        yield from _sequences(reference)


def _changed(reference: nn.Module, **settings: object) -> nn.Module:
    """The reference with other settings and the same parameters."""
    other = copy.copy(reference)
    for name, value in settings.items():
        setattr(other, name, value)
    return other.eval()


def _sequences(reference: nn.Sequential) -> Iterator[tuple[Verdict, nn.Module]]:
    layers = list(reference)
    *body, last = layers
    if isinstance(last, nn.Softmax | nn.LogSoftmax):
        wanted, other = (
            ("Softmax", nn.LogSoftmax) if isinstance(last, nn.Softmax) else ("LogSoftmax", nn.Softmax)
        )
        code = "log_softmax_for_softmax" if wanted == "Softmax" else "softmax_for_log_softmax"
        dim = last.dim
        yield (
            failed(code, expected=f"{wanted}(dim={dim})", found=other.__name__),
            _sequence([*body, other(dim=dim)]),
        )
        wrong = type(last)(dim=0)
        yield failed("softmax_wrong_dim", expected=f"dim={dim}", found="dim=0"), _sequence([*body, wrong])
        yield failed("output_activation_missing", expected=f"{wanted}(dim={dim})", found="—"), _sequence(body)
    inner = [place for place, layer in enumerate(layers) if isinstance(layer, _ACTIVATIONS)]
    for place in inner:
        name = type(layers[place]).__name__
        yield (
            failed("activation_missing", expected=name, found="—"),
            _sequence(layers[:place] + layers[place + 1 :]),
        )
    if len(inner) > 1:
        names = ", ".join(type(layers[place]).__name__ for place in inner)
        kept = [layer for place, layer in enumerate(layers) if place not in inner]
        yield failed("activation_missing", expected=names, found="—"), _sequence(kept)


def _sequence(layers: list[nn.Module]) -> nn.Sequential:
    return nn.Sequential(*layers).eval()
