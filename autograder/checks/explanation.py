"""Why a module does not compute what the reference computes, in terms of its steps.

The graphs of both are brought into normal form and aligned. What is said of the student's is said only if its graph,
performed elsewhere, gives what the module gives; and a difference is named only if undoing it would change that. A
model with more differences than a person would want to read is shown beside the expected one, and nothing is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.checks.alignment import Column, Difference, aligned
from autograder.checks.causes import causes, stretches
from autograder.checks.inputs import Inputs
from autograder.checks.naming import findings
from autograder.checks.pairing import Pairing, Unpaired, probe, stand_ins
from autograder.checks.replayed import agree, passes, replayed
from autograder.checks.undoing import undone
from autograder.evidence.graphs import Graph
from autograder.evidence.labels import label
from autograder.evidence.normal_form import normal
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import Verdict
from autograder.results import Finding, Outcome, Step
from autograder.wire.messages import Push
from autograder.wire.terms import DROPOUTS

MAX_NAMED = 4
MAX_STEPS = 60


@dataclass(frozen=True)
class Explanation:
    """``findings`` name the causes, or nothing where they are too many; ``steps`` are both models side by side."""

    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]

    def instead_of(self, plain: Verdict) -> Verdict:
        """The verdict with its causes named, or the plain one beside the two models."""
        first, *rest = self.findings or plain.findings
        shown = Finding(first.code, first.expected, first.found, first.facts, list(self.steps))
        return Verdict(Outcome.FAILED, [shown, *rest])


def of_outputs(pairing: Pairing, inputs: Inputs) -> Explanation | None:
    """Why the outputs differ; None where that cannot be said for sure."""
    return _explained(pairing.found, pairing.graph, pairing.full_push, inputs)


def of_parameters(unpaired: Unpaired, inputs: Inputs) -> Explanation | None:
    """Why the parameters have other sizes; None where that cannot be said for sure."""
    found = unpaired.found
    push = stand_ins(found.used(), found.seeds.of("unpaired"))
    return _explained(found, unpaired.graph, push, inputs)


def of_dropout(pairing: Pairing, inputs: Inputs) -> Explanation | None:
    """Where dropouts are too many or elsewhere; None where that cannot be said for sure."""
    try:
        return _explained_dropout(pairing, inputs)
    except Verdict:  # a pass in training that fails, where the one in evaluation did not
        return None


def has_same_dropout(pairing: Pairing, inputs: Inputs) -> bool:
    """Whether the module's graph drops where the reference's does, and gives in training what the module gives.

    What else differs must leave no doubt of that: steps that are missing here and too many there may have moved past
    a dropout.
    """
    try:
        performed = _performed_in_training(pairing, inputs)
    except Verdict:
        return False
    if performed is None or _columns_of_dropout(*performed):
        return False
    kinds = {column.difference.kind for column in performed[2] if column.difference is not None}
    return kinds <= {"changed", "other", "missing"} or kinds <= {"changed", "other", "extra"}


def _explained_dropout(pairing: Pairing, inputs: Inputs) -> Explanation | None:
    performed = _performed_in_training(pairing, inputs)
    if performed is None:
        return None
    expected, graph, columns = performed
    concerned = _columns_of_dropout(expected, graph, columns)
    named = findings(expected, graph, columns, causes(expected, graph, columns, concerned))
    return Explanation(tuple(named[:MAX_NAMED]), side_by_side(expected, graph, columns))


def _performed_in_training(pairing: Pairing, inputs: Inputs) -> tuple[Graph, Graph, list[Column]] | None:
    """Both graphs with their dropout, and aligned, if performing the student's gives what the module gives."""
    found = pairing.found.traced(probe(inputs), "train")
    read = _read(pairing.reference.form, found.graph, dropout=True)
    if read is None:
        return None
    asked = passes(found, inputs, live=True)
    push = pairing.full_push
    performed = replayed(found, [read[1]], push, asked)
    if performed is None or not agree(found, performed[0], found.compute(push, asked), pairing.depth):
        return None
    return read


def _columns_of_dropout(expected: Graph, graph: Graph, columns: Sequence[Column]) -> list[tuple[int, ...]]:
    return [
        (place,)
        for place, column in enumerate(columns)
        if column.difference is not None and _is_of_dropout(expected, graph, column.difference)
    ]


def has_moved_dropout(pairing: Pairing) -> bool:
    """Whether the module says that a dropout of its stands in another place than the reference's."""
    claimed = pairing.found.graph
    if claimed is None:
        return False
    return pairing.reference.remembered(
        ("moved dropout", claimed.digest), lambda: _moves_dropout(pairing.reference.form, claimed)
    )


def _moves_dropout(reference: Graph, claimed: Graph) -> bool:
    read = _read(reference, claimed, dropout=True)
    if read is None:
        return False
    expected, graph, columns = read
    moved = [one for one in causes(expected, graph, columns, stretches(columns)) if one.kind == "moved"]
    return any(_is_of_dropout(expected, graph, one.difference) for one in moved)


def _is_of_dropout(expected: Graph, found: Graph, one: Difference) -> bool:
    places = ((expected, one.expected), (found, one.found))
    return any(place is not None and graph.operations[place].term in DROPOUTS for graph, place in places)


def _explained(
    found: ModuleProxy, reference: Graph, push: Sequence[Push], inputs: Inputs
) -> Explanation | None:
    read = _read(normal(reference, dropout=False), found.graph, dropout=False)
    if read is None:
        return None
    expected, graph, columns = read
    trials = [(stretch, undone(expected, graph, columns, stretch)) for stretch in stretches(columns)]
    graphs = [graph, *(without for _, without in trials if without is not None)]
    asked = passes(found, inputs)
    try:
        given = found.compute(push, asked)
    except Verdict:  # it fails on these inputs, as it did not on others
        return None
    performed = replayed(found, graphs, push, asked)
    if performed is None or not agree(found, performed[0], given, len(push)):
        return None
    rest = iter(performed[1:])
    mattering: list[tuple[int, ...]] = []
    for stretch, without in trials:
        outputs = next(rest, None) if without is not None else None
        if outputs is None or not agree(found, outputs, given, len(push)):
            mattering.append(stretch)
    if not mattering:
        return None
    named = findings(expected, graph, columns, causes(expected, graph, columns, mattering))
    if (
        len(named) > MAX_NAMED
        or expected.unknown()
        or not any(column.found is not None for column in columns)
    ):
        named = []
    return Explanation(tuple(named), side_by_side(expected, graph, columns))


def _read(
    expected: Graph, claimed: Graph | None, *, dropout: bool
) -> tuple[Graph, Graph, list[Column]] | None:
    """The expected graph, the claimed one in normal form, and both aligned; None for a claim that makes no sense."""
    if claimed is None or claimed.unknown():
        return None
    try:
        graph = normal(claimed, dropout=dropout)
        return expected, graph, aligned(expected, graph)
    except Exception:  # noqa: BLE001 - another process may claim anything
        return None


def side_by_side(expected: Graph, found: Graph, columns: Sequence[Column]) -> tuple[Step, ...]:
    """Both models' steps, aligned; at most ``MAX_STEPS``."""
    return tuple(
        Step(
            None if column.expected is None else label(expected, column.expected),
            None if column.found is None else label(found, column.found),
            column.difference is not None,
        )
        for column in columns[:MAX_STEPS]
    )
