"""One submission, from the bytes of a notebook to its result.

The notebook is read and planned here; its code runs elsewhere. Wherever a question's answer is complete, the run
pauses and the question's checks ask. One place decides every outcome, nothing starts as passed, and a check that did
not report never is.
"""

from __future__ import annotations

import hashlib
import itertools
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from autograder.course.assignment import Assignment, Question
from autograder.course.config import LAYERS, Limits
from autograder.errors import SandboxError, UnreadableNotebook
from autograder.evidence.answer import Answer
from autograder.evidence.seeds import Seeds
from autograder.grading.answers import Progress, answers
from autograder.grading.clock import Clock, alarm
from autograder.grading.execution import MOST_BYTES_AHEAD, Execution
from autograder.grading.givens import givens
from autograder.grading.job import Job
from autograder.grading.pause import Pause
from autograder.grading.precedents import Precedents
from autograder.notebooks.notebook import Notebook, parse
from autograder.pytest_plugin import Replay, Report, explained_by_source
from autograder.results import (
    CheckResult,
    Environment,
    Finding,
    Outcome,
    QuestionResult,
    Remark,
    Result,
    Submission,
    Ungraded,
)
from autograder.sandbox.contract import Slot
from autograder.submissions.plan import Plan, plan
from autograder.wire import messages
from autograder.wire.frames import unpack
from autograder.wire.messages import Draw

REHEARSAL_SECONDS = 10.0


@dataclass
class _Judged:
    """A question's reports and what its block left for the feedback page."""

    reports: list[Report]
    progress: Progress = field(default_factory=Progress)


