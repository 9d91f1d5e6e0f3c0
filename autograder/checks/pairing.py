"""Which of the student's parameters plays the part of which of the reference's.

Weights are drawn here and pushed into both models; buffers that training changes, as a batch norm's statistics, are
parameters in this too. Other buffers, as a table of positions, are part of what is computed: both models keep their
own, and a parameter that does not learn may be one of these. Parameters are matched by shape (a matrix also by its
transposed one), and among equals by the order in which a forward pass first uses them; names and order of registration
play no part. Where shapes repeat, the order is that of the graph's normal form, which is the same for every way of
writing a model; a model whose graph is not the reference's is asked what part each parameter plays
(:mod:`~autograder.checks.roles`). A wrong match could only make a right model look wrong, never the reverse: equal
outputs on random weights mean the same function.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from autograder.checks import roles, stated
from autograder.checks.inputs import Inputs
from autograder.checks.references import Known, Numbers, Reference, reference_of
from autograder.checks.wording import shapes_text
from autograder.evidence.graphs import Graph, bare, is_same, places_in_order, weights_of
from autograder.evidence.normal_form import normal
from autograder.evidence.proxies import ModuleProxy, of_another_type
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict, failed
from autograder.wire.messages import Column, Draw, ParameterFacts, Push

TRACE_ROWS = 2


@dataclass(frozen=True)
class Pair:
    """A student's parameter (its place), the reference's (its place, and itself), and the numbers both are given."""

    place: int
    own_place: int
    parameter: Tensor
    numbers: Draw
    transposed: bool = False  # the student keeps the matrix as (in, out), for ``x @ w``

    def push(self, columns: Sequence[Column] | None = None) -> Push:
        return Push(self.place, self.numbers, None if columns is None else tuple(columns), self.transposed)


@dataclass(frozen=True)
class Pairing:
    """A student's module and the reference, and which of their parameters are given the same numbers."""

    found: ModuleProxy
    reference: Reference
    pairs: tuple[Pair, ...]

    @property
    def graph(self) -> Graph:
        """The reference's."""
        return self.reference.graph

    @property
    def module(self) -> nn.Module:
        """The reference with the numbers in it, in evaluation."""
        return self.reference.holding(self.numbers)

    @property
    def numbers(self) -> Numbers:
        """What the reference is given."""
        return tuple((pair.own_place, pair.numbers) for pair in self.pairs)

    @property
    def push(self) -> tuple[Push, ...]:
        """What the student's module is given."""
        return tuple(pair.push() for pair in self.pairs)

    @property
    def full_push(self) -> tuple[Push, ...]:
        """:attr:`push`, and numbers for the constants that the student's module uses, for performing its graph."""
        paired = {pair.place for pair in self.pairs}
        constants = [(place, facts) for place, facts in self.found.used() if place not in paired]
        return (*self.push, *stand_ins(constants, self.found.seeds.of("constants")))

    @property
    def depth(self) -> int:
        return len(self.pairs)

    @property
    def dtype(self) -> torch.dtype:
        return self.reference.dtype

    def redrawn(self, seeds: Seeds) -> Pairing:
        """The same pairs with other numbers."""
        pairs = tuple(
            replace(pair, numbers=numbers_of(pair.parameter, seeds.number("weight", str(number))))
            for number, pair in enumerate(self.pairs)
        )
        return replace(self, pairs=pairs)

    def remembered(self, question: Hashable, answer: Callable[[], Known]) -> Known:
        """What the reference with these numbers answers; see :meth:`Reference.remembered`."""
        return self.reference.remembered((self.numbers, question), answer)

    def pair_of(self, parameter: Tensor) -> Pair | None:
        return next((pair for pair in self.pairs if pair.parameter is parameter), None)


class Unpaired(Verdict):
    """The parameters do not fit; ``found`` and ``graph`` are what was traced of the student's and of the reference."""

    def __init__(self, verdict: Verdict, found: ModuleProxy, graph: Graph) -> None:
        super().__init__(verdict.outcome, verdict.findings)
        self.found, self.graph = found, graph


def paired(found: ModuleProxy, reference: nn.Module, inputs: Inputs) -> Pairing:
    """Match the parameters and choose their numbers.

    Raises the verdicts ``forward_raised``, ``parameters_of_another_type`` and, as :class:`Unpaired`,
    ``parameters_differ``; :class:`TypeError` for a reference that is no module, :class:`ValueError` for one that fails
    on such inputs.
    """
    reference = stated.module(reference)
    seeds = found.seeds.of_all()
    probed = probe(inputs)
    traced = found.traced(probed)
    if (mistyped := of_another_type(traced, used=True)) is not None:
        raise mistyped
    own = reference_of(reference, probed, getattr(torch, traced.dtype))
    order = sorted(own.order.keys() - own.constants, key=own.order.__getitem__)
    wanted = [own.tensors[place] for place in order]
    places: list[tuple[int, bool]] | None = None
    if repeats := _repeats(wanted):
        form = None if traced.graph is None else _form(traced.graph)
        if form is not None and is_same(own.form, form):
            ours, places = places_in_order(own.form), places_in_order(form)
            drawn = [number for number, (place, _) in enumerate(ours) if place not in own.constants]
            order = [ours[number][0] for number in drawn]
            if len(ours) == len(places):  # else one of them uses a weight again where the other has one of its own
                places = [places[number] for number in drawn]
    numbers = [
        numbers_of(own.tensors[place], seeds.number("weight", str(number)))
        for number, place in enumerate(order)
    ]
    try:
        pairs = tuple(_matched(own, order, _drawn(traced.used(), wanted), numbers, places))
    except Verdict as verdict:
        raise Unpaired(verdict, traced, own.graph) from None
    pairing = Pairing(traced, own, pairs)
    if repeats and places is None:
        return replace(pairing, pairs=roles.sorted_by_role(pairing, inputs))
    return pairing


