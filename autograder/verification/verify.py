"""Does every check pass what is right, and only that? Proved by grading answers whose grade is known.

    the reference           the source notebook with its answers: everything passes
    untouched.<language>    each language's release as it is handed out: nothing passes
    empty                   every name is an empty model, every class an empty one: nothing passes
    empty-object            the same, where a question asks for a class: its other names are objects of it
    right/<x>               solutions/<name>/right/<x>.ipynb: everything passes
    wrong/<x>               solutions/<name>/wrong/<x>.ipynb: everything but what it says it loses

Those in ``right/`` and ``wrong/`` hold what differs from the reference (:mod:`..course.variants`). A wrong one says
what it loses in its metadata: ``{"autograder": {"loses": ["dropout.drops_half", "shapes.*"]}}``, checks' ids in which
``*`` stands for anything. It may say as well why it loses them (:mod:`.causes`), and the grader's diagnoses are held to
it. All of them are graded as students' are, by the engine, in the sandbox; what does not come out as it must is a hole.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograder.course import sections
from autograder.course.assignment import Assignment, Question, load
from autograder.course.config import Course
from autograder.course.variants import laid_over
from autograder.errors import AssignmentError
from autograder.handout.release import is_question, release
from autograder.process.scratch import ScratchFolder
from autograder.results import CheckResult, Finding, Outcome, Result
from autograder.submissions.found import Found
from autograder.verification import causes
from autograder.verification.causes import Causes, Tally, matches

if TYPE_CHECKING:
    from autograder.engine.options import Options

Kind = Literal["reference", "untouched", "empty", "right", "wrong"]
EVERYTHING = "every check"


@dataclass(frozen=True)
class Case:
    """A notebook whose grade is known.

    ``loses``: patterns of the ids of the checks that must not pass; ``because``: what their findings must say.
    """

    kind: Kind
    name: str
    notebook: bytes
    loses: tuple[str, ...] = ()
    because: Causes = field(default_factory=dict)

    def is_to_lose(self, check: str) -> bool:
        """Whether the check with this id must not pass."""
        return any(matches(pattern, check) for pattern in self.loses)


@dataclass(frozen=True)
class Hole:
    """Something that did not come out as it must: of which notebook, at which check, and how."""

    case: str
    check: str
    expected: str
    happened: str


@dataclass(frozen=True)
class Proof:
    """What was found.

    ``verdicts`` is how many were compared; ``notes`` are worth knowing and no holes; ``diagnoses`` counts what the
    wrong notebooks lost, and how often the reason was told.
    """

    cases: int
    verdicts: int
    holes: tuple[Hole, ...]
    notes: tuple[str, ...]
    diagnoses: Tally = field(default_factory=Tally)


def verify(
    course: Course, name: str, options: Options, tell: Callable[[str], None] = lambda name: None
) -> Proof:
    """Grade every notebook whose grade is known and compare; ``tell`` is called with each one's name when done.

    Raises :class:`AssignmentError` where there is nothing to compare with, and what the engine raises.
    """
    from autograder.engine.local import run

    assignment = load(course.root, name)
    proven, notes = cases(course.root, assignment)
    by_name = {case.name: case for case in proven}
    holes: dict[str, list[Hole]] = {case.name: [Hole(case.name, "—", "a result", "none")] for case in proven}
    verdicts = 0
    ids: set[str] = set()
    caught: set[str] = set()  # the checks that a wrong notebook did not pass
    tally = Tally()
    faulty: dict[str, set[str]] = {}  # what was raised and is no notebook's fault → where it was raised
    with ScratchFolder() as folder:
        records = run(course, name, _written(proven, folder), options)
        for record in records:
            case, result = by_name[record.result.student], record.result
            checks = [check for question in result.questions for check in question.checks]
            verdicts += len(checks)
            ids |= {check.id for check in checks}
            if case.kind == "wrong":
                lost = [check for check in checks if check.outcome is not Outcome.PASSED]
                caught |= {check.id for check in lost}
                tally += causes.tally(lost, case.because)
            holes[case.name] = list(compared(case, result))
            for fault in filter(str.strip, record.faults):
                faulty.setdefault(fault.strip().splitlines()[0], set()).add(case.name)
            tell(case.name)
    notes += [f"{_first_of(names, by_name)}: {headline}" for headline, names in faulty.items()]
    if any(case.kind == "wrong" for case in proven) and (silent := sorted(ids - caught)):
        notes.append(f"no wrong notebook loses {', '.join(silent)}")
    unproven = {hole.check for case in proven if case.kind == "reference" for hole in holes[case.name]}
    in_order = tuple(
        hole
        for case in proven
        for hole in holes[case.name]
        if case.kind in ("reference", "untouched", "empty") or hole.check not in unproven
    )
    if alike := sum(map(len, holes.values())) - len(in_order):
        notes.append(
            f"{alike} more in right and wrong notebooks, of checks that the reference does not pass: mend those first"
        )
    return Proof(len(proven), verdicts, in_order, tuple(notes), tally)


def compared(case: Case, result: Result) -> Iterator[Hole]:
    """Where ``result`` is not what ``case`` must get."""
    checks = [check for question in result.questions for check in question.checks]
    if result.ungraded is not None:
        message = f"{result.ungraded.code} {result.ungraded.message}".strip()
        yield Hole(case.name, EVERYTHING, "a grade", f"ungraded: {message}")
    elif not checks:
        yield Hole(case.name, EVERYTHING, "verdicts", "none: the result has no checks")
    for pattern in case.loses:
        if checks and not any(matches(pattern, check.id) for check in checks):
            yield Hole(case.name, pattern, "a check with such an id", "there is none")
    for pattern in case.because:
        if checks and not any(matches(pattern, check.id) and case.is_to_lose(check.id) for check in checks):
            yield Hole(case.name, pattern, "a check it loses with such an id", "there is none")
    for check in checks:
        lost = case.is_to_lose(check.id)
        whole = check.outcome is Outcome.PASSED and check.points == check.max_points
        if check.outcome is Outcome.GRADER_ERROR or lost == whole:
            yield Hole(case.name, check.id, "lost" if lost else "passed", _happened(check))
        elif lost and check.points > 0 and case.kind != "wrong":
            yield Hole(case.name, check.id, "0 points", _happened(check))
        elif case.kind == "wrong" and lost and (wanted := causes.objection(check, case.because)):
            yield Hole(case.name, check.id, f"lost, and why: {wanted}", _happened(check))


def cases(course_root: Path, assignment: Assignment) -> tuple[list[Case], list[str]]:
    """Every notebook whose grade is known, and notes on what there is none of.

    Raises :class:`AssignmentError` for a source that cannot be released, and for a wrong notebook that does not
    say what it loses.
    """
    secret = course_root / "solutions" / assignment.name
    released = release(course_root, assignment.name, assignment.languages)
    untouched = dict(zip(assignment.languages, released.values(), strict=True))
    reference = (secret / f"{assignment.name}.ipynb").read_bytes()
    found = [Case("reference", "reference", reference)]
    found += [
        Case("untouched", f"untouched.{language}", content, ("*",)) for language, content in untouched.items()
    ]
    found += _empty(assignment, json.loads(next(iter(untouched.values()))))
    notes = sections.missing(assignment)
    kinds: tuple[Kind, Kind] = ("right", "wrong")
    for kind in kinds:
        paths = sorted((secret / kind).glob("*.ipynb"))
        if not paths:
            notes.append(f"{secret / kind} has no notebook")
        for path in paths:
            content = path.read_bytes()
            loses = _loses(path, content) if kind == "wrong" else ()
            because = causes.read(path, content) if kind == "wrong" else {}
            whole = laid_over(json.loads(reference), path, content)
            found.append(Case(kind, f"{kind}/{path.stem}", whole, loses, because))
    return found, notes


def _empty(assignment: Assignment, notebook: dict[str, Any]) -> Iterator[Case]:
    """Answers that are of a type one could ask for, and do nothing."""
    questions = {question.id: question for question in assignment.questions}
    classes = {question.id: _classes(question) for question in assignment.questions}
    for name, by_class in (("empty", False), ("empty-object", True)):
        if by_class and not any(classes.values()):
            continue
        for cell in notebook["cells"]:
            if is_question(cell):
                question = questions[cell["metadata"]["nbgrader"]["grade_id"]]
                cell["source"] = _empty_answer(question, classes[question.id], by_class)
        yield Case("empty", name, json.dumps(notebook, ensure_ascii=False).encode(), ("*",))


def _empty_answer(question: Question, classes: Sequence[str], by_class: bool) -> str:
    lines = ["from torch import nn"]
    lines += [f"class {name}(nn.Module):\n    pass" for name in classes]
    value = f"{classes[0]}()" if by_class and classes else "nn.Sequential()"
    lines += [f"{name} = {value}" for name in question.defines if name not in classes]
    return "\n".join(lines)


def _classes(question: Question) -> list[str]:
    """The names that the reference defines as classes."""
    tree = ast.parse(question.reference)
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return [name for name in question.defines if name in defined]


def _loses(path: Path, content: bytes) -> tuple[str, ...]:
    try:
        loses = json.loads(content)["metadata"]["autograder"]["loses"]
    except (ValueError, KeyError, TypeError):
        loses = None
    if not isinstance(loses, list) or not loses or not all(isinstance(one, str) for one in loses):
        problem = "its metadata does not say which checks it loses"
        remedy = 'Write {"autograder": {"loses": ["question.check"]}} into the notebook\'s metadata'
        raise AssignmentError(f"{path}: {problem}. {remedy}.")
    return tuple(loses)


def _written(proven: Iterable[Case], folder: Path) -> tuple[Found, ...]:
    found = []
    for number, case in enumerate(proven):
        path = folder / f"{number}.ipynb"
        path.write_bytes(case.notebook)
        found.append(Found(case.name, path))
    return tuple(found)


def _first_of(names: Collection[str], order: Iterable[str]) -> str:
    first = next(name for name in order if name in names)
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"


def _happened(check: CheckResult) -> str:
    points = f"{check.outcome.value}, {check.points:g} of {check.max_points:g}"
    return "; ".join([points, *map(_told, check.findings)])


def _told(finding: Finding) -> str:
    facts = {"expected": finding.expected, "found": finding.found} | finding.facts
    told = ", ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
    return f"{finding.code} ({told})" if told else finding.code