class Grader:
    """Grades submissions of one assignment, one after the other, in one slot.

    A layer of ``expected`` that did not confine a submission is remarked on in its result. ``note`` is called with the
    id of every check as it begins, and with an empty one when a question's checks are done.
    """

    def __init__(
        self,
        assignment: Assignment,
        slot: Slot,
        replay: Replay,
        limits: Limits,
        seed: int,
        default_language: str,
        expected: Sequence[str] = LAYERS,
        note: Callable[[str], None] = lambda check: None,
    ) -> None:
        self._assignment = assignment
        self._slot = slot
        self._replay = replay
        self._limits = limits
        self._seed = seed
        self._default_language = default_language
        self._expected = tuple(expected)
        self._noted, self._at = note, ""
        self._givens = givens(assignment)
        self._precedents = Precedents()
        self._ahead: dict[str, tuple[bytes, ...]] = {}  # question → what its checks asked of the course's own answer
        self._max_scores = {
            question: sum(check.mark.points for check in checks) for question, checks in replay.checks.items()
        }
        self.faults: list[str] = []  # of checks that failed themselves: what it was, then a traceback

    def rehearse(self) -> str:
        """Learn from the course's own answers what checks ask, so that it can be asked together from then on.

        All of it or, where these answers or checks take too long or cannot be graded, nothing: it only takes longer.
        They run confined as submissions do. Returns the id of the check at which the time ran out, if at one.
        """
        ahead: dict[str, tuple[bytes, ...]] = {}
        late: list[str] = []
        try:
            with alarm(REHEARSAL_SECONDS, lambda: late.append(self._at)):
                ahead = self._asked_of_own_answers()
        except SandboxError:
            self._renew()
        except Exception:  # noqa: BLE001 - what concerns submissions too is said when they are graded
            pass
        if late:
            ahead = {}
            self._renew()
        self._note("")
        self._ahead, self.faults = ahead, []
        self._slot.expect(_recipes(ahead), [cell.source for cell in self._assignment.given])
        return "".join(late)

    def _asked_of_own_answers(self) -> dict[str, tuple[bytes, ...]]:
        planned = plan(self._assignment, parse(self._assignment.source))
        seeds = Seeds.of_run(self._seed).of(self._assignment.name)
        execution = Execution(self._slot, planned.cells, self._limits, seeds.number("runner"))
        ahead = {}
        try:
            for answer, pause, _ in answers(self._assignment, planned, execution, seeds, self._givens, []):
                self._reports(answer, pause)
                sizes = itertools.accumulate(size for _, size in pause.asked)
                ahead[answer.question] = tuple(
                    data for (data, _), size in zip(pause.asked, sizes, strict=True) if size <= MOST_BYTES_AHEAD // 2
                )
        finally:
            self._close(execution)
        return ahead

    def grade(self, job: Job) -> Result:
        """The result of one submission, whatever it holds; raises :class:`SandboxError` once nothing can be graded."""
        clock = Clock()
        language = job.language or self._default_language
        if job.unreadable is not None:
            return self._result(job, language, clock, ungraded=job.unreadable)
        try:
            notebook = parse(job.data)
            language = job.language or self._language_of(notebook)
            planned = plan(self._assignment, notebook)
            clock.lap("read")
            return self._run(job, planned, language, clock)
        except UnreadableNotebook as error:
            ungraded = Ungraded(error.code, "submission", str(error), dict(error.facts))
            return self._result(job, language, clock, ungraded=ungraded)
        except SandboxError:  # a new one cannot be had either
            raise
        except Exception as error:  # noqa: BLE001 - ours, and this submission's alone: the worker must live on
            said = f"{type(error).__name__}: {error}"[:500]
            self.faults.append(f"{said}\n{''.join(traceback.format_exception(error))[-8_000:]}")
            ungraded = Ungraded("grader_fault", "grader", said)
            return self._result(job, language, clock, ungraded=ungraded)

    def _run(self, job: Job, planned: Plan, language: str, clock: Clock) -> Result:
        seeds = Seeds.of_run(self._seed).of(self._assignment.name)
        execution = Execution(self._slot, planned.cells, self._limits, seeds.number("runner"))
        try:
            judged, remarks = self._judge(planned, execution, seeds)
        except SandboxError as error:
            return self._after_broken_sandbox(job, language, clock, error)
        finally:
            self._close(execution)
        clock.lap("run")
        clock.seconds |= execution.seconds
        return self._result(
            job,
            language,
            clock,
            planned=planned,
            judged=judged,
            remarks=remarks,
            layers=execution.layers,
            usage=execution.usage(),
        )

    def _judge(
        self, planned: Plan, execution: Execution, seeds: Seeds
    ) -> tuple[dict[str, _Judged], list[Remark]]:
        """Run the cells, pausing wherever a question can be judged."""
        judged: dict[str, _Judged] = {}
        remarks: list[Remark] = []
        for answer, pause, progress in answers(
            self._assignment, planned, execution, seeds, self._givens, remarks, self._ahead
        ):
            done = judged[answer.question] = _Judged(self._reports(answer, pause), progress)
            codes = dict.fromkeys(code for report in done.reports for code in report.remarks)
            remarks += [Remark(code=code, question=answer.question) for code in codes]
        return judged, remarks

    def _note(self, check: str) -> None:
        self._at = check
        self._noted(check)

    def _reports(self, answer: Answer, pause: Pause) -> list[Report]:
        """One check after the other, each noted before it begins."""
        reports = []
        for check in self._replay.checks[answer.question]:
            self._note(check.id)
            own = answer.for_check(check.id)
            report = self._precedents.report(check.id, own, pause)
            if report is None:
                with pause.transcribed() as transcript:
                    report = self._replay.judge(check, own)
                self._precedents.note(own, transcript, report)
            reports.append(explained_by_source(report, own))
        self._note("")
        return reports

    def _result(
        self,
        job: Job,
        language: str,
        clock: Clock,
        *,
        planned: Plan | None = None,
        judged: Mapping[str, _Judged] | None = None,
        remarks: Sequence[Remark] = (),
        layers: frozenset[str] = frozenset(),
        usage: Mapping[str, float] | None = None,
        ungraded: Ungraded | None = None,
    ) -> Result:
        questions: list[QuestionResult] = []
        if planned is not None and judged is not None:
            questions = [self._question_result(item, planned, judged) for item in self._assignment.questions]
            if any(check.outcome is Outcome.GRADER_ERROR for item in questions for check in item.checks):
                ungraded = Ungraded("grader_fault", "grader")
        said = [*(planned.remarks if planned else ()), *remarks, *job.remarks]
        if judged and (missing := [layer for layer in self._expected if layer not in layers]):
            said.append(Remark(code="layers_missing", facts={"layers": ", ".join(missing)}))
        return Result(
            assignment=self._assignment.name,
            student=job.student,
            status="ungraded" if ungraded else "graded",
            score=None if ungraded else sum(question.score for question in questions),
            max_score=sum(self._max_scores.values()),
            seed=self._seed,
            language=language,
            submission=Submission(job.path, hashlib.sha256(job.data).hexdigest()),
            assignment_digest=self._assignment.digest,
            environment=Environment(str(torch.__version__), {layer: layer in layers for layer in LAYERS}),
            lesson=self._assignment.lesson.get(language, ""),
            timing=clock.finished(),
            usage=dict(usage or {}),
            durations=_durations(judged or {}),
            remarks=said,
            headlines=_headlines(planned.headlines if planned else {}, said, questions),
            questions=questions,
            ungraded=ungraded,
            handed_in=job.handed_in,
            key=job.key,
        )

    def _question_result(
        self, question: Question, planned: Plan, judged: Mapping[str, _Judged]
    ) -> QuestionResult:
        done = judged.get(question.id, _Judged([]))
        reports = {report.check.id: report for report in done.reports}
        answered = planned.blocks[question.id].state == "answered"
        checks = [
            decided(
                check.id,
                reports.get(check.id),
                answered,
                check.mark.points,
                check.visibility,
                check.about,
            )
            for check in self._replay.checks[question.id]
        ]
        self.faults += [report.fault for report in done.reports if report.fault]
        return QuestionResult(
            id=question.id,
            score=sum(check.points for check in checks),
            max_score=self._max_scores[question.id],
            checks=checks,
            title=question.title,
            section=question.section,
            heading=question.heading,
            source=planned.blocks[question.id].source,
            cell_lines=dict(planned.blocks[question.id].lines),
            output=done.progress.output,
            error=done.progress.error,
        )

    def _after_broken_sandbox(self, job: Job, language: str, clock: Clock, error: SandboxError) -> Result:
        """The sandbox broke: ours, so no grade; the next submission gets a new one."""
        self.faults.append(str(error))
        self._renew()
        return self._result(job, language, clock, ungraded=Ungraded("grader_fault", "grader", str(error)))

    def _close(self, execution: Execution) -> None:
        try:
            execution.close()
        except SandboxError as error:
            self.faults.append(str(error))
            self._renew()

    def _renew(self) -> None:
        self._slot.close()
        self._slot.launch()
        self._slot.wait()

    def _language_of(self, notebook: Notebook) -> str:
        hint = notebook.language_hint
        return hint if hint in self._assignment.languages else self._default_language


