"""Arguments of operations, made comparable: dimensions from the front, one number for every side, limits as a pair."""

from __future__ import annotations

from autograder.evidence.graphs import settings_of
from autograder.wire.messages import Performed, Setting


def limits(operation: Performed, given: dict[str, float | None]) -> tuple[float | None, float | None]:
    """Between what an operation clamps, zero below meaning that nothing negative passes; ``given`` of a clamp."""
    settings = settings_of(operation)
    match operation.term:
        case "hardtanh":
            return _real(settings["min_val"]), _real(settings["max_val"])
        case "threshold":
            both = (_real(settings.get("threshold")), _real(settings.get("value")))
            return (0.0, None) if both == (0.0, 0.0) else (None, None)
        case "leaky_relu":
            return (0.0, None) if settings["negative_slope"] == 0 else (None, None)
        case _:
            return given["min"], given["max"]


def _real(value: Setting) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def permutation(operation: Performed, count: int) -> tuple[int, ...] | None:
    """A transposition as a permutation of ``count`` dimensions; None where it is not one."""
    dims = list(range(count))
    match operation.term:
        case "t":
            return tuple(dims[:-2] + dims[:-3:-1]) if count >= 2 else tuple(dims)
        case "transpose":
            first, second = (operation.settings.get(name) for name in ("dim0", "dim1"))
            if not isinstance(first, int) or not isinstance(second, int) or not count:
                return None
            dims[first % count], dims[second % count] = dims[second % count], dims[first % count]
            return tuple(dims)
        case _:
            given = operation.settings.get("dims")
            if not isinstance(given, tuple) or sorted(dim % max(count, 1) for dim in given) != dims:
                return None
            return tuple(dim % count for dim in given)


def spread(value: Setting, dimensions: int) -> Setting:
    """One number as the same for every spatial dimension."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return (value,) * dimensions if isinstance(value, int) else value


def from_the_front(dim: Setting, dimensions: int) -> Setting:
    """A dimension, or several, counted from the front."""
    if isinstance(dim, tuple):
        return tuple(one % dimensions for one in dim) if dimensions else dim
    return dim % dimensions if isinstance(dim, int) and dimensions else dim


def only(dim: Setting) -> Setting:
    """The one dimension of a tuple of one."""
    return dim[0] if isinstance(dim, tuple) and len(dim) == 1 else dim
