"""Dropout judged by whole outputs, for references whose dropout cannot be looked at unit by unit.

A residual keeps what was dropped beside it, a convolution mixes it, a sequence drops at every step, and there may be
several dropouts. Here both models are run in training from one seed, on weights and inputs drawn here: torch
draws the same masks for both, so that a right answer's outputs coincide with the reference's. An answer that draws
its masks in another way has other outputs, but distributed alike: those are sampled and compared
(:mod:`~autograder.checks.distributions`). Of an answer that drops otherwise, references with another share, without
scaling or of whole channels are tried in the same two ways, and what fits is named.

Other than unit by unit, this needs the rest of the model to be right. Where it is not, a graph tells the one from the
other (:func:`~autograder.checks.explanation.has_same_dropout`), if acting it out gives what the student's module gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor, nn

from autograder.checks import explanation
from autograder.checks.distributions import Distribution
from autograder.checks.dropout_alternatives import ASKED_FOR, Alternative
from autograder.checks.dropout_sites import dropouts_of, drops_between_layers, shares_of
from autograder.checks.dropout_variants import drops_as_a_variant
from autograder.checks.finite import unreal
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import TRACE_ROWS, Pairing
from autograder.checks.reference_passes import outputs_of
from autograder.checks.shares import OTHER_SHARES, wrong_share
from autograder.checks.tolerance import largest_difference, tolerance
from autograder.checks.wording import number_text, shape_text
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Draw, Pass

ROWS = 24
SHOWING_ROWS = 2  # of them must change with the masks, or other weights are drawn
DRAWS = 20  # weights before it is given up that the reference's dropout can be seen
LOOKS = 24  # passes before it is believed that nothing is ever dropped
SAMPLED_ROWS = 30_000
REFERENCE_SAMPLES = 2  # times as many are sampled of the reference, which is done once
RANKING_ROWS = 2_000  # of each reference with another dropout, of which only the likeliest one is sampled in full
MOST_PASSES = 8
MOST_NUMBERS = 4_000_000  # inside the model, of one sampling pass
MOST_BYTES = 8 << 20  # expected in one reply, which may hold four times as many
CANDIDATES, CANDIDATE_ROWS = 8, 64  # inputs of which one is taken for sampling
SLACK = 4  # times the rounding of a pass in evaluation: what is kept is scaled up
ONE_MASK = "one mask for every row"


def assert_same_outputs_in_training(pairing: Pairing, inputs: Inputs) -> None:
    """The student's module gives in training what the reference gives, or outputs of the same distribution.

    Raises :class:`ValueError`, before the student's module is asked for anything, where the reference itself cannot
    be compared: it drops nothing, or in evaluation too, or no output shows it.

    Outputs that coincide in 24 rows have coinciding masks and scales. A right answer that draws its masks in
    another way fails with probability below 1e-9 (:mod:`~autograder.checks.distributions`).
    """
    seed = pairing.found.seeds.number("same dropout", "mask")
    _shown(pairing, inputs, seed).judge()


def _shown(pairing: Pairing, inputs: Inputs, seed: int) -> _Comparison:
    """A comparison on weights on which the reference's outputs show its dropout."""
    seeds = pairing.found.seeds.of("same dropout")
    for attempt in range(DRAWS):
        drawn = pairing if attempt == 0 else pairing.redrawn(seeds.of("again", str(attempt)))
        comparison = _Comparison(drawn, inputs, seed + 2 * attempt, seeds.number("input"))
        if comparison.is_shown():
            return comparison
    if shares_of(pairing.graph):
        raise ValueError(
            "no weights show this reference's dropout: its outputs stay the same whatever is dropped"
        )
    raise ValueError(
        "the reference drops nothing in training, so that assert_same_dropout has nothing to compare: "
        "it needs a dropout of its own, or a recurrent layer of two layers or more with dropout=p"
    )


