"""Does a student's module drop what the reference drops, where, how often, and only while training?

Dropout is judged apart from everything else. Two ways: by the masks of single units
(:mod:`~autograder.checks.dropout_masks`), where the reference shows its own in this way; else by what the whole model
gives in training (:mod:`~autograder.checks.dropout_outputs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from autograder.checks import explanation
from autograder.checks.dropout_masks import NotSeenByUnits, assert_same_masks
from autograder.checks.dropout_outputs import assert_same_outputs_in_training
from autograder.checks.dropout_sites import site_of
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import Pairing, Unpaired, paired
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import Verdict

# What is said without knowing where the dropout is; others of its verdicts say what was seen of it.
_UNPLACED = ("dropout_elsewhere", "depends_on_mode")


def assert_same_dropout(
    found: ModuleProxy, reference: nn.Module, *, input_shape: Sequence[int], input_below: int | None = None
) -> None:
    """``found`` drops in training what ``reference`` drops, and nothing in evaluation.

    Inputs are of ``(batch, *input_shape)``, with ``input_below`` whole numbers from 0 to ``input_below`` - 1.
    A reference may have any number of dropouts of any kind, those between the layers of an LSTM or GRU included, and
    returns one tensor with a row for each input.

    Everything but the dropout is ignored, except that the parameters must be there to push weights into. Where a
    dropout cannot be looked at apart, as beside a residual, and the student's graph does not tell it either, the
    rest of the model must be right.
    Raises the verdicts ``dropout_always_on``, ``dropout_never_on``, ``dropout_keep_versus_drop``,
    ``dropout_wrong_p``, ``dropout_not_independent``, ``dropout_not_scaled``, ``dropout_elsewhere``,
    ``dropout_not_visible``, ``depends_on_batch_size``, ``depends_on_mode``, ``forward_not_deterministic``,
    ``different_computation``, ``nan_values``, ``infinite_values``, ``parameters_differ`` and ``forward_raised``;
    :class:`ValueError` for a reference that drops nothing in training or something in evaluation, or whose output does
    not show it.

    How surely: :mod:`~autograder.checks.dropout_masks`, :mod:`~autograder.checks.distributions`.
    """
    inputs = Inputs.of(input_shape, input_below)
    try:
        pairing = paired(found, reference, inputs)
    except Unpaired as unpaired:
        why = explanation.of_parameters(unpaired, inputs)
        raise unpaired if why is None else replace(why, steps=()).instead_of(unpaired) from None
    try:
        _assert_same(pairing, inputs)
    except Verdict as plain:
        raise _explained(plain, pairing, inputs) from None
    if explanation.has_moved_dropout(pairing):
        found.remark("dropout_position_equivalent")


def _assert_same(pairing: Pairing, inputs: Inputs) -> None:
    two = inputs.batch(2, seed=0)
    site = pairing.reference.remembered(("site", two), lambda: site_of(pairing.module, two, pairing.dtype))
    if site is not None:
        try:
            return assert_same_masks(pairing, site, inputs)
        except NotSeenByUnits:
            pass
    return assert_same_outputs_in_training(pairing, inputs)


def _explained(plain: Verdict, pairing: Pairing, inputs: Inputs) -> Verdict:
    """The verdict beside both models; a dropout that is elsewhere with where it is."""
    code = plain.findings[0].code
    if code == "different_computation":
        why = explanation.of_outputs(pairing, inputs)
        return plain if why is None else why.instead_of(plain)
    if not code.startswith("dropout_") and code not in _UNPLACED:
        return plain
    why = explanation.of_dropout(pairing, inputs)
    if why is None:
        return plain
    if code not in _UNPLACED:
        why = replace(why, findings=())
    return why.instead_of(plain)
