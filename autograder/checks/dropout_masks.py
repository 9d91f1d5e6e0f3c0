"""Dropout made visible unit by unit, for a dropout of a row of units that feeds one matrix, or nothing.

In the reference, a dropout feeds some weight matrix. That matrix is pushed with all columns zeroed but two: of the
many dropped units only two can now reach the output, so it can take four values and no other: both kept, either
dropped, both dropped. Those four are asked of the student's own module, with dropout turned off and the kept columns
scaled by 1/(1-p) as dropout scales. So a wrong layer elsewhere costs nothing here, while a dropout anywhere else, or
with another p, gives values off these four. A dropout at the very end is read from the output's elements directly.

Then the masks are compared: both sides run from one seed, and torch draws the same mask for the same shape, so a
right answer coincides in every row. Only an answer that draws its masks in another way is judged by counting.

Whether a dropout can be seen in this way at all is asked of the reference first: it must give one of its own values
in every row, by its own masks. Where it does not (a residual, whole channels, a sequence), the student is not asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import torch
from torch import Tensor

from autograder.checks.chance import possible
from autograder.checks.dropout_sites import Site
from autograder.checks.dropout_variants import drops_as_a_variant
from autograder.checks.finite import unreal
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import Pairing
from autograder.checks.reference_passes import outputs_of
from autograder.checks.shares import OTHER_SHARES, wrong_share
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.wording import number_text, shape_text
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Column, Draw, Pass, Push
from autograder.wire.tensors import keep_columns

ROWS = 160
COUNTED_ROWS = 6_000
STILL_ROWS = 32
MASK_PASSES = 6  # in evaluation: more than there are values of what two units leave, should each have one of its own
LOOKS = 24  # passes before it is believed that nothing is ever dropped: one mask for all rows may spare both units
ONE_MASK = "one mask for every row"
ATTEMPTS = 8  # weights and choices of two units before it is given up that the student's dropout can be seen
DRAWS = 100  # weights before it is given up that the reference's can


class NotSeenByUnits(Exception):
    """The reference's own dropout cannot be looked at unit by unit."""


def assert_same_masks(pairing: Pairing, site: Site, inputs: Inputs) -> None:
    """The student's module drops the units that the reference drops, as often, and only in training.

    Raises :class:`NotSeenByUnits`, before the student's module is asked for anything.

    Masks that coincide with torch's in 160 rows decide at once: with p = 0.25 for 0.2 the scale already
    differs, and a mask drawn with 0.25 agrees in 320 places with probability below 0.95^320 = 8e-8. Otherwise
    12,000 places are counted, within the bound of :mod:`~autograder.checks.chance` (304 of the expected 2,400
    for p = 0.2): right work is outside with probability below 2e-10, p = 0.25 is inside with 3e-10. That both
    units are dropped together is counted in the same way; and rows must differ.
    """
    found = pairing.found
    seed = found.seeds.number("same dropout", "mask")
    try:
        view, seen = _visible(pairing, site, inputs, seed)
    except _NotVisible:
        if drops_as_a_variant(pairing, inputs, seed):
            return
        raise failed("dropout_not_visible", name=found.name) from None
    if not _all_equal(seen.still, seen.quiet, view.limit):
        raise view.unsteady(seen.still, seed)
    if _all_equal(seen.moving, seen.quiet, view.limit):
        again = view.compute([view.live("train", seed + number, 1) for number in range(1, 1 + LOOKS)])
        if all(_all_equal(rows, seen.quiet, view.limit) for rows in again):
            raise failed("dropout_never_on", name=found.name, expected=f"p={site.p:g}")
        raise failed("dropout_not_independent", name=found.name, found=ONE_MASK)
    masks = view.masks(seen.moving, seen.values)
    if masks is None:
        raise view.misplaced(seen.moving, site.p)
    if torch.equal(masks, view.expected_masks(seed, ROWS)):
        return
    (many,) = view.compute([view.live("train", seed + 1, COUNTED_ROWS)])
    counted = view.masks(many, seen.values)
    if counted is None:
        raise view.misplaced(seen.moving, site.p)
    if _is_one_mask(masks) and _is_one_mask(counted) and bool((masks[0] | counted[0]).any()):
        raise failed("dropout_not_independent", name=found.name, found=ONE_MASK)
    _assert_counts(counted, site.p, found.name)


