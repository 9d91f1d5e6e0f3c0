"""The kernel in which a student works: what its names stand for, and which cells bound them.

It answers a check's questions as a runner does, with the same code and through the same frames.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from autograder.course.assignment import Assignment, Question
from autograder.evidence.surroundings import Surroundings
from autograder.notebooks.source import bound_names
from autograder.runner.conversation import probed, told
from autograder.sandbox.contract import Heard, decoded
from autograder.submissions.location import shared_names
from autograder.wire.frames import unpack
from autograder.wire.messages import Computed, Raised, Replay, Reply, Request, Stepped, Traced
from autograder.wire.tensors import pack_tensors

_bound_names = functools.lru_cache(maxsize=4096)(bound_names)  # of a long session's cells, at each check


class Kernel:
    """What stands behind ``shell``, an IPython shell (a ``Peer``)."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @property
    def namespace(self) -> Mapping[str, object]:
        names: dict[str, object] = self._shell.user_ns
        return names

    def ask(self, request: Request, tensors: Sequence[Tensor] = ()) -> tuple[Reply, Sequence[Tensor]]:
        """The answer; an interrupt is the student's own, and ends the check."""
        try:
            frame = probed(self.namespace, request, pack_tensors(tensors))
        except Exception as error:  # noqa: BLE001 - student code raises anything
            frame = told(error)
        answer = decoded(request, Heard(unpack(frame)))
        if any(error.name == KeyboardInterrupt.__name__ for error in _errors(answer.reply)):
            raise KeyboardInterrupt
        return answer.reply, answer.tensors

    def ask_afresh(self, request: Replay) -> tuple[Computed, Sequence[Tensor]] | None:
        """Operations played again by themselves: whoever checks their own work need not be kept from them."""
        reply, tensors = self.ask(request)
        return (reply, tensors) if isinstance(reply, Computed) else None

    def answered(self, assignment: Assignment, question: Question) -> tuple[frozenset[str], Surroundings]:
        """The question's names that count as its answer, and where they stand: the cells that bound them last.

        Questions share names. One that the answer to another question bound last is that one's. A cell's number is
        the one that a notebook shows beside it.
        """
        inputs = self._inputs()
        shared = shared_names(assignment)
        owners = {other.id: {*other.defines} - shared for other in assignment.questions}
        bound: set[str] = set()
        cells: set[int] = set()
        for name in question.defines:
            if name not in self.namespace:
                continue
            last = max((at for at, source in enumerate(inputs) if name in _names(source)), default=None)
            if last is not None:
                others = {other for other, own in owners.items() if own & _names(inputs[last])}
                if others and question.id not in others:
                    continue
                cells.add(last)
            bound.add(name)
        around = Surroundings(
            block=tuple(inputs[at] for at in sorted(cells)),
            cells=dict(enumerate(inputs)),
            binds={at: _names(source) for at, source in enumerate(inputs)},
        )
        return frozenset(bound), around

    def notebook(self) -> Path | None:
        """The notebook's file, where the program that shows it tells the kernel: VS Code, Jupyter's server."""
        told = (self.namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME"))
        for place in told:
            if isinstance(place, str) and place.endswith(".ipynb") and Path(place).is_file():
                return Path(place)
        return None

    def _inputs(self) -> list[str]:
        """Every cell that was run, the one that asks for the check included."""
        history = getattr(self._shell, "history_manager", None)
        inputs = getattr(history, "input_hist_raw", None) or self.namespace.get("In", ())
        return [source for source in inputs if isinstance(source, str)] if isinstance(inputs, list) else []


def _errors(reply: Reply) -> list[Raised]:
    """Whatever student code raised while it was asked."""
    match reply:
        case Raised():
            return [reply]
        case Computed(passes=passes):
            return [one.error for one in passes if one.error]
        case Traced(error=error) | Stepped(error=error):
            return [error] if error else []
        case _:
            return []


def _names(source: str) -> frozenset[str]:
    return _bound_names(source) or frozenset()
