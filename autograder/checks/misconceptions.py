"""The reference with one mistake in it, for models whose dropout cannot be looked at row by row.

Each shares the reference's parameters. What a student's model does is held against what these do, outputs against
outputs; nothing that the student says of it plays a part.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

_ACTIVATIONS = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.LeakyReLU)


def variants(reference: nn.Module) -> Iterator[nn.Module]:
    """An ``nn.Sequential`` with another softmax at its end, or without some activation; of other modules none."""
    if not isinstance(reference, nn.Sequential) or not len(reference):
        return
    layers = list(reference)
    *body, last = layers
    if isinstance(last, nn.Softmax | nn.LogSoftmax):
        other = nn.LogSoftmax if isinstance(last, nn.Softmax) else nn.Softmax
        yield _sequence([*body, other(dim=last.dim)])
        yield _sequence([*body, type(last)(dim=0)])
        yield _sequence(body)
    for place in [place for place, layer in enumerate(layers) if isinstance(layer, _ACTIVATIONS)]:
        yield _sequence(layers[:place] + layers[place + 1 :])


def _sequence(layers: list[nn.Module]) -> nn.Sequential:
    return nn.Sequential(*layers).eval()
