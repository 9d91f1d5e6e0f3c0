"""One question's answer, as a check sees it: typed access by name.

An accessor returns what was asked for or raises the verdict, so a check needs no ``if``. A name counts only
if the question's own block binds it: this course's notebooks use ``model`` and ``output_tensor`` again and
again, and what an earlier question left behind is no answer.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from torch import Tensor, nn

from autograder.errors import AssignmentError
from autograder.evidence.literals import NotLiteral, arithmetic, literal
from autograder.evidence.peer import Peer
from autograder.evidence.proxies import LiteralProxy, ModuleProxy, OptimizerProxy, TensorProxy, unanswered
from autograder.evidence.seeds import Seeds
from autograder.evidence.surroundings import Surroundings
from autograder.evidence.verdict import Verdict, failed
from autograder.results import Finding, Outcome
from autograder.wire.messages import Fetch, Fetched, Look, Seen

Given = TypeVar("Given")


@dataclass(frozen=True)
class Answer:
    """What the student defined for one question.

    ``bound`` are the names its block binds, ``trouble`` what became of a cell that did not run to its end,
    ``givens`` the assignment's own values. ``remarks`` are codes of what checks noticed that costs no point; ``read``
    says which sources they looked at besides the peer's replies. ``defines`` are the names that there may be; None:
    any.
    """

    question: str
    peer: Peer
    seeds: Seeds
    bound: frozenset[str]
    givens: Mapping[str, object]
    trouble: Verdict | None = None
    _around: Surroundings = field(default_factory=Surroundings)
    remarks: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    defines: frozenset[str] | None = None

    def for_check(self, check: str) -> Answer:
        """The same answer for the check with this id: with numbers drawn for it alone, and remarks of its own."""
        return replace(self, seeds=self.seeds.of(check), remarks=[], read=set())

    @property
    def around(self) -> Surroundings:
        """The source of its cells and of the others."""
        self.read.add("around")
        return self._around

    def module(
        self,
        name: str,
        *,
        type: type[nn.Module] = nn.Module,  # noqa: A002 - as isinstance names it
        of: str | None = None,
        anywhere: bool = False,
    ) -> ModuleProxy:
        """The module ``name``; with ``type`` or the student's own class ``of``, it must be an instance of it.

        With ``anywhere``, it is what the name stands for now, even if an earlier question's block bound it: for a
        question that builds on an earlier answer without judging it again, as an optimizer does on a model.
        Raises the verdicts ``missing_name``, ``not_a_module`` and ``wrong_type``. As for everything that is asked for,
        :class:`AssignmentError` if the question does not define such a name.
        """
        seen = self._seen(name, anywhere=anywhere)
        if seen.kind != "module":
            raise self._left(failed("not_a_module", name=name, found=_short(seen)))
        wanted = f"{type.__module__}.{type.__qualname__}"
        if wanted not in seen.classes:
            raise failed("wrong_type", name=name, expected=_public(wanted), found=_short(seen))
        if of is not None:
            own = self._seen(of)
            if own.kind != "class" or not own.classes or own.classes[0] not in seen.classes:
                raise failed("wrong_type", name=name, expected=of, found=_short(seen))
        return ModuleProxy(name, self.peer, self.seeds, seen.parameters, remark=self.remarks.append)

    def tensor(self, name: str) -> TensorProxy:
        """The tensor ``name`` with its numbers; raises ``missing_name``, ``not_a_tensor``, ``unusual_tensor``."""
        seen = self._seen(name)
        if seen.kind != "tensor":
            raise self._left(failed("not_a_tensor", name=name, found=_short(seen)))
        reply, tensors = self.peer.ask(Fetch(name=name))
        if not isinstance(reply, Fetched):
            raise unanswered(reply)
        if reply.problem:
            raise failed("unusual_tensor", name=name, found=reply.problem)
        return TensorProxy(name, tensors[0])

    def optimizer(self, name: str) -> OptimizerProxy:
        """The optimizer ``name``; raises ``missing_name`` and ``not_an_optimizer``."""
        seen = self._seen(name)
        if seen.kind != "optimizer":
            raise self._left(failed("not_an_optimizer", name=name, found=_short(seen)))
        return OptimizerProxy(name, self.peer, self.seeds, _short(seen), dict(seen.settings))

    def literal(self, name: str) -> LiteralProxy:
        """What the student wrote down as ``name``, read from the source: constants and arithmetic on them.

        Raises ``missing_name`` and ``not_a_literal``.
        """
        self._refuse_unknown(name)
        if name not in self.bound:
            raise self._missing(name)
        try:
            return LiteralProxy(name, literal(self.around.block, name), arithmetic(self.around.block, name))
        except NotLiteral:
            raise failed("not_a_literal", name=name) from None

    def given(self, name: str, *, type: type[Given] = Tensor) -> Given:  # type: ignore[assignment] # noqa: A002
        """The assignment's own value of ``name``, whatever the student's notebook did to it: a copy.

        A tensor, unless another ``type`` is asked for, as ``nn.Module``. Raises :class:`AssignmentError` if no given
        cell before the question defines one.
        """
        value = self.givens.get(name)
        if not isinstance(value, type):
            raise AssignmentError(
                f"question {self.question!r}: no given cell before it defines a {type.__name__} {name!r}. "
                f"Given here: {', '.join(sorted(self.givens)) or 'nothing'}."
            )
        return cast(Given, value.clone()) if isinstance(value, Tensor) else copy.deepcopy(value)

    def _refuse_unknown(self, name: str) -> None:
        if self.defines is not None and name not in self.defines:
            raise AssignmentError(
                f"questions.{self.question}.defines in assignment.toml does not name {name!r}, which the check asks "
                f"for. It names {', '.join(sorted(self.defines))}. Mend the check or add the name there."
            )

    def _seen(self, name: str, *, anywhere: bool = False) -> Seen:
        if not anywhere:
            self._refuse_unknown(name)
        if anywhere or name in self.bound:
            reply, _ = self.peer.ask(Look(name=name))
            if not isinstance(reply, Seen):
                raise unanswered(reply)
            if reply.kind != "missing":
                return reply
        raise self._missing(name)

    def _left(self, unfit: Verdict) -> Verdict:
        """The verdict on something of another kind; a cell that was stopped may have left it on the way.

        Where the cell raised, the page shows the error beside the code, and what is there is explained as it is.
        """
        if self.trouble is None or self.trouble.outcome is Outcome.CELL_ERROR:
            return unfit
        return Verdict(self.trouble.outcome, [*self.trouble.findings, *unfit.findings])

    def _missing(self, name: str) -> Verdict:
        """Why there is nothing of this name: a cell that did not finish, no answer at all, or a slip."""
        if self.trouble is not None:
            return self.trouble
        outcome = Outcome.FAILED if self.bound else Outcome.NOT_ANSWERED
        return Verdict(outcome, [Finding(code="missing_name", facts={"name": name})])


def _short(seen: Seen) -> str:
    if seen.kind == "class":
        return f"class {_public(seen.classes[0])}" if seen.classes else "class"
    return _public(seen.classes[0]) if seen.classes else "?"


def _public(name: str) -> str:
    """``torch.nn.modules.linear.Linear`` → ``nn.Linear``, ``torch.optim.sgd.SGD`` → ``optim.SGD``; others bare."""
    short = name.rpartition(".")[2]
    for package, prefix in (("torch.nn.modules.", "nn."), ("torch.optim.", "optim.")):
        if name.startswith(package):
            return prefix + short
    return short