def _recipes(ahead: Mapping[str, Sequence[bytes]]) -> list[Draw]:
    """What packed requests ask to draw from, each recipe once."""
    asked = (messages.decode_request(unpack(data).structure) for packed in ahead.values() for data in packed)
    return list(dict.fromkeys(recipe for request in asked for recipe in messages.recipes(request)))


def decided(
    id_: str, report: Report | None, answered: bool, points: float, visibility: str, about: Mapping[str, str]
) -> CheckResult:
    """The one place where an outcome becomes points; a check without a report is never passed."""
    if not answered:
        outcome, findings = Outcome.NOT_ANSWERED, [Finding(code="not_answered")]
    elif report is None:
        outcome, findings = Outcome.GRADER_ERROR, [Finding(code="checks_not_run")]
    else:
        outcome, findings = report.outcome, list(report.findings)
    return CheckResult(
        id=id_,
        outcome=outcome,
        points=points if outcome is Outcome.PASSED else 0.0,
        max_points=points,
        visibility="public" if visibility == "public" else "hidden",
        about=dict(about),
        findings=findings,
    )


def _durations(judged: Mapping[str, _Judged]) -> dict[str, float]:
    seconds = {name: done.progress.seconds for name, done in judged.items()}
    seconds |= {report.check.id: report.seconds for done in judged.values() for report in done.reports}
    return {name: round(value, 6) for name, value in seconds.items()}


def _headlines(
    known: Mapping[int, str], remarks: Sequence[Remark], questions: Sequence[QuestionResult]
) -> dict[int, str]:
    """How the cells begin that the result speaks of: their numbers alone are nowhere to be seen in a notebook."""
    found = [finding for question in questions for check in question.checks for finding in check.findings]
    spoken_of = {remark.facts.get("cell") for remark in remarks} | {one.facts.get("cell") for one in found}
    spoken_of |= {question.error.cell for question in questions if question.error}
    return {cell: line for cell, line in known.items() if cell in spoken_of and line}
