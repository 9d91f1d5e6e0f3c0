"""Does a student's module compute what the reference computes?

Both get the same weights, drawn here, and the same inputs, in several batch sizes. Where the reference has dropout, the
question is asked without it: that is judged on its own (:func:`~autograder.checks.dropout.assert_same_dropout`), so
that one mistake costs its points once. Only the outputs count: layers, functions, operators, loops and names are all
the same. No weight, setting or operation of the student's is executed here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import torch
from torch import Tensor, nn

from autograder.checks import explanation
from autograder.checks.finite import unreal
from autograder.checks.inputs import Inputs
from autograder.checks.pairing import TRACE_ROWS, Pairing, Unpaired, paired, probe
from autograder.checks.reference_passes import performed
from autograder.checks.tolerance import largest_difference, same_outputs
from autograder.checks.wording import number_text, shapes_text
from autograder.errors import SandboxError
from autograder.evidence.graphs import Graph, recorded
from autograder.evidence.proxies import ModuleProxy
from autograder.evidence.verdict import Verdict, failed
from autograder.results import Outcome
from autograder.wire.gradients import reached
from autograder.wire.messages import Draw, Pass, Sent
from autograder.wire.observers import WithoutDropout
from autograder.wire.tensors import draw
from autograder.wire.terms import ACTIVATIONS, DROPOUTS


@dataclass(frozen=True)
class Trial:
    """One pass that both are asked for: ``rows`` inputs within ± ``size``."""

    rows: int
    size: float = 1.5
    mode: Literal["eval", "train"] = "eval"
    gradients: bool = False
    dropout: Literal["off", "live"] = "off"


# Only large numbers show some things (ReLU6). A model may not tell one kind of pass from another. Of batch sizes there
# are one, few and many, and no more than that: a recurrent layer prepares itself for every new one, 1 ms a time.
TRIALS = (Trial(2), Trial(1, gradients=True), Trial(12, size=10.0))
# Of models that drop nothing; those that do are seen in training by what they drop. Training comes last, because
# a batch norm learns from it; of two rows it leaves little but signs.
IN_TRAINING = (Trial(12, mode="train", gradients=True, dropout="live"),)
FURTHER = (Trial(12),)  # on other weights
FURTHER_DRAWS = ((2_000, 23), (50_000, 7))  # (parameters at most, further weights)
ROWS_TOGETHER = 5
MOST_BYTES, MOST_TENSORS = 8 << 20, 128  # expected in one reply, which may hold four times and twice as many
MAX_NAMES = 5  # of parameters in a finding
LARGER = 4  # times a picture's height and width
Outputs = tuple[Tensor, ...]


def assert_same_computation(
    found: ModuleProxy,
    reference: nn.Module,
    *,
    input_shape: Sequence[int],
    input_below: int | None = None,
    learns: bool = False,
) -> None:
    """``found`` and ``reference`` map every input of ``(batch, *input_shape)`` to the same output.

    With ``input_below``, inputs are whole numbers (int64) from 0 to ``input_below`` - 1, as an embedding takes them.
    In evaluation, and where the reference has no dropout in training too; with and without gradients.
    Raises the verdicts ``forward_raised``, ``parameters_differ``, ``wrong_output_shape``, ``nan_values``,
    ``infinite_values``, ``dropout_unasked``, ``depends_on_mode``, ``forward_not_deterministic``,
    ``depends_on_batch_size``, ``different_computation``, or what the model's own graph explains
    (:mod:`~autograder.checks.explanation`).

    With ``learns``, gradients also come to the same parameters as in the reference: what is cut off or frozen there is
    so here, and nothing else. Else ``parameters_cannot_learn`` or ``parameters_not_frozen``.

    A right module fails only through rounding beyond :mod:`~autograder.checks.tolerance`. A module that
    computes another function passes only if it agrees on all 27 random inputs under random weights, or on 15 where
    the reference drops. In a narrow model these may hide an activation: every unit that it acts on is on one side of
    zero for all inputs with probability 1/2 at most. So a model with activations gets other weights as well, the more
    the smaller it is: with one unit, 24 draws in all hide it with probability 2^-24 = 6e-8, with eight units and 8
    draws 2^-64.
    """
    inputs = Inputs.of(input_shape, input_below)
    try:
        pairing = paired(found, reference, inputs)
    except Unpaired as unpaired:
        raise _explained(unpaired, explanation.of_parameters(unpaired, inputs)) from None
    except Verdict as raised:
        raise _on_a_larger_input(found, reference, inputs, raised) from None
    trials = TRIALS if _drops(pairing, inputs) else TRIALS + IN_TRAINING
    rounds: list[tuple[Pairing, Sequence[Trial]]] = [(pairing, trials)]
    for number in range(_further_draws(pairing.graph)):
        again = pairing.redrawn(found.seeds.of("same computation", "again", str(number)))
        rounds.append((again, FURTHER))
    _compare([_Round.of(one, tried, inputs) for one, tried in rounds], inputs)
    if learns:
        _assert_learns(pairing, inputs)


def _drops(pairing: Pairing, inputs: Inputs) -> bool:
    """Whether the reference has a dropout, even one that only training comes to."""
    terms = pairing.remembered("terms in training", lambda: _terms_in_training(pairing, inputs))
    return any(operation.term in DROPOUTS for operation in pairing.graph.operations) or not terms.isdisjoint(DROPOUTS)


def _terms_in_training(pairing: Pairing, inputs: Inputs) -> frozenset[str]:
    state = torch.get_rng_state()
    try:
        graph, _ = recorded(pairing.module.train(), draw(probe(inputs), pairing.dtype))
    finally:
        torch.set_rng_state(state)
    return frozenset(operation.term for operation in graph.operations)


def _further_draws(graph: Graph) -> int:
    """How many other weights a model is tried on."""
    if not any(operation.term in ACTIVATIONS for operation in graph.operations):
        return 0
    elements = sum(math.prod(shape) for shape in graph.parameters)
    return next((draws for size, draws in FURTHER_DRAWS if elements <= size), 0)


@dataclass(frozen=True)
class _Round:
    """Trials on the same weights, their passes, and what the reference gives for them."""

    pairing: Pairing
    trials: Sequence[Trial]
    passes: Sequence[Pass]
    expected: Sequence[object]

    @classmethod
    def of(cls, pairing: Pairing, trials: Sequence[Trial], inputs: Inputs) -> _Round:
        passes = [_pass(pairing, place, trial, inputs) for place, trial in enumerate(trials)]
        return cls(pairing, trials, passes, _forward(pairing, passes))

    def differing(self, outputs: Sequence[Outputs]) -> list[int]:
        """Which trials come out otherwise."""
        dtype, depth = self.pairing.dtype, self.pairing.depth
        return [
            place
            for place, (trial, raw) in enumerate(zip(self.trials, self.expected, strict=True))
            if not same_outputs(_flat(raw), outputs[place], dtype, depth, trial.size)
        ]


def _compare(rounds: Sequence[_Round], inputs: Inputs) -> None:
    """Raise the verdict if any trial comes out otherwise; as many as fit are asked for at once."""
    for together in _requests(rounds):
        first, *further = together
        passes = [*first.passes]
        for one in further:
            push = one.pairing.push
            passes += [msgspec.structs.replace(asked, push=push) for asked in one.passes]
        bare = isinstance(first.expected[0], Tensor)
        answers = iter(first.pairing.found.compute(first.pairing.push, passes, bare=bare))
        for one in together:
            outputs = [next(answers) for _ in one.passes]
            if differing := one.differing(outputs):
                plain = _verdict(one, outputs, differing)
                raise _explained(plain, explanation.of_outputs(one.pairing, inputs))


def _assert_learns(pairing: Pairing, inputs: Inputs) -> None:
    """Gradients come to the parameters whose counterparts they come to."""
    one = msgspec.structs.replace(_pass(pairing, 0, Trial(TRACE_ROWS, gradients=True), inputs), learning=True)
    ((_, learning),) = pairing.found.passed(pairing.push, [one])
    expected = pairing.remembered(("learning", one), lambda: _learning(pairing, one))
    pairs = [pair for pair in pairing.pairs if isinstance(pair.parameter, nn.Parameter)]
    stuck = [pair for pair in pairs if pair.own_place in expected and pair.place not in learning]
    loose = [pair for pair in pairs if pair.own_place not in expected and pair.place in learning]
    if stuck or loose:
        code = "parameters_cannot_learn" if stuck else "parameters_not_frozen"
        names = sorted(pairing.found.parameters[pair.place].name for pair in stuck or loose)
        more = ["…"] if len(names) > MAX_NAMES else []
        raise failed(code, name=pairing.found.name, found=", ".join(names[:MAX_NAMES] + more))


def _learning(pairing: Pairing, one: Pass) -> frozenset[int]:
    """The places of the reference's parameters that learn."""
    assert isinstance(one.inputs, Draw)
    state = torch.get_rng_state()
    try:
        with torch.enable_grad(), WithoutDropout():
            output = pairing.module(draw(one.inputs, pairing.dtype))
    finally:
        torch.set_rng_state(state)
    return frozenset(reached(_flat(output), pairing.reference.tensors))


