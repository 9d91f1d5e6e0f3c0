"""What the loss of a worker means for the submission it was at.

A worker holds no student code. It ends on its own only where the machine fails it: no memory left, a power cut. It is
ended where it does not come to an end by itself: a check may loop for ever, and nothing inside the worker could tell.
Either way its submission is graded once more by another, after the rest of the class. One that costs a second worker
is not tried again: it is ungraded, through our fault.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from msgspec import Struct

from autograder.course.config import LAYERS
from autograder.engine.options import Record
from autograder.errors import SandboxError
from autograder.grading.job import Job, Setup
from autograder.process.environment import version
from autograder.results import Environment, Result, Submission, Ungraded

MAX_LOSSES = 2  # of workers at one submission


class Lost(Struct, frozen=True, tag="lost"):
    """How a worker was lost: ended after so many ``seconds`` at one submission, or with 0 on its own.

    ``check``: the id of the one it was at, if at any.
    """

    seconds: float = 0.0
    check: str = ""

    def __str__(self) -> str:
        where = f" at the check {self.check}" if self.check else ""
        if not self.seconds:
            return f"ended without a word{where}"
        remedy = "Mend the check, or if it" if self.check else "If it"
        return (
            f"was ended because it had not finished after {self.seconds:g} s{where}. "
            f"{remedy} only needs longer, raise limits.grading_seconds"
        )


class Losses:
    """Counts the workers that each submission has cost.

    ``max_in_a_row``: workers that may be lost with nothing graded in between before the run is given up.
    """

    def __init__(self, setup: Setup, max_in_a_row: int) -> None:
        self._setup = setup
        self._max_in_a_row = max_in_a_row
        self._in_a_row = 0
        self._lost: Counter[str] = Counter()

    def suspects(self, job: Job) -> bool:
        """Whether the submission has cost a worker: then nothing else should wait behind it."""
        return self._lost[job.student] > 0

    def end_row(self) -> None:
        """Something was graded."""
        self._in_a_row = 0

    def blame(self, job: Job | None, lost: Lost, others_wait: bool) -> Record | None:
        """A worker was lost at this submission, or at its start: None if it is to be tried again, else its record.

        After too many in a row it is the machine, or a check that never ends. Raises :class:`SandboxError` then while
        ``others_wait`` that have cost none; else nothing is tried a second time.
        """
        self._in_a_row += 1
        too_many = self._in_a_row > self._max_in_a_row
        if too_many and (job is None or others_wait):
            place = f"at {job.student}" if job else "at its start"
            raise SandboxError(f"workers keep being lost. The last one, {place}, {lost}")
        if job is None:
            return None
        self._lost[job.student] += 1
        count = self._lost[job.student]
        if count < MAX_LOSSES and not too_many:
            return None
        workers = "a worker was lost at it. It" if count == 1 else f"{count} workers were lost at it. The last one"
        return _record(self._setup, job, f"{workers} {lost}")


def _record(setup: Setup, job: Job, fault: str) -> Record:
    from autograder.feedback import render  # only where it comes to that

    language = job.language or setup.config.course.language
    result = Result(
        assignment=setup.assignment,
        student=job.student,
        status="ungraded",
        score=None,
        max_score=0.0,
        seed=setup.seed,
        language=language,
        submission=Submission(job.path, hashlib.sha256(job.data).hexdigest()),
        assignment_digest=setup.assignment_digest,
        environment=Environment(version("torch"), dict.fromkeys(LAYERS, False)),
        timing={},
        ungraded=Ungraded("grader_fault", "grader", fault),
        key=job.key,
    )
    return Record(result, *render(result, language), (fault,))