class _NotVisible(Exception):
    """No row of the module's output shows what was dropped in it."""


@dataclass(frozen=True)
class _Seen:
    """Outputs in float64: the possible ``values`` of a row, a row without dropout, rows in either mode."""

    values: Tensor
    quiet: Tensor
    still: Tensor
    moving: Tensor


def _visible(pairing: Pairing, site: Site, given: Inputs, seed: int) -> tuple[_View, _Seen]:
    """A view in which the possible values differ, and what is seen through it.

    Weights that hide a dropout are drawn again: two units must be alive in the reference before the student's
    module is asked. Raises :class:`_NotVisible` if the student's module hides it all the same, and
    :class:`NotSeenByUnits` if the reference does, or shows its dropout in another way.
    """
    seeds = pairing.found.seeds.of("same dropout")
    inputs = given.single(seeds.number("input"), 0.5, 1.5)
    limit = 40 * tolerance(torch.ones(1), pairing.dtype, pairing.depth)
    if site.feeds is None:
        view = _View(pairing, site, inputs, (), limit)
        view.require_of_the_reference(seed)
        return view, view.observe(seed)
    asked = 0
    for attempt in range(DRAWS):
        drawn = pairing if attempt == 0 else pairing.redrawn(seeds.of("again", str(attempt)))
        strongest = _strongest(drawn, site, inputs)
        if len(strongest) < 2:
            continue
        shuffle = torch.Generator().manual_seed(seeds.number("columns", str(attempt)))
        chosen = strongest[torch.randperm(len(strongest), generator=shuffle)[:2]]
        view = _View(drawn, site, inputs, tuple(int(column) for column in chosen), limit)
        view.require_of_the_reference(seed)
        seen = view.observe(seed)
        if _apart(seen.values) > 4 * limit:
            return view, seen
        asked += 1
        if asked == ATTEMPTS:
            raise _NotVisible
    raise NotSeenByUnits


def _strongest(pairing: Pairing, site: Site, inputs: Draw) -> Tensor:
    """The units that say most among those the reference drops, 16 at most: none that are not alive."""

    def answer() -> Tensor:
        dropped = site.dropped(pairing.module, inputs, pairing.dtype).abs().flatten()
        if site.feeds is None or dropped.numel() != site.feeds.shape[1]:
            raise NotSeenByUnits
        return dropped.topk(min(16, int(dropped.count_nonzero()))).indices

    return pairing.remembered(("dropped", inputs), answer)