def _requests(rounds: Sequence[_Round]) -> Iterator[list[_Round]]:
    """The rounds that are asked for together: as many as surely fit into one reply, and one at least."""
    together: list[_Round] = []
    for one in rounds:
        tensors = [tensor for each in (*together, one) for raw in each.expected for tensor in _flat(raw)]
        too_large = sum(tensor.nbytes for tensor in tensors) > MOST_BYTES or len(tensors) > MOST_TENSORS
        if together and too_large:
            yield together
            together = []
        together.append(one)
    yield together


def _explained(plain: Verdict, why: explanation.Explanation | None) -> Verdict:
    return plain if why is None else why.instead_of(plain)


def _on_a_larger_input(found: ModuleProxy, reference: nn.Module, inputs: Inputs, raised: Verdict) -> Verdict:
    """What is said of a model that fails on pictures as small as a check's: ``raised`` unless its parameters differ.

    A window that is too large for these may fit into the question's own.
    """
    sides = inputs.shape[1:]
    if len(sides) < 2 or raised.outcome is not Outcome.FAILED:
        return raised
    larger = replace(inputs, shape=(inputs.shape[0], *(LARGER * side for side in sides)))
    try:
        paired(found, reference, larger)
    except Unpaired as unpaired:
        return _explained(unpaired, explanation.of_parameters(unpaired, larger))
    except SandboxError:
        raise
    except Exception:  # noqa: BLE001 - it fails on these as well, or the author's reference does, in any way
        return raised
    return raised


