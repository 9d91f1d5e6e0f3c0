"""Grade every mutant as a student's notebook is graded, and say which ones the checks let pass.

First of all each question's reference is graded with nothing beside it but what it builds on: where that loses a
check, a mutant would be caught for no reason. A mutant that ends its process or runs out of time takes the rest of
its notebook with it; whatever shared a notebook with another is then graded again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.course.assignment import Assignment, load
from autograder.course.config import Course
from autograder.mutation.behaviour import equivalent
from autograder.mutation.dependence import foundations
from autograder.mutation.listing import FILE_NAME, Entry, entries
from autograder.mutation.mutants import Mutant, mutants
from autograder.mutation.packing import Notebooks, Pack, packed
from autograder.process.scratch import ScratchFolder
from autograder.results import CheckResult, Outcome, Result
from autograder.submissions.found import Found

if TYPE_CHECKING:
    from autograder.engine.options import Options

_TAKES_OTHERS_WITH_IT = {Outcome.CRASHED, Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY}


@dataclass(frozen=True)
class Hole:
    """Something of a question that must be mended before its checks are proven."""

    question: str
    problem: str


@dataclass(frozen=True)
class Caught:
    """A mutant that lost checks, and which. ``raised``: it did not even run to its end."""

    mutant: Mutant
    checks: tuple[CheckResult, ...]

    @property
    def raised(self) -> bool:
        return all(check.outcome is not Outcome.FAILED for check in self.checks)


@dataclass(frozen=True)
class MutantProof:
    """What became of every mutant. ``stale`` are listed entries that explain no survivor."""

    questions: int
    caught: tuple[Caught, ...]
    alike: tuple[Mutant, ...]  # does what the reference does
    listed: tuple[tuple[Mutant, Entry], ...]
    survivors: tuple[Mutant, ...]
    stale: tuple[Entry, ...]
    holes: tuple[Hole, ...]

    @property
    def whole(self) -> bool:
        return not (self.survivors or self.stale or self.holes)

    @property
    def mutants(self) -> int:
        return len(self._all)

    def has_twin(self, mutant: Mutant) -> bool:
        """Whether the same words are changed alike in another place."""
        change = (mutant.question, mutant.before, mutant.after)
        return sum((other.question, other.before, other.after) == change for other in self._all) > 1

    @property
    def _all(self) -> list[Mutant]:
        caught = [one.mutant for one in self.caught]
        return [*caught, *self.alike, *(mutant for mutant, _ in self.listed), *self.survivors]


def prove(
    course: Course, name: str, options: Options, tell: Callable[[str], None] = lambda progress: None
) -> MutantProof:
    """Grade every mutant of the assignment; ``tell`` is called with how far it is.

    Raises :class:`AssignmentError` for an answer that cannot be changed, :class:`ConfigError` for an
    ``equivalent.toml`` that cannot be read, and what the engine raises.
    """
    assignment = load(course.root, name)
    known = entries(course.root / "solutions" / name / FILE_NAME)
    below = foundations(assignment)
    by_question = {question.id: mutants(assignment, question) for question in assignment.questions}
    grading = _Grading(course, name, options, Notebooks(course.root, assignment, below), tell)
    controls = [{question.id: question.reference} for question in assignment.questions]
    packs = list(packed(by_question, below))
    first = grading.results([*controls, *map(_sources, packs)])
    holes = [
        hole for control, result in zip(controls, first, strict=False) for hole in _lost(control, result)
    ]
    judged = list(_judged(packs, first[len(controls) :]))
    if again := [{one.mutant.question: one.mutant} for one in judged if one.may_have_been_another]:
        judged = [one for one in judged if not one.may_have_been_another]
        judged += _judged(again, grading.results([*map(_sources, again)]))

    unproven = {hole.question for hole in holes}
    holes += [Hole(one.mutant.question, problem) for one in judged if (problem := one.problem)]
    survivors = [one.mutant for one in judged if not one.problem and not one.lost]
    alike = [mutant for mutant in survivors if _alike(assignment, mutant, below[mutant.question])]
    unexplained = [mutant for mutant in survivors if mutant not in alike]
    listed = {mutant: entry for entry in known for mutant in unexplained if entry.explains(mutant)}
    holes += _ambiguous(listed)
    return MutantProof(
        questions=len(assignment.questions),
        caught=tuple(
            Caught(one.mutant, one.lost)
            for one in judged
            if one.lost and not one.problem and one.mutant.question not in unproven
        ),
        alike=tuple(alike),
        listed=tuple(listed.items()),
        survivors=tuple(mutant for mutant in unexplained if mutant not in listed),
        stale=tuple(entry for entry in known if entry not in listed.values()),
        holes=tuple(holes),
    )


def _ambiguous(listed: Mapping[Mutant, Entry]) -> Iterator[Hole]:
    """Entries that explain several mutants, perhaps one more than was meant."""
    for entry in dict.fromkeys(listed.values()):
        places = [str(mutant.line) for mutant, other in listed.items() if other is entry]
        if len(places) > 1:
            problem = f"an entry means the mutants on lines {', '.join(places)}. Add the line to it:"
            yield Hole(entry.question, f"{problem}\n{entry.after}")


def _alike(assignment: Assignment, mutant: Mutant, below: frozenset[str]) -> bool:
    (question,) = [one for one in assignment.questions if one.id == mutant.question]
    return equivalent(
        assignment, question, mutant.source, [one for one in assignment.questions if one.id in below]
    )


@dataclass(frozen=True)
class _Judged:
    """A mutant's checks. ``alone``: its notebook carried no other mutant."""

    mutant: Mutant
    checks: tuple[CheckResult, ...]
    alone: bool

    @property
    def lost(self) -> tuple[CheckResult, ...]:
        return tuple(check for check in self.checks if check.outcome is not Outcome.PASSED)

    @property
    def may_have_been_another(self) -> bool:
        """Whether another mutant of the notebook may be why its checks did not pass."""
        return not self.alone and any(check.outcome in _TAKES_OTHERS_WITH_IT for check in self.checks)

    @property
    def problem(self) -> str:
        """Why this says nothing about the mutant; empty if it does."""
        if not self.checks:
            return f"a mutant was not graded:\n{self.mutant.diff}"
        broken = [check.id for check in self.checks if check.outcome is Outcome.GRADER_ERROR]
        return f"{', '.join(broken)} fails itself on a mutant:\n{self.mutant.diff}" if broken else ""