def probe(inputs: Inputs) -> Draw:
    """The input that a pass is recorded with."""
    return inputs.batch(TRACE_ROWS, seed=0)  # nothing is judged by it, so that all checks share one trace


def stand_ins(used: Sequence[tuple[int, ParameterFacts]], seeds: Seeds) -> list[Push]:
    """Numbers for parameters and buffers that nothing of the reference's is known for; around 0, but for a variance."""
    return [
        Push(
            place,
            numbers_of_shape(
                facts.shape,
                seeds.number("weight", str(place)),
                buffer=facts.buffer and len(facts.shape) == 1,
            ),
        )
        for place, facts in used
    ]


def numbers_of(parameter: Tensor, seed: int) -> Draw:
    """Numbers for a parameter or buffer."""
    return numbers_of_shape(tuple(parameter.shape), seed, buffer=not isinstance(parameter, nn.Parameter))


def numbers_of_shape(shape: tuple[int, ...], seed: int, *, buffer: bool) -> Draw:
    """Uniform numbers that keep a layer's outputs near 1.

    ±√(6/fan-in) for weights, ±0.5 for biases, 0.5 to 1.5 for buffers: a batch norm's variance is positive.
    """
    if buffer:
        return Draw(seed=seed, shape=shape, low=0.5, high=1.5)
    bound = math.sqrt(6 / max(math.prod(shape[1:]), 1)) if len(shape) > 1 else 0.5
    return Draw(seed=seed, shape=shape, low=-bound, high=bound)


def _matched(
    own: Reference,
    order: Sequence[int],
    free: Sequence[tuple[int, ParameterFacts]],
    drawn: Sequence[Draw],
    places: Sequence[tuple[int, bool]] | None,
) -> Iterator[Pair]:
    """A pair for each parameter of the reference, and for each of its buffers that the student has, in this order.

    ``places``, where they are known: the student's parameters in the same order, and which are transposed.
    """
    left = list(free)
    wanted = [own.tensors[place] for place in order]
    known = iter(places) if places is not None and len(places) == len(wanted) else None
    for own_place, parameter, numbers in zip(order, wanted, drawn, strict=True):
        shape = tuple(parameter.shape)
        buffer = not isinstance(parameter, nn.Parameter)
        of_kind = [item for item in left if item[1].buffer == buffer]
        alike = [item for item in of_kind if bare(item[1].shape) == bare(shape)]
        turned = [item for item in of_kind if len(shape) == 2 and item[1].shape == shape[::-1]]
        if known is not None:
            place, is_turned = next(known)
            alike, turned = ([item for item in one if item[0] == place] for one in (alike, turned))
            alike, turned = ([], turned) if is_turned else (alike, [])
        if not alike and not turned:
            if buffer:
                continue
            raise _differ(own, wanted, free)
        place, facts = (alike or turned)[0]
        left.remove((place, facts))
        yield Pair(place, own_place, parameter, numbers, transposed=not alike)
    if any(not facts.buffer for _, facts in left):
        raise _differ(own, wanted, free)


def _drawn(
    used: Sequence[tuple[int, ParameterFacts]], wanted: Sequence[Tensor]
) -> list[tuple[int, ParameterFacts]]:
    """What the student's module uses, without its frozen parameters where those that learn are enough."""
    learning = [item for item in used if not item[1].frozen]
    enough = sum(isinstance(one, nn.Parameter) for one in wanted)
    return learning if sum(not facts.buffer for _, facts in learning) >= enough else list(used)


def _repeats(parameters: Sequence[Tensor]) -> bool:
    """Whether shapes alone do not say which parameter is which."""
    shapes = [tuple(sorted(parameter.shape)) for parameter in parameters]
    square = any(len(shape) == 2 and shape[0] == shape[1] for shape in shapes)
    return square or len(set(shapes)) < len(shapes)


def _form(graph: Graph) -> Graph:
    """The normal form of a graph that may be any claim; the graph itself where it makes no sense."""
    try:
        return normal(graph)
    except Exception:  # noqa: BLE001 - another process may claim anything
        return graph


def _differ(
    own: Reference, wanted: Sequence[Tensor], used: Sequence[tuple[int, ParameterFacts]]
) -> Verdict:
    expected = [tuple(one.shape) for one in wanted if isinstance(one, nn.Parameter)]
    found = [facts.shape for _, facts in used if not facts.buffer]
    missing = Counter(expected) - Counter(found)
    parts = [weights_of(own.graph, operation) for operation in own.graph.operations]
    scales = {part["weight"][1] for part in parts if "weight" in part}  # a norm's has one dimension, as a bias has
    biases = all(len(shape) == 1 and shape not in scales for shape in missing)
    if missing and not Counter(found) - Counter(expected) and biases:
        return failed("bias_missing", expected=shapes_text(expected), found=shapes_text(found))
    return failed("parameters_differ", expected=shapes_text(expected), found=shapes_text(found))
