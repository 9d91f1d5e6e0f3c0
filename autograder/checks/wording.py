"""Short texts for expected and found: shapes, layers and numbers, the same in every language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def shape_text(shape: Sequence[int]) -> str:
    """As PyTorch writes it: ``(1, 5)``, ``(5,)``, ``()``."""
    return str(tuple(shape))


def shapes_text(shapes: Iterable[Sequence[int]]) -> str:
    """Several shapes in their order, or a dash for none."""
    return " · ".join(shape_text(shape) for shape in shapes) or "—"


def number_text(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"
