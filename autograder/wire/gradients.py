"""Which parameters learn from an output, alike on both ends; read from autograd's graph, without a gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

MAX_NODES = 20_000


def reached(outputs: Iterable[Tensor], parameters: Sequence[Tensor]) -> tuple[int, ...]:
    """The places of the parameters that a gradient of these outputs comes to, in order.

    A pass that was not recorded comes to none, and neither does what is detached or does not require a gradient.
    """
    places = {id(parameter): place for place, parameter in enumerate(parameters)}
    found: set[int] = set()
    seen: set[Any] = set()
    pending: list[Any] = [output.grad_fn for output in outputs]
    while pending and len(seen) < MAX_NODES:
        node = pending.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if (place := places.get(id(getattr(node, "variable", None)))) is not None:
            found.add(place)
        pending += [following for following, _ in node.next_functions]
    return tuple(sorted(found))
