"""The misconception behind a cause: a code of the catalogue, with what was expected and what was found.

A step is shown between its neighbours, so that a reader finds the place.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checks.alignment import Column, Difference
from autograder.checks.causes import Cause
from autograder.evidence.graphs import Graph, Shape, weights_of
from autograder.evidence.labels import AFFINE, label
from autograder.results import Finding
from autograder.wire.messages import Performed
from autograder.wire.terms import ACTIVATIONS, DROPOUTS, LAYERS

NOTHING = "—"
MAX_STEPS = 7
_JOINING = frozenset(("add", "cat", "sub", "mul"))
_CALCULATING = frozenset(("add", "sub", "mul", "div"))


def findings(
    expected: Graph, found: Graph, columns: Sequence[Column], named: Sequence[Cause]
) -> list[Finding]:
    """What the causes are called; neighbours of one name are one finding.

    Steps that read alike, as where one layer is used twice, are not set against each other.
    """
    told: list[Finding] = []
    for cause in named:
        one = _finding(expected, found, columns, cause)
        if told and told[-1].code == one.code and told[-1].facts == one.facts:
            told[-1] = Finding(
                one.code,
                expected=f"{told[-1].expected} · {one.expected}",
                found=f"{told[-1].found} · {one.found}",
                facts=one.facts,
            )
        else:
            told.append(one)
    return [one if one.expected != one.found else Finding(one.code, facts=one.facts) for one in told]


def _finding(expected: Graph, found: Graph, columns: Sequence[Column], cause: Cause) -> Finding:
    difference = cause.difference
    alone = difference.expected is not None and difference.found is not None
    if cause.kind == "changed" or (
        cause.kind == "other" and alone and _softmaxes(expected, found, difference)
    ):
        return _changed(expected, found, difference)
    if cause.kind == "missing":
        code = _missing(expected, columns, cause)
    elif cause.kind == "extra":
        code = _extra(found, columns, cause)
    else:
        code = _other(expected, cause)
    first, *rest = cause.columns
    last = rest[-1] if rest else first
    moved = cause.kind == "moved"
    return Finding(
        code=code,
        expected=_between(expected, [column.expected for column in columns], first, first if moved else last),
        found=_between(found, [column.found for column in columns], last if moved else first, last),
    )


def _between(graph: Graph, places: Sequence[int | None], first: int, last: int) -> str:
    """The steps of some columns and their neighbours: ``Linear(784, 128) → ReLU → Linear(128, 64)``."""
    before = next((place for place in reversed(places[:first]) if place is not None), None)
    behind = next((place for place in places[last + 1 :] if place is not None), None)
    steps = [
        label(graph, place) for place in (before, *places[first : last + 1], behind) if place is not None
    ]
    if len(steps) > MAX_STEPS:
        steps = [*steps[: MAX_STEPS - 2], "…", steps[-1]]
    return " → ".join(steps) or NOTHING


def _missing(expected: Graph, columns: Sequence[Column], cause: Cause) -> str:
    assert cause.difference.expected is not None
    term = expected.operations[cause.difference.expected].term
    if term in ACTIVATIONS:
        last = all(column.expected is None for column in columns[cause.columns[-1] + 1 :])
        return "output_activation_missing" if last else "activation_missing"
    if term == "reshape":
        return "flatten_missing"
    if term in _JOINING:
        return "branch_missing"
    return "layer_missing" if term in LAYERS else "step_missing"


def _extra(found: Graph, columns: Sequence[Column], cause: Cause) -> str:
    assert cause.difference.found is not None
    term = found.operations[cause.difference.found].term
    if term in ACTIVATIONS:
        last = all(column.expected is None for column in columns[cause.columns[-1] + 1 :])
        return "output_activation_extra" if last else "activation_extra"
    if term in DROPOUTS:
        return "dropout_extra"
    return "layer_extra" if term in LAYERS else "step_extra"


def _other(expected: Graph, cause: Cause) -> str:
    if cause.kind == "rewired":
        return "connected_differently"
    if cause.kind == "replaced":
        return "steps_differ"
    if cause.kind in ("shared", "unshared"):
        return "weights_shared" if cause.kind == "shared" else "weights_not_shared"
    assert cause.difference.expected is not None
    term = expected.operations[cause.difference.expected].term
    if cause.kind == "moved":
        return "dropout_elsewhere" if term in DROPOUTS else "step_moved"
    return "activation_other" if term in ACTIVATIONS else "layer_other"


def _softmaxes(expected: Graph, found: Graph, cause: Difference) -> str | None:
    """The code for a softmax in place of a log-softmax, or the reverse, along the same dimension."""
    assert cause.expected is not None
    assert cause.found is not None
    terms = expected.operations[cause.expected].term, found.operations[cause.found].term
    if expected.operations[cause.expected].settings != found.operations[cause.found].settings:
        return None
    match terms:
        case ("softmax", "log_softmax"):
            return "log_softmax_for_softmax"
        case ("log_softmax", "softmax"):
            return "softmax_for_log_softmax"
        case _:
            return None


def _changed(expected: Graph, found: Graph, cause: Difference) -> Finding:
    """The same layer with other sizes or settings, or one softmax for another."""
    assert cause.expected is not None
    assert cause.found is not None
    wanted, given = expected.operations[cause.expected], found.operations[cause.found]
    texts = label(expected, cause.expected), label(found, cause.found)
    if code := _softmaxes(expected, found, cause):
        return Finding(code, *texts)
    if wanted.term in AFFINE and {"weight", "bias"} <= set(cause.settings):
        return Finding("layer_setting", *texts, facts={"setting": AFFINE[wanted.term]})
    if "bias" in cause.settings:
        return Finding("bias_missing" if "bias" in wanted.operands else "bias_extra", *texts)
    named = [name for name in cause.settings if name in wanted.settings or name in given.settings]
    sizes = _sizes(expected, wanted), _sizes(found, given)
    if "weight" in cause.settings and not named and sizes[0][:2] != sizes[1][:2]:
        return Finding(_of_sizes(wanted.term, *sizes), *texts)
    if "weight" in cause.settings and sizes[0][2:] != sizes[1][2:]:
        named.insert(0, "kernel_size")
    if wanted.term in _CALCULATING:
        return Finding("number_differs", *texts)
    if cause.settings == ("dim",) and wanted.term.endswith("softmax"):
        return Finding("softmax_wrong_dim", *texts)
    if cause.settings == ("batch_first",):
        return Finding("batch_first_differs", *texts)
    if cause.settings == ("stride",) and given.settings.get("kernel_size") == given.settings["stride"]:
        return Finding("pool_default_stride", *texts)
    return Finding("layer_setting", *texts, facts={"setting": ", ".join(named)})


def _sizes(graph: Graph, operation: Performed) -> Shape:
    """The shape of a layer's weight, of a recurrent one's first weight."""
    shapes = {role: shape for role, (_, shape) in weights_of(graph, operation).items()}
    return shapes.get("weight") or shapes.get("params[0]") or ()


def _of_sizes(term: str, wanted: Shape, given: Shape) -> str:
    """Sizes exchanged, or another size."""
    if len(wanted) > 1 and not term.startswith(("lstm", "gru", "rnn")) and given[:2] == wanted[1::-1]:
        return "layer_sizes_swapped"
    return "layer_resized"
