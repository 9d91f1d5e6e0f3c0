"""Which question a check belongs to, and how many points it is worth."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import CodeType
from typing import TypeVar

from autograder.errors import AssignmentError

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True, eq=False)
class Check:
    """What a test function is marked with: its question, points, and what it looks at in words."""

    question: str
    points: float
    about: Mapping[str, str]
    function: Callable[..., None]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def file(self) -> str:
        return self._code.co_filename

    @property
    def line(self) -> int:
        """Where it begins, with its decorators."""
        return self._code.co_firstlineno

    @property
    def _code(self) -> CodeType:
        code: CodeType = inspect.unwrap(self.function).__code__
        return code


@dataclass(frozen=True)
class _Known:
    """The questions of the assignment whose checks are being read, and the checks that were marked so far."""

    assignment: str
    ids: tuple[str, ...]
    marked: list[Check] = field(default_factory=list)


_known: ContextVar[_Known | None] = ContextVar("known questions", default=None)


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
            check = Check(self.id, float(points), dict(about or {}), test)
            if known := _known.get():
                known.marked.append(check)
            setattr(test, MARK, check)
            return test

        return mark


MARK = "autograder_check"


def question(id: str) -> Question:  # noqa: A002 - the word the notebook's metadata uses
    """The question with this id; raises :class:`AssignmentError` if the assignment has none."""
    known = _known.get()
    if known is not None and id not in known.ids:
        raise AssignmentError(
            f"assignment {known.assignment!r} has no question {id!r}; it has {', '.join(known.ids)}"
        )
    return Question(id)


def check_of(test: object) -> Check | None:
    """The mark of a test function, or None."""
    mark = getattr(test, MARK, None)
    return mark if isinstance(mark, Check) else None


@contextmanager
def questions_of(assignment: str, ids: tuple[str, ...]) -> Iterator[None]:
    """While inside, :func:`question` accepts these ids only."""
    token = _known.set(_Known(assignment, ids))
    try:
        yield
    finally:
        _known.reset(token)


def refuse_lost(kept: Sequence[Check]) -> None:
    """Raise :class:`AssignmentError` for a check that was marked and is not among those ``kept``.

    Its points would vanish, and nobody would be told: pytest passes over what it does not take for a test.
    """
    known = _known.get()
    for check in known.marked if known else ():
        if not any(check is one for one in kept):
            raise AssignmentError(
                f"{check.file}:{check.line}: {check.name}: this check of {check.question!r} is lost, "
                f"since {_why_lost(check, kept)}."
            )


def refuse_foreign(checks: Sequence[Check], languages: Sequence[str]) -> None:
    """Raise :class:`AssignmentError` for words about a check in another language than the assignment's."""
    for check in checks:
        for language in check.about:
            if language not in languages:
                raise AssignmentError(
                    f"{check.file}:{check.line}: {check.name}: about.{language}: is not in `languages`, which has "
                    f"{', '.join(languages)}. Add it there or drop it"
                )


def _why_lost(lost: Check, kept: Sequence[Check]) -> str:
    """The reason and the remedy."""
    if any(check.function is lost.function for check in kept):
        return "its function is marked as a check again. Mark it once"
    for check in kept:
        if (check.name, check.file) == (lost.name, lost.file):
            return f"line {check.line} defines the name again. Give each check a name of its own"
    if not lost.name.startswith("test_"):
        return f"its name does not begin with test_. Call it test_{lost.name}"
    return "pytest does not find it in the file. Define it at the top of the file, and keep its name"
