"""What a dropout drops, as a share: those that are tried, and what is said of another one than was asked for."""

from __future__ import annotations

import math

from autograder.evidence.verdict import Verdict, failed

OTHER_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95)


def wrong_share(name: str, expected: float, found: float) -> Verdict:
    """The verdict on a dropout of another share, or of the share that it should keep."""
    code = (
        "dropout_keep_versus_drop" if math.isclose(found, 1 - expected, abs_tol=1e-3) else "dropout_wrong_p"
    )
    return failed(code, name=name, expected=f"p={expected:g}", found=f"p={found:.3g}")