class _Grading:
    """Notebooks through the engine."""

    def __init__(
        self, course: Course, name: str, options: Options, notebooks: Notebooks, tell: Callable[[str], None]
    ) -> None:
        self._course, self._name, self._options = course, name, options
        self._notebooks, self._tell = notebooks, tell

    def results(self, answers: Sequence[Mapping[str, str]]) -> list[Result | None]:
        """The result of each notebook with such answers, in order; None for one that never came back."""
        from autograder.engine.local import run

        found: list[Result | None] = [None] * len(answers)
        with ScratchFolder() as folder:
            submissions = []
            for number, one in enumerate(answers):
                path = folder / f"{number}.ipynb"
                path.write_bytes(self._notebooks.of(one))
                submissions.append(Found(str(number), path))
            records = run(self._course, self._name, submissions, self._options) if submissions else ()
            for done, record in enumerate(records, 1):
                found[int(record.result.student)] = record.result
                self._tell(f"{done} of {len(answers)} notebooks")
        return found


def _sources(pack: Pack) -> dict[str, str]:
    return {question: mutant.source for question, mutant in pack.items()}


def _judged(packs: Sequence[Pack], results: Sequence[Result | None]) -> Iterator[_Judged]:
    for pack, result in zip(packs, results, strict=True):
        checks = {} if result is None else {question.id: question.checks for question in result.questions}
        for question, mutant in pack.items():
            yield _Judged(mutant, tuple(checks.get(question, ())), alone=len(pack) == 1)


def _lost(control: Mapping[str, str], result: Result | None) -> Iterator[Hole]:
    """What the reference itself does not get."""
    for question in control:
        checks = (
            [one for item in result.questions if item.id == question for one in item.checks] if result else []
        )
        lost = ", ".join(check.id for check in checks if check.outcome is not Outcome.PASSED)
        if lost or not checks:
            yield Hole(
                question, f"its own reference loses {lost or 'everything'} when the other questions are blank"
            )
