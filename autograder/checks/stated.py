"""What an author states in a check, refused in words where it is of another kind."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn


def shape(argument: str, stated: Sequence[int]) -> tuple[int, ...]:
    """The shape that was given as ``argument``; raises :class:`TypeError` for what is none."""
    sizes = stated if isinstance(stated, tuple | list) else None
    if sizes is None or not all(isinstance(size, int) and not isinstance(size, bool) for size in sizes):
        meant = f": ({stated},)" if isinstance(stated, int) else ""
        raise TypeError(
            f"{argument}={stated!r} is not a shape. Write one input's, without the batch, as a tuple{meant}"
        )
    return tuple(sizes)


def module(stated: nn.Module) -> nn.Module:
    """The reference that was given; raises :class:`TypeError` for what is no module."""
    if isinstance(stated, nn.Module):
        return stated
    if isinstance(stated, type):
        name = stated.__name__
        raise TypeError(f"the reference is the class {name}, not a module. Make one: {name}(…)")
    raise TypeError(
        f"the reference is a {type(stated).__name__}, not a module. "
        "Give an nn.Module that computes what is expected"
    )
