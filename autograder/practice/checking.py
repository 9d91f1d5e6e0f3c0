"""One check of a student's: from the names in the kernel to feedback in the notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from autograder.course.assignment import Assignment, Question
from autograder.errors import AssignmentError, ConfigError
from autograder.evidence.answer import Answer
from autograder.evidence.seeds import Seeds
from autograder.feedback import practice as feedback
from autograder.grading.givens import givens
from autograder.grading.grader import decided
from autograder.messages import catalogue
from autograder.practice.handouts import handout
from autograder.practice.kernel import Kernel
from autograder.process.state import ProcessState
from autograder.pytest_plugin import Replay, session
from autograder.results import Environment, QuestionResult, Result, Submission

SEED = 0  # what is defined now gets one verdict, however often its student asks
UNKNOWN_LANGUAGE = "en"
MAX_NAME_CHARACTERS = 80


def check(question: str | None = None, *, lang: str | None = None) -> None:
    """Show what the public checks say of ``question`` as it is defined now; of every question without one.

    ``lang`` (``"ko"`` or ``"en"``) chooses the language of the words, else it is the notebook's. For use in a notebook:
    outside of IPython there is nothing to look at, which is a RuntimeError.
    """
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("check() looks at a notebook's own names: call it in one")
    display(checked(Kernel(shell), question, lang))  # type: ignore[no-untyped-call]


def checked(kernel: Kernel, wanted: object = None, lang: str | None = None) -> feedback.Shown:
    """What the public checks say of the question ``wanted`` (None: of all), or why they can say nothing."""
    try:
        place = handout(kernel)
    except (AssignmentError, ConfigError) as error:
        words = catalogue(lang or UNKNOWN_LANGUAGE)
        return feedback.Shown.told(words, "checks_unusable", facts={"reason": str(error)})
    if place is None:
        return feedback.Shown.told(
            catalogue(lang or UNKNOWN_LANGUAGE), "no_checks_here", "no_checks_here_help"
        )
    assignment, folder, own = place
    language = lang or own or assignment.languages[0]
    questions = [one for one in assignment.questions if wanted in (None, one.id)]
    if not questions:
        known = ", ".join(one.id for one in assignment.questions)
        asked = wanted[:MAX_NAME_CHARACTERS] if isinstance(wanted, str) else type(wanted).__name__
        facts = {"question": asked, "known": known}
        return feedback.Shown.told(catalogue(language), "no_such_question", "questions_are", facts=facts)
    found: list[QuestionResult] = []

    def judge(replay: Replay) -> None:
        values = givens(assignment)
        seeds = Seeds.of_run(SEED).of(assignment.name)
        for one in questions:
            found.append(_judged(replay, kernel, assignment, one, values[one.id], seeds.of(one.id)))

    with _undisturbed():
        session(assignment, folder, judge)
    return feedback.Shown.of(_result(assignment, language, found), language)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The references are made as they always are, and the student's random numbers go on where they were."""
    before = ProcessState.now()
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    try:
        yield
    finally:
        before.put()


def _judged(
    replay: Replay, kernel: Kernel, assignment: Assignment, question: Question, values: Any, seeds: Seeds
) -> QuestionResult:
    bound, around = kernel.answered(assignment, question)
    defines = frozenset(question.defines)
    answer = Answer(question.id, kernel, seeds, bound, values, _around=around, defines=defines)
    reports = {report.check.id: report for report in (replay.run(answer) if bound else ())}
    checks = [
        decided(one.id, reports.get(one.id), bool(bound), one.mark.points, one.visibility, one.about)
        for one in replay.checks[question.id]
    ]
    return QuestionResult(
        id=question.id,
        score=sum(one.points for one in checks),
        max_score=sum(one.max_points for one in checks),
        checks=checks,
        title=question.title,
        section=question.section,
        heading=question.heading,
    )


def _result(assignment: Assignment, language: str, questions: Sequence[QuestionResult]) -> Result:
    """What is defined now, as a result that is kept nowhere."""
    return Result(
        assignment=assignment.name,
        student="",
        status="graded",
        score=sum(question.score for question in questions),
        max_score=sum(question.max_score for question in questions),
        seed=SEED,
        language=language,
        submission=Submission("", ""),
        assignment_digest=assignment.digest,
        environment=Environment(str(torch.__version__), {}),
        timing={},
        questions=list(questions),
    )
