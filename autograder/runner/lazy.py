"""Layers that take their sizes from the first input they meet, and have no parameters until then (``nn.LazyLinear``).

A model with such layers is asked as it is after a first call, and is afterwards as it was before any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

Part = tuple[str, nn.Module, dict[str, Any]]  # prefix, a module, its own attributes
_HOOKS = ("_forward_pre_hooks", "_forward_pre_hooks_with_kwargs")  # of which a first call removes its own


def is_lazy(tensor: object) -> bool:
    """Whether a parameter or buffer has no size yet."""
    return isinstance(tensor, UninitializedParameter | UninitializedBuffer)


@contextmanager
def initialised(parts: Sequence[Part], call: Callable[[], object]) -> Iterator[None]:
    """While inside, the layers that ``call`` meets have their sizes; ``parts`` are the model's modules."""
    held = [
        tensor
        for _, _, own in parts
        for name in ("_parameters", "_buffers")
        for tensor in (own.get(name) or {}).values()
    ]
    lazy: list[tuple[Tensor, Any]] = [(tensor, type(tensor)) for tensor in held if is_lazy(tensor)]
    if not lazy:
        yield
        return
    before = [
        (module, type(module), own, dict(own), [(own[name], own[name].copy()) for name in _HOOKS if name in own])
        for _, module, own in parts
    ]
    try:
        with suppress(Exception, SystemExit), torch.no_grad():  # the pass that is asked for raises the same
            call()
        yield
    finally:
        for module, kind, own, attributes, hooks in before:
            object.__setattr__(module, "__class__", kind)
            own.clear()
            own.update(attributes)
            for kept, entries in hooks:
                kept.clear()
                kept.update(entries)
        for tensor, kind in lazy:
            tensor.data = torch.empty(0, dtype=tensor.dtype)
            tensor.__class__ = kind
