"""What a wrong module may have been meant as: variants of the reference, each with the mistake it stands for.

A variant explains an answer only if it gives the answer's very outputs, on the same pushed weights and inputs; and
an explanation is given only if it is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from autograder.evidence.verdict import Verdict, failed

_ACTIVATIONS = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.LeakyReLU)


def variants(reference: nn.Module) -> Iterator[tuple[Verdict, nn.Module]]:
    """(the verdict if this is what the student computes, the variant), sharing the reference's parameters."""
    if not isinstance(reference, nn.Sequential) or not len(reference):
        return
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
