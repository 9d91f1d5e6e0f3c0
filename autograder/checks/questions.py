"""Which question a check belongs to, and how many points it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from autograder.errors import AssignmentError

Test = TypeVar("Test", bound=Callable[..., None])
_known: ContextVar[tuple[str, tuple[str, ...]] | None] = ContextVar("known questions", default=None)


@dataclass(frozen=True)
class Check:
    """What a test function is marked with: its question, points, and what it looks at in words."""

    question: str
    points: float
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question of the assignment whose checks are being written."""

    id: str

    def check(self, points: float, about: Mapping[str, str] | None = None) -> Callable[[Test], Test]:
        """Mark a test as a check of this question worth ``points``.

        ``about`` says per language (``{"ko": …, "en": …}``) what the check looks at; students read it beside the
        verdict, of hidden checks too; ``{case}`` in it stands for a parametrised check's case. Without it the
        function's name is shown.
        Raises :class:`AssignmentError` for points that are not a positive number.
        """
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points < 10_000:
            raise AssignmentError(f"question {self.id!r}: points={points!r} is not a positive number")

        def mark(test: Test) -> Test:
            setattr(test, MARK, Check(self.id, float(points), dict(about or {})))
            return test

        return mark


MARK = "autograder_check"


def question(id: str) -> Question:  # noqa: A002 - the word the notebook's metadata uses
    """The question with this id; raises :class:`AssignmentError` if the assignment has none."""
    known = _known.get()
    if known is not None and id not in known[1]:
        assignment, ids = known
        raise AssignmentError(f"assignment {assignment!r} has no question {id!r}; it has {', '.join(ids)}")
    return Question(id)


def check_of(test: object) -> Check | None:
    """The mark of a test function, or None."""
    mark = getattr(test, MARK, None)
    return mark if isinstance(mark, Check) else None


@contextmanager
def questions_of(assignment: str, ids: tuple[str, ...]) -> Iterator[None]:
    """While inside, :func:`question` accepts these ids only."""
    token = _known.set((assignment, ids))
    try:
        yield
    finally:
        _known.reset(token)