def _pass(pairing: Pairing, place: int, trial: Trial, inputs: Inputs) -> Pass:
    seed = pairing.found.seeds.of("same computation").number("input", str(place), str(trial.rows))
    return Pass(
        inputs.batch(trial.rows, seed, -trial.size, trial.size),
        trial.mode,
        trial.dropout,
        seed,
        gradients=trial.gradients,
    )


def _forward(pairing: Pairing, passes: Sequence[Pass]) -> list[object]:
    """What the reference gives for the passes, one after the other, each from its seed."""
    return pairing.remembered(tuple(passes), lambda: performed(pairing.module, passes, pairing.dtype))


def _flat(output: object) -> Outputs:
    """A reference's output as a tuple of tensors; raises :class:`TypeError` if it holds anything else."""
    if isinstance(output, Tensor):
        return (output,)
    if not isinstance(output, tuple | list):
        raise TypeError(f"the reference returns {type(output).__name__}, not tensors")
    return tuple(tensor for part in output for tensor in _flat(part))


def _verdict(tried: _Round, outputs: Sequence[Outputs], differing: Sequence[int]) -> Verdict:
    pairing, first = tried.pairing, differing[0]
    name, trial, one = pairing.found.name, tried.trials[first], tried.passes[first]
    if any(each.is_floating_point() and bool(each.isnan().any()) for output in outputs for each in output):
        return failed("nan_values", name=name)
    wanted, given = _flat(tried.expected[first]), outputs[first]
    if [each.shape for each in wanted] != [each.shape for each in given]:
        shapes = {
            "expected": shapes_text(each.shape for each in wanted),
            "found": shapes_text(each.shape for each in given),
        }
        return failed("wrong_output_shape", name=name, **shapes)
    if trial.dropout == "live" and _is_right(pairing, msgspec.structs.replace(one, dropout="off")):
        return failed("dropout_unasked", name=name)
    quiet = msgspec.structs.replace(one, mode="eval", gradients=False, dropout="off")
    if trial.mode == "train" and _is_right(pairing, quiet):
        return failed("depends_on_mode", name=name)
    if unsteady := _unsteady(pairing, one):
        return failed(unsteady, name=name, batch=trial.rows)
    if unreal(name, wanted) is None and (verdict := unreal(name, given)) is not None:
        return verdict
    difference = max(
        largest_difference(each, other)
        for place in differing
        for each, other in zip(_flat(tried.expected[place]), outputs[place], strict=False)
        if each.shape == other.shape  # of some batch sizes they may be, and of others not
    )
    return failed(
        "different_computation", name=name, batch=trial.rows, max_difference=number_text(difference)
    )


def _is_right(pairing: Pairing, one: Pass) -> bool:
    """Whether what is wrong in training is right in this pass, on the same inputs."""
    (outputs,) = pairing.found.compute(pairing.push, [one])
    (expected,) = _forward(pairing, [one])
    return same_outputs(_flat(expected), outputs, pairing.dtype, pairing.depth, 1.0)


def _unsteady(pairing: Pairing, one: Pass) -> str | None:
    """What is said where rows come out otherwise by chance, or the first one alone otherwise than among others."""
    assert isinstance(one.inputs, Draw)
    size = one.inputs.high
    count = one.inputs.shape[0] if one.inputs.shape[0] > 1 else ROWS_TOGETHER
    rows = draw(msgspec.structs.replace(one.inputs, shape=(count, *one.inputs.shape[1:])), pairing.dtype)
    together, alone = (msgspec.structs.replace(one, inputs=Sent(place), mode="eval") for place in (0, 1))
    passes = [together, alone, msgspec.structs.replace(together, seed=one.seed ^ 1)]
    among, single, again = pairing.found.compute(pairing.push, passes, [rows, rows[:1]])

    def agree(some: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
        return same_outputs(some, others, pairing.dtype, pairing.depth, size)

    if not agree(among, again):
        return "forward_not_deterministic"
    if any(tensor.shape[:1] != (length,) for length, out in ((count, among), (1, single)) for tensor in out):
        return None
    return None if agree([tensor[:1] for tensor in among], single) else "depends_on_batch_size"
