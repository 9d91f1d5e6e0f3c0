"""A tensor, a module, an optimizer of the student's, seen through the wire; a value as it was written down.

Their facts are the other process's word. What is worth points is judged by :mod:`autograder.checks` from
forward passes on weights and inputs drawn here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from torch import Tensor

from autograder.evidence.graphs import Graph
from autograder.evidence.literals import UNREAD
from autograder.evidence.literals import Literal as Written
from autograder.evidence.peer import Peer
from autograder.evidence.seeds import Seeds
from autograder.evidence.verdict import Verdict, failed
from autograder.results import Finding, Outcome
from autograder.wire.messages import (
    Compute,
    Computed,
    Draw,
    Numbers,
    ParameterFacts,
    Parameters,
    Pass,
    Push,
    Raised,
    Step,
    Stepped,
    Trace,
    Traced,
)

OTHER_TYPES = ("float16", "bfloat16", "complex64", "complex128")  # than float32 and float64


@dataclass(frozen=True)
class TensorProxy:
    """``value`` holds the student's numbers as a plain tensor of ``shape``."""

    name: str
    value: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)


@dataclass(frozen=True)
class ModuleProxy:
    """A student's ``nn.Module``. ``parameters`` are as registered, then its buffers.

    :meth:`traced` adds their order of use and the ``graph`` of the pass, which is the student process's word; None
    where it gave none that makes sense.
    """

    name: str
    peer: Peer
    seeds: Seeds
    parameters: Parameters
    graph: Graph | None = None
    remark: Callable[[str], object] = lambda code: None  # says something that costs no point

    @property
    def dtype(self) -> str:
        """The type it is asked in: ``"float64"`` if its first floating parameter has it, else ``"float32"``.

        Never a coarser one: what is close enough in half precision says nothing of a model.
        """
        floating = [item.dtype for item in self.parameters if "float" in item.dtype]
        return "float64" if floating[:1] == ["float64"] else "float32"

    def traced(self, inputs: Draw, mode: Literal["train", "eval"] = "eval") -> ModuleProxy:
        """The same module after one recorded pass over ``inputs``.

        Raises a verdict ``forward_raised`` or ``parameters_of_another_type`` if the pass fails.
        """
        reply, _ = self.peer.ask(Trace(name=self.name, inputs=inputs, dtype=self.dtype, mode=mode))
        if not isinstance(reply, Traced):
            raise unanswered(reply)
        if reply.error is not None:
            raise of_another_type(self) or raised_by_student(self.name, reply.error, inputs)
        shapes = tuple(facts.shape for facts in reply.parameters)
        shape = (inputs.rows, *inputs.shape) if inputs.rows else inputs.shape
        graph = Graph(reply.operations, reply.result, shapes, shape)
        return replace(self, parameters=reply.parameters, graph=graph if graph.is_sound() else None)

    def used(self) -> list[tuple[int, ParameterFacts]]:
        """(place, facts) of the parameters that a trace saw used, in order of first use."""
        numbered = [(place, facts) for place, facts in enumerate(self.parameters) if facts.order >= 0]
        return sorted(numbered, key=lambda item: item[1].order)

    def compute(
        self, push: Sequence[Push], passes: Sequence[Pass], sent: Sequence[Tensor] = (), *, bare: bool = False
    ) -> list[tuple[Tensor, ...]]:
        """One tuple of outputs a pass; a module that returns one tensor gives a tuple of one.

        With ``bare`` it must return a tensor itself, not one in a tuple (``return x,``). Raises a verdict for
        the first pass that fails or returns something else than tensors.
        """
        return [outputs for outputs, _ in self.passed(push, passes, sent, bare=bare)]

    def passed(
        self, push: Sequence[Push], passes: Sequence[Pass], sent: Sequence[Tensor] = (), *, bare: bool = False
    ) -> list[tuple[tuple[Tensor, ...], frozenset[int]]]:
        """As :meth:`compute`, and the places of the parameters that learn, where a pass asks for them."""
        request = Compute(name=self.name, dtype=self.dtype, push=tuple(push), passes=tuple(passes))
        reply, tensors = self.peer.ask(request, sent)
        if not isinstance(reply, Computed) or len(reply.passes) != len(passes):
            raise unanswered(reply)
        rest = iter(tensors)
        given: list[tuple[tuple[Tensor, ...], frozenset[int]]] = []
        for one, asked in zip(reply.passes, passes, strict=True):
            if one.error is not None:
                raise of_another_type(self) or raised_by_student(self.name, one.error, asked.inputs, sent)
            if not one.outputs or (bare and one.not_a_tensor):
                raise failed("forward_returned_no_tensor", name=self.name, found=one.not_a_tensor)
            given.append((tuple(islice(rest, one.outputs)), frozenset(one.reached)))
        return given


