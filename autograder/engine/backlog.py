"""What a run has left to grade: read from disk when it is taken, and back again when its worker is lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence

from autograder.course.config import LAYERS, Course
from autograder.engine.intake import Intake
from autograder.engine.losses import Losses, Lost
from autograder.engine.options import Options, Record, Settled
from autograder.grading.job import Job
from autograder.submissions.found import Found


class Backlog:
    """True as long as a submission waits for a worker. ``intake`` is what reads them."""

    def __init__(self, intake: Intake, submissions: Sequence[Found], max_losses_in_a_row: int) -> None:
        self.intake = intake
        self._pending = deque(submissions)
        self._held: deque[Job] = deque()  # read already, and with no worker
        self._last: deque[Job] = deque()  # the same, of those that have cost a worker: the rest of the class goes first
        self._losses = Losses(intake.setup, max_losses_in_a_row)

    @classmethod
    def of(
        cls,
        course: Course,
        assignment: str,
        submissions: Sequence[Found],
        options: Options,
        settled: Settled,
        layers: Collection[str],
        max_losses_in_a_row: int,
    ) -> Backlog:
        """Those that are not settled, to be confined by ``layers``; raises what an intake does."""
        in_order = tuple(name for name in LAYERS if name in layers)
        intake = Intake.of(course, assignment, options, in_order)
        return cls(intake, intake.unsettled(submissions, settled), max_losses_in_a_row)

    def __len__(self) -> int:
        return len(self._held) + len(self._pending) + len(self._last)

    def take(self) -> Job:
        """The next submission, as it is on disk now."""
        if self._held:
            return self._held.popleft()
        return self.intake.job(self._pending.popleft()) if self._pending else self._last.popleft()

    def put_back(self, jobs: Iterable[Job]) -> None:
        """To be taken next, in this order; one that has cost a worker only after everybody else."""
        for job in reversed([*jobs]):
            (self._last if self._losses.suspects(job) else self._held).appendleft(job)

    def must_be_alone(self, jobs: Iterable[Job]) -> bool:
        """Whether one of them has cost a worker: with nothing beside it, nothing else is blamed for it."""
        return any(map(self._losses.suspects, jobs))

    def graded(self) -> None:
        """A worker has graded something."""
        self._losses.end_row()

    def lost(self, job: Job | None, lost: Lost) -> Record | None:
        """A worker was lost at ``job``, or at its start: its record if it is given up, else it is taken last.

        Raises :class:`SandboxError` where that happens again and again while others wait.
        """
        given_up = self._losses.blame(job, lost, others_wait=bool(self._held or self._pending))
        if job is not None and given_up is None:
            self._last.append(job)
        return given_up