@dataclass(frozen=True)
class _Comparison:
    """Two models on the same numbers. The reference's outputs are what the student's ones are held against."""

    pairing: Pairing
    inputs: Inputs
    seed: int
    input_seed: int

    def is_shown(self) -> bool:
        """Whether the reference's outputs change with its masks; raises :class:`ValueError` if in evaluation too."""

        def answer() -> bool:
            still, quiet, moving, again = self._reference_outputs()
            if self._differ(still, quiet):
                raise ValueError(
                    "the reference drops in evaluation as well, or computes by chance: "
                    "F.dropout needs training=self.training"
                )
            if len(moving) < ROWS:
                raise ValueError(
                    f"{ROWS} inputs give the reference's output {shape_text(moving.shape)}: "
                    "assert_same_dropout needs one row for each"
                )
            changed = (moving.double() - again.double()).flatten(1).abs().amax(1) > self._limit(moving)
            return int(changed.sum()) >= SHOWING_ROWS

        return self.pairing.remembered(("shown", self.seed, self.input_seed), answer)

    def judge(self) -> None:
        """Raises the verdict on the student's module, if it drops otherwise."""
        name = self.pairing.found.name
        own_still, own_quiet, own_moving, _ = self._reference_outputs()
        still, quiet, moving, again = self._student_outputs(self._passes)
        for wanted, given in zip((own_still, own_quiet, own_moving), (still, quiet, moving), strict=True):
            if wanted.shape != given.shape:
                texts = shape_text(wanted.shape), shape_text(given.shape)
                raise failed("wrong_output_shape", name=name, expected=texts[0], found=texts[1])
        if (verdict := unreal(name, (still, quiet, moving))) is not None:
            raise verdict
        if self._differ(still, quiet):
            claimed = self.pairing.found.graph
            if self._is_steady() or (claimed is not None and drops_between_layers(claimed)):
                raise failed("dropout_always_on", name=name)
            raise failed("forward_not_deterministic", name=name, batch=ROWS)
        if not self._differ(moving, again) and not self._changes(moving):
            raise failed("dropout_never_on", name=name, expected=self._shares_text())
        if not self._differ(own_moving, moving):
            return
        if self._differ(own_quiet, quiet):
            if drops_as_a_variant(self.pairing, self.inputs, self.seed):
                return
            if explanation.has_same_dropout(self.pairing, self.inputs):
                return
            size = number_text(largest_difference(own_quiet, quiet))
            raise failed("different_computation", name=name, batch=ROWS, max_difference=size)
        for alternative, verdict in self._mistakes():
            if not self._differ(self._reference_outputs(alternative)[2], moving):
                raise verdict
        self._judge_distribution()

    def _is_steady(self) -> bool:
        """Whether two seeds give the same in evaluation without dropout."""
        quiet = self._passes[1]
        return not self._differ(*self._student_outputs([quiet, msgspec.structs.replace(quiet, seed=self.seed)]))

    def _changes(self, moving: Tensor) -> bool:
        """Whether any other seed changes the training outputs."""
        looks = [msgspec.structs.replace(self._passes[2], seed=self.seed + 1 + n) for n in range(1, 1 + LOOKS)]
        return any(self._differ(moving, rows) for rows in self._student_outputs(looks))

    def _judge_distribution(self) -> None:
        """Raises the verdict on outputs that do not coincide with the reference's."""
        name = self.pairing.found.name
        asked, moving = self._sampling(0, 1), self._reference_outputs()[2]
        outputs = self._student_outputs(asked)
        for one, output in zip(asked, outputs, strict=True):
            assert isinstance(one.inputs, Draw)
            rows = one.inputs.rows or one.inputs.shape[0]
            wanted = (rows * len(moving) // ROWS, *moving.shape[1:])
            if tuple(output.shape) != wanted:
                texts = shape_text(wanted), shape_text(output.shape)
                raise failed("wrong_output_shape", name=name, expected=texts[0], found=texts[1])
        sampled = torch.cat(outputs).flatten(1)
        if (verdict := unreal(name, [sampled])) is not None:
            raise verdict
        if not self._minds_its_batch and all(bool((rows == rows[0]).all()) for rows in outputs):
            raise failed("dropout_not_independent", name=name, found=ONE_MASK)
        if self._distribution(ASKED_FOR).admits(sampled):
            return
        own = Distribution(sampled, self._limit(sampled))
        mistakes = list(self._mistakes())
        likeliest, verdict = min(mistakes, key=lambda one: own.distance(self._few(one[0])))
        if self._distribution(likeliest).admits(sampled):
            raise verdict
        raise failed("dropout_elsewhere" if self._claims_the_same_dropouts() else "depends_on_mode", name=name)

    def _claims_the_same_dropouts(self) -> bool:
        """Whether the student's graph has the reference's dropouts, wherever they stand."""
        claimed = self.pairing.found.graph
        return claimed is not None and dropouts_of(claimed) == dropouts_of(self.pairing.graph)

    def _mistakes(self) -> Iterator[tuple[Alternative, Verdict]]:
        """The reference with another dropout, and what to say of a module that is the same."""
        name, shares = self.pairing.found.name, shares_of(self.pairing.graph)
        claimed = () if self.pairing.found.graph is None else shares_of(self.pairing.found.graph)
        if len(shares) == 1:
            (own,) = shares
            for share in dict.fromkeys((*claimed, *OTHER_SHARES)):
                if not math.isclose(share, own):
                    yield Alternative(share=share), wrong_share(name, own, share)
        scale = ", ".join(number_text(1 / (1 - share)) for share in shares if share < 1)
        yield Alternative(scaled=False), failed("dropout_not_scaled", name=name, expected=scale)
        yield Alternative(of_channels=True), failed("dropout_not_independent", name=name)

    def _distribution(self, alternative: Alternative) -> Distribution:
        """That of the reference's outputs, if it drops in this way."""

        def answer() -> Distribution:
            sampled = self._sampled(alternative, self._sampling(1, REFERENCE_SAMPLES))
            return Distribution(sampled, self._limit(sampled))

        return self.pairing.remembered(("distribution", alternative, self.seed, self.input_seed), answer)

    def _few(self, alternative: Alternative) -> Tensor:
        """Some of the reference's outputs, if it drops in this way."""
        first, *_ = self._sampling(2, 1)
        if isinstance(first.inputs, Draw) and first.inputs.rows > RANKING_ROWS:
            first = msgspec.structs.replace(
                first, inputs=msgspec.structs.replace(first.inputs, rows=RANKING_ROWS)
            )
        question = ("few", alternative, self.seed, self.input_seed)
        return self.pairing.remembered(question, lambda: self._sampled(alternative, [first]))

    def _sampled(self, alternative: Alternative, asked: Sequence[Pass]) -> Tensor:
        with alternative.within(self.pairing.module):
            return torch.cat(self._own(asked)).flatten(1)

    def _sampling(self, number: int, times: int) -> list[Pass]:
        """Passes in training that draw many masks, each over one input; other ones for every ``number``."""
        operations = self.pairing.graph.operations
        numbers = sum(math.prod(shape) for one in operations for shape in one.shapes) / TRACE_ROWS
        rows = max(1, min(SAMPLED_ROWS, int(MOST_NUMBERS / max(numbers, 1))))
        count = min(MOST_PASSES, math.ceil(SAMPLED_ROWS / rows))
        asked: list[Pass] = []
        for place in range(count * times):
            seeds = self.pairing.found.seeds.of("same dropout", "sample", str(number), str(place))
            if self._minds_its_batch:
                inputs = self.inputs.batch(rows, seeds.number("input"), -1.5, 1.5)
            else:
                inputs = msgspec.structs.replace(self._telling_input, rows=rows)
            asked.append(Pass(inputs, "train", "live", seeds.number("mask")))
        return asked

    @property
    def _telling_input(self) -> Draw:
        """Of some inputs the one for which the reference's outputs change most with the masks."""

        def answer() -> Draw:
            told: list[tuple[float, int]] = []
            for number in range(CANDIDATES):
                one = msgspec.structs.replace(self._candidate(number), rows=CANDIDATE_ROWS)
                (rows,) = self._own([Pass(one, "train", "live", self.seed)])
                told.append((float(rows.double().var(0).mean()), number))
            return self._candidate(max(told)[1])

        return self.pairing.remembered(("telling", self.seed, self.input_seed), answer)

    def _candidate(self, number: int) -> Draw:
        return self.inputs.single(self.input_seed ^ number, -1.5, 1.5)

    @property
    def _minds_its_batch(self) -> bool:
        """Whether the reference computes something else in training without dropout too, as with a batch norm."""

        def answer() -> bool:
            still = self._passes[0]
            asked = [still, msgspec.structs.replace(still, mode="train", dropout="off")]
            return self._differ(*self._own(asked)) and any(
                isinstance(one, nn.modules.batchnorm._NormBase) for one in self.pairing.module.modules()
            )

        return self.pairing.remembered(("batch", self.seed, self.input_seed), answer)

    @property
    def _passes(self) -> list[Pass]:
        """In evaluation from two seeds, the second one without dropout; in training from two."""
        inputs = self.inputs.batch(ROWS, self.input_seed, -1.5, 1.5)
        return [
            Pass(inputs, "eval", "live", self.seed),
            Pass(inputs, "eval", "off", self.seed + 1),
            Pass(inputs, "train", "live", self.seed),
            Pass(inputs, "train", "live", self.seed + 1),
        ]

    def _reference_outputs(self, alternative: Alternative = ASKED_FOR) -> list[Tensor]:
        def answer() -> list[Tensor]:
            with alternative.within(self.pairing.module):
                return self._own(self._passes)

        return self.pairing.remembered(("outputs", alternative, self.seed, self.input_seed), answer)

    def _own(self, passes: Sequence[Pass]) -> list[Tensor]:
        """The reference's outputs, each pass from the same state."""
        return [outputs_of(self.pairing.module, [one], self.pairing.dtype)[0] for one in passes]

    def _student_outputs(self, passes: Sequence[Pass]) -> list[Tensor]:
        """The student's outputs; as many passes are asked for at once as surely fit into one reply."""
        inputs = passes[0].inputs
        assert isinstance(inputs, Draw)
        row = self._reference_outputs()[2][0].nbytes
        together = max(1, MOST_BYTES // max(1, row * (inputs.rows or inputs.shape[0])))
        answers: list[tuple[Tensor, ...]] = []
        for start in range(0, len(passes), together):
            asked = passes[start : start + together]
            answers += self.pairing.found.compute(self.pairing.push, asked, bare=True)
        return [outputs[0] for outputs in answers]

    def _differ(self, expected: Tensor, found: Tensor) -> bool:
        return expected.shape != found.shape or largest_difference(expected, found) > self._limit(expected)

    def _limit(self, expected: Tensor) -> float:
        return SLACK * tolerance(expected, self.pairing.dtype, self.pairing.depth)

    def _shares_text(self) -> str | None:
        shares = shares_of(self.pairing.graph)
        return ", ".join(f"p={share:g}" for share in shares) or None
