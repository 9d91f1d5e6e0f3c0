"""Two samples are of one distribution, or are not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.checks.distributions import Distribution


def masks(p: float, scale: float, rows: int, seed: int, width: int = 4) -> Tensor:
    """What a dropout leaves of ones."""
    drawn = torch.rand((rows, width), generator=torch.Generator().manual_seed(seed))
    return (drawn >= p).double() * scale


def test_samples_of_one_distribution_are_admitted() -> None:
    """Of few values, of one and of any: 20 seeds."""
    for seed in range(20):
        for p, width in ((0.2, 1), (0.5, 8), (0.0, 3)):
            known = Distribution(masks(p, 1.25, 9_000, 2 * seed, width), 1e-6)
            assert known.admits(masks(p, 1.25 + 1e-7, 6_000, 2 * seed + 1, width))
        normal = torch.randn((9_000, 5), generator=torch.Generator().manual_seed(seed))
        assert Distribution(normal[:6_000], 1e-6).admits(normal[6_000:])


@pytest.mark.parametrize(
    "other",
    [
        masks(0.25, 1.25, 30_000, 1),
        masks(0.25, 1 / 0.75, 30_000, 1),
        masks(0.2, 1.0, 30_000, 1),
        masks(0.2, 1.25, 30_000, 1, width=1).expand(-1, 4),
        torch.ones(30_000, 4),
    ],
)
def test_samples_of_another_are_not(other: Tensor) -> None:
    """Another share, scale, or numbers that fall together."""
    assert not Distribution(masks(0.2, 1.25, 60_000, 0), 1e-6).admits(other)
