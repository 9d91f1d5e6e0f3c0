"""Is a tensor what dropout makes of another one?"""

from __future__ import annotations

from torch import Tensor

from autograder.checks.chance import possible
from autograder.checks.shares import wrong_share
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.values import assert_shape
from autograder.checks.wording import number_text
from autograder.evidence.proxies import TensorProxy
from autograder.evidence.verdict import failed


def assert_dropped(found: TensorProxy, inputs: Tensor, *, p: float) -> None:
    """The tensor is ``inputs`` with a share ``p`` of its elements dropped and the rest scaled by 1/(1-p).

    Raises ``wrong_shape``, ``nan_values``, ``infinite_values``, ``train_output_not_dropped``, ``values_differ``,
    ``dropout_not_scaled`` and ``dropout_wrong_p``. How many are dropped must be a count that chance can give
    (:mod:`~autograder.checks.chance`): right work fails with probability below 2e-10. ``inputs`` must hold no zeros.
    """
    assert_shape(found, inputs.shape)
    if bool(found.value.isnan().any()):
        raise failed("nan_values", name=found.name)
    if bool(found.value.isinf().any()):
        raise failed("infinite_values", name=found.name)
    limit = tolerance(inputs, inputs.dtype, depth=1)
    if largest_difference(inputs, found.value) <= limit:
        raise failed("train_output_not_dropped", name=found.name)
    dropped = found.value == 0
    kept = ~dropped
    if not bool(kept.any()):
        raise failed("dropout_wrong_p", name=found.name, expected=f"p={p:g}", found="p=1")
    ratios = found.value[kept].double() / inputs[kept].double()
    scale = float(ratios.mean())
    spread = float((ratios - scale).abs().max())
    if spread > 1e-3 or scale < 1 - 1e-3:
        raise failed("values_differ", name=found.name, max_difference=number_text(max(spread, 1 - scale)))
    if abs(scale - 1 / (1 - p)) > 1e-3:
        if abs(scale - 1) <= 1e-3:
            raise failed("dropout_not_scaled", name=found.name, expected=number_text(1 / (1 - p)))
        raise wrong_share(found.name, p, 1 - 1 / scale)
    if not possible(int(dropped.sum()), dropped.numel(), p):
        raise failed(
            "dropout_wrong_p", name=found.name, expected=f"p={p:g}", found=f"p≈{dropped.double().mean():.2g}"
        )
