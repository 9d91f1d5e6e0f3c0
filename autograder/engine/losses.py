"""What the loss of a worker means for the submission it was at.

A worker holds no student code, and ends on its own only where the machine fails it: no memory left, a power cut. So
its submission is graded once more by another. One that costs a second worker is not tried again: it is ungraded,
through our fault, and the rest of the class goes on.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from autograder.config import LAYERS
from autograder.engine.options import Record
from autograder.environment import version
from autograder.grading.job import Job, Setup
from autograder.results import Environment, Result, Submission, Ungraded

MAX_LOSSES = 2  # of workers at one submission


class Losses:
    """Counts the workers that each submission has cost."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lost: Counter[str] = Counter()

    def suspects(self, job: Job) -> bool:
        """Whether the submission has cost a worker: then nothing else should wait behind it."""
        return self._lost[job.student] > 0

    def blame(self, job: Job) -> Record | None:
        """A worker was lost at this submission: None if it is to be tried again, else its record."""
        self._lost[job.student] += 1
        if self._lost[job.student] < MAX_LOSSES:
            return None
        fault = f"the worker that graded it ended without a word, {MAX_LOSSES} times"
        return _record(self._setup, job, fault)


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
