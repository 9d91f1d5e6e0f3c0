"""Whether a count can be chance.

The bound is Chernoff's: of ``places`` independent events of probability ``share``, the count strays as far as k to
one side with probability at most ``exp(-places · KL(k/places ‖ share))``. It holds for every number of places
and every share, where standard deviations taken for a normal variable's do not: 6.2 of them, one in a billion for
a normal variable, are passed once in 540 million by 6,000 places of share 0.04, once in 70 million by 100 of 0.2.
"""

from __future__ import annotations

import math

UNLIKELY = 1e-10  # of each side, so that even four counts refuse right work less than once in a billion


def possible(count: int, places: int, share: float) -> bool:
    """False for a count that chance would stray to (or further) with probability below ``UNLIKELY``."""
    if places == 0:
        return True
    seen = count / places
    divergence = _term(seen, share) + _term(1 - seen, 1 - share)
    return places * divergence <= -math.log(UNLIKELY)


def _term(seen: float, share: float) -> float:
    if seen == 0:
        return 0.0
    return seen * math.log(seen / share) if share > 0 else math.inf