@dataclass(frozen=True)
class OptimizerProxy:
    """A student's optimizer: its class and settings as it names them itself."""

    name: str
    peer: Peer
    seeds: Seeds
    kind: str
    settings: dict[str, float]

    def stepped(
        self, module: ModuleProxy, push: Sequence[Push], gradients: Sequence[Sequence[Draw]]
    ) -> list[Tensor]:
        """The module's parameters, as registered, after one step a list of gradients, from pushed numbers.

        Raises the verdict ``optimizer_raised`` if a step fails.
        """
        request = Step(
            name=self.name,
            module=module.name,
            push=tuple(push),
            gradients=tuple(tuple(one) for one in gradients),
        )
        reply, tensors = self.peer.ask(request)
        if not isinstance(reply, Stepped) or (reply.error is None and len(tensors) != len(push)):
            raise unanswered(reply)
        if reply.error is not None:
            raise failed(
                "optimizer_raised", name=self.name, error=reply.error.name, message=reply.error.message
            )
        return list(tensors)


@dataclass(frozen=True)
class LiteralProxy:
    """A value that a student wrote down; ``numbers`` are the whole numbers of its arithmetic, if it is written as one.

    Indexing a dictionary raises the verdict ``missing_entry``, or ``not_a_literal`` for an entry that is computed.
    """

    name: str
    value: Written
    arithmetic: Mapping[str, frozenset[int]] = field(
        default_factory=dict
    )  # a dictionary's entry → its numbers
    numbers: frozenset[int] = frozenset()

    def __getitem__(self, key: str) -> LiteralProxy:
        if not isinstance(self.value, dict):
            raise failed("wrong_type", name=self.name, expected="dict", found=type(self.value).__name__)
        if key not in self.value:
            raise failed("missing_entry", name=self.name, key=key)
        name = f"{self.name}[{key!r}]"
        if self.value[key] is UNREAD:
            raise failed("not_a_literal", name=name)
        return LiteralProxy(name, self.value[key], numbers=self.arithmetic.get(key, frozenset()))


def of_another_type(module: ModuleProxy, *, used: bool = False) -> Verdict | None:
    """The verdict on a module with parameters in half precision or of complex numbers; None if it has none.

    With ``used``, those alone count that a trace saw used.
    """
    found = {one.dtype for one in module.parameters if not one.buffer and (one.order >= 0 or not used)}
    if not (others := found.intersection(OTHER_TYPES)):
        return None
    types = {"expected": module.dtype, "found": ", ".join(sorted(others))}
    return failed("parameters_of_another_type", name=module.name, **types)


def raised_by_student(
    name: str, error: Raised, inputs: Numbers | None = None, sent: Sequence[Tensor] = ()
) -> Verdict:
    """The verdict on student code that raised while it was asked, with these ``inputs`` where it was given any."""
    if ran_out_of_memory(error):
        return Verdict(Outcome.OUT_OF_MEMORY, [Finding(code="out_of_memory")])
    facts: dict[str, str | int | float] = {"name": name, "error": error.name, "message": error.message}
    found = f"{error.name}: {error.message}"
    if isinstance(inputs, Draw):
        shape = (inputs.rows, *inputs.shape) if inputs.rows else inputs.shape
        facts |= {"shape": str(shape), "batch": shape[0]} if shape else {"shape": "()"}
    elif inputs is not None:
        facts["shape"] = str(tuple(sent[inputs.place].shape))
    if error.cell:
        facts |= {"cell": error.cell, "line": error.line}
    return Verdict(Outcome.FAILED, [Finding(code="forward_raised", found=found, facts=facts)])


def ran_out_of_memory(error: Raised) -> bool:
    """Whether an error is a refusal of memory: Python's own, or that of torch's allocator."""
    return error.name == "MemoryError" or "can't allocate memory" in error.message


def unanswered(reply: object) -> Verdict:
    """The verdict on a reply that does not answer the question."""
    if isinstance(reply, Raised):
        return raised_by_student("", reply)
    return Verdict(Outcome.CRASHED, [Finding(code="probe_crashed")])