@dataclass(frozen=True)
class _View:
    """How a site's masks are seen: through two columns of the weights it feeds, or in the output itself."""

    pairing: Pairing
    site: Site
    inputs: Draw
    columns: tuple[int, ...]  # the two visible units; empty: the output is looked at directly
    limit: float
    answered: Callable[[Sequence[Pass]], list[Tensor]] | None = None  # None: by the student's module

    def require_of_the_reference(self, seed: int) -> None:
        """Raises :class:`NotSeenByUnits` unless the reference's rows show its own masks."""
        if not self.pairing.remembered((self.inputs, self.columns, seed), lambda: self._shows_itself(seed)):
            raise NotSeenByUnits

    def _shows_itself(self, seed: int) -> bool:
        own = replace(self, answered=self._reference_outputs)
        try:
            seen = own.observe(seed)
        except Verdict:
            return False
        masks = own.masks(seen.moving, seen.values)
        if masks is None or not _all_equal(seen.still, seen.quiet, self.limit):
            return False
        hidden = _apart(seen.values) <= 4 * self.limit  # in which case other weights are drawn
        return hidden or torch.equal(masks, self.expected_masks(seed, ROWS))

    def _reference_outputs(self, passes: Sequence[Pass]) -> list[Tensor]:
        module, fed = self.pairing.module, self.site.feeds
        if fed is None:
            return outputs_of(module, passes, self.pairing.dtype)
        outputs, numbers = [], fed.data
        try:
            for one in passes:
                (push,) = one.push
                assert push.columns is not None
                fed.data = keep_columns(numbers, push.columns)
                outputs += outputs_of(module, [one], self.pairing.dtype)
        finally:
            fed.data = numbers
        return outputs

    def _student_outputs(self, passes: Sequence[Pass]) -> list[Tensor]:
        answers = self.pairing.found.compute(self.pairing.push, passes, bare=True)
        return [outputs[0] for outputs in answers]

    def observe(self, seed: int) -> _Seen:
        """Everything that decides a right answer, asked in one go."""
        asked = [self.live("eval", seed, STILL_ROWS), self.live("train", seed, ROWS), self._quiet((1.0, 1.0))]
        still, moving, quiet, *kept = self.compute([*asked, *self._possible(1 / (1 - self.site.p))])
        return _Seen(self._values(quiet[0], kept, 1 / (1 - self.site.p)), quiet[0], still, moving)

    def unsteady(self, still: Tensor, seed: int) -> Verdict:
        """The verdict on rows that differ in evaluation from one that is asked alone, without dropout.

        Without dropout and from other seeds they are the same for want of chance, else a dropout was left out. What is
        left of chance is a mask of the student's own if it gives no more than a mask can give.
        """
        name, rows = self.pairing.found.name, self.live("eval", seed, len(still))
        seeds = range(seed + 1, seed + 1 + MASK_PASSES)
        without = self.compute([msgspec.structs.replace(rows, dropout="off", seed=one) for one in seeds])
        if all(largest_difference(still, one) <= self.limit for one in without):
            return failed("depends_on_batch_size", name=name, batch=len(still))
        ordered = torch.cat(without).flatten(1).sort(0).values
        values = int((ordered.diff(dim=0) > self.limit).sum(0).max()) + 1
        steady = all(largest_difference(without[0], one) <= self.limit for one in without)
        if steady or values <= (4 if self.columns else 2):
            return failed("dropout_always_on", name=name)
        return failed("forward_not_deterministic", name=name, batch=len(still))

    def values(self, scale: float) -> Tensor:
        """The outputs (4 or 2, …) the student's module can give if what is kept here is scaled by ``scale``."""
        quiet, *kept = self.compute([self._quiet((1.0, 1.0)), *self._possible(scale)])
        return self._values(quiet[0], kept, scale)

    def live(self, mode: Literal["train", "eval"], seed: int, rows: int) -> Pass:
        """``rows`` outputs of one and the same input, dropout live."""
        return Pass(self._batch(rows), mode, "live", seed, self._columns((1.0, 1.0)))

    def compute(self, passes: Sequence[Pass]) -> list[Tensor]:
        """The outputs in float64; each a finite row of the same shape for every row of its pass's input."""
        name = self.pairing.found.name
        outputs = [output.double() for output in (self.answered or self._student_outputs)(passes)]
        for one, output in zip(passes, outputs, strict=True):
            rows = one.inputs.rows if isinstance(one.inputs, Draw) else 1
            wanted = (rows, *self.site.output_shape)
            if tuple(output.shape) != wanted:
                raise failed(
                    "wrong_output_shape",
                    name=name,
                    expected=shape_text(wanted),
                    found=shape_text(output.shape),
                )
            if (verdict := unreal(name, [output])) is not None:
                raise verdict
        return outputs

    def masks(self, rows: Tensor, values: Tensor) -> Tensor | None:
        """What each row kept: (rows, units) of booleans, or None if a row is none of the possible values."""
        distances = (rows.unsqueeze(1) - values.unsqueeze(0)).abs()  # (rows, values, …)
        if self.columns:
            nearest = distances.flatten(2).amax(2).min(1)
            if bool((nearest.values > self.limit).any()):
                return None
            return torch.stack([nearest.indices // 2 == 1, nearest.indices % 2 == 1], dim=1)
        nearest = distances.min(1)
        if bool((nearest.values > self.limit).any()):
            return None
        return nearest.indices.flatten(1) == 1

    def expected_masks(self, seed: int, count: int) -> Tensor:
        """What torch's own dropout keeps in the reference, from the same seed."""
        inputs = self._batch(count)
        kept = self.pairing.remembered(
            ("kept", inputs, seed),
            lambda: self.site.kept(self.pairing.module, inputs, self.pairing.dtype, seed).flatten(1),
        )
        return kept[:, list(self.columns)] if self.columns else kept

    def misplaced(self, rows: Tensor, p: float) -> Verdict:
        """The verdict on rows that are none of the values for ``p``: another p, no scaling, or another place."""
        name = self.pairing.found.name
        if self.masks(rows, self.values(1.0)) is not None:
            return failed("dropout_not_scaled", name=name, expected=number_text(1 / (1 - p)))
        others = [share for share in OTHER_SHARES if not math.isclose(share, p)]
        explaining = [share for share in others if self.masks(rows, self.values(1 / (1 - share))) is not None]
        if len(explaining) == 1:
            return wrong_share(name, p, explaining[0])
        return failed("dropout_elsewhere", name=name)

    def _possible(self, scale: float) -> list[Pass]:
        """The passes that show what a row can be; none where it can be told from the quiet output."""
        combinations = [(first * scale, second * scale) for first in (0, 1) for second in (0, 1)]
        return [self._quiet(factors) for factors in combinations] if self.columns else []

    @staticmethod
    def _values(quiet: Tensor, kept: Sequence[Tensor], scale: float) -> Tensor:
        if kept:
            return torch.stack([output[0] for output in kept])
        return torch.stack([torch.zeros_like(quiet), quiet * scale])

    def _quiet(self, factors: tuple[float, float]) -> Pass:
        return Pass(self._batch(1), "eval", "off", 0, self._columns(factors))

    def _columns(self, factors: tuple[float, float]) -> tuple[Push, ...]:
        pair = self.pairing.pair_of(self.site.feeds) if self.site.feeds is not None else None
        if pair is None:
            return ()
        kept = [Column(index, factor) for index, factor in zip(self.columns, factors, strict=True)]
        return (pair.push(kept),)

    def _batch(self, rows: int) -> Draw:
        return msgspec.structs.replace(self.inputs, rows=rows)


def _all_equal(rows: Tensor, value: Tensor, limit: float) -> bool:
    return rows.shape[1:] == value.shape and largest_difference(value.expand_as(rows), rows) <= limit


def _apart(values: Tensor) -> float:
    """The smallest distance between any two of the possible values."""
    flat = values.flatten(1).double()
    distances = (flat.unsqueeze(0) - flat.unsqueeze(1)).abs().amax(2)
    distances.fill_diagonal_(float("inf"))
    return float(distances.min())


def _is_one_mask(kept: Tensor) -> bool:
    """Whether every row keeps the same; a dropout of p = 1 does so as well, and keeps nothing."""
    return bool((kept == kept[0]).all())


def _assert_counts(kept: Tensor, p: float, name: str) -> None:
    dropped = ~kept
    both = dropped[:, 0] & dropped[:, -1]
    counts = [(dropped, 1), (both, 2)] if dropped.shape[1] > 1 else [(dropped, 1)]
    if all(possible(int(events.sum()), events.numel(), p**times) for events, times in counts):
        return
    share = float(dropped.double().mean())
    if any(not possible(int(events.sum()), events.numel(), share**times) for events, times in counts):
        raise failed("dropout_not_independent", name=name)
    raise failed("dropout_wrong_p", name=name, expected=f"p={p:g}", found=f"p≈{share:.3g}")
