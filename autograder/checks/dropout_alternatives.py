"""The reference with another dropout: what a student's module is held against once it does not drop as asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from autograder.wire.terms import DROPOUT_FUNCTIONS, bound

_OWN_SHARE = (nn.RNNBase, nn.MultiheadAttention)  # these drop within one operation
_CHANNELS = {1: functional.dropout1d, 2: functional.dropout2d, 3: functional.dropout3d}


@dataclass(frozen=True)
class Alternative:
    """Every dropout with another ``share``, without scaling, or of whole channels."""

    share: float | None = None
    scaled: bool = True
    of_channels: bool = False

    @contextmanager
    def within(self, module: nn.Module) -> Iterator[None]:
        """While inside, the module drops in this way."""
        holders = [one for one in module.modules() if isinstance(one, _OWN_SHARE) and one.dropout > 0]
        before = [one.dropout for one in holders]
        try:
            for one in holders:
                one.dropout = one.dropout if self.share is None else self.share
            with _Replaced(self):
                yield
        finally:
            for one, share in zip(holders, before, strict=True):
                one.dropout = share


ASKED_FOR = Alternative()


class _Replaced(TorchFunctionMode):
    def __init__(self, alternative: Alternative) -> None:
        super().__init__()
        self._alternative = alternative

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        call = bound(function, args, named) if function in DROPOUT_FUNCTIONS else None
        if call is None:
            return function(*args, **named)
        _, found = call
        inputs, share = found["input"], float(found.get("p", 0.5))
        if share == 0 or not found.get("training", True):
            return function(*args, **named)
        if self._alternative.share is not None:
            share = self._alternative.share
        if self._alternative.of_channels:
            function = _CHANNELS.get(inputs.dim() - 2, function)
        output: Tensor = function(inputs, share, True)
        return output if self._alternative.scaled else output * (1 - share)
