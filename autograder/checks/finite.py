"""Outputs that are no numbers, or endless ones."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from autograder.evidence.verdict import Verdict, failed


def unreal(name: str, outputs: Iterable[Tensor]) -> Verdict | None:
    """The verdict ``nan_values`` or ``infinite_values`` on outputs of ``name``; None where all are finite."""
    floating = [output for output in outputs if output.is_floating_point()]
    if all(bool(output.isfinite().all()) for output in floating):
        return None
    undefined = any(bool(output.isnan().any()) for output in floating)
    return failed("nan_values" if undefined else "infinite_values", name=name)
