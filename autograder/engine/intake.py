"""From found submissions to jobs, each keyed by the digest of everything that its result depends on.

That is the submission (bytes, name, path, and which notebooks lay beside it), the assignment's files, the settings, the
layers of the sandbox and the environment. Nothing in a key comes from a clock or from a file's date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from autograder.course import assignment_files
from autograder.course.assignment import limits_of
from autograder.course.config import Course, Limits
from autograder.engine.options import Options, Settled
from autograder.errors import AssignmentError, UnreadableNotebook
from autograder.grading.job import Job, Setup, encode
from autograder.notebooks.notebook import read_file
from autograder.process import environment
from autograder.results import Remark, Ungraded
from autograder.submissions.found import Found, raw_name
from autograder.submissions.lateness import arrival


@dataclass(frozen=True)
class Intake:
    """Reads submissions for one run. ``setup`` is what every worker of it is told."""

    course: Course
    setup: Setup
    limits: Limits
    language: str | None

    @classmethod
    def of(cls, course: Course, assignment: str, options: Options, layers: tuple[str, ...]) -> Intake:
        """As the assignment and this machine are now; raises :class:`AssignmentError` if files cannot be read."""
        try:
            digest = assignment_files.digest(course.root, assignment)
        except OSError as error:
            raise AssignmentError(f"{error.filename}: cannot be read ({error.strerror})") from None
        setup = Setup(
            course_root=str(course.root),
            config=course.config,
            assignment=assignment,
            assignment_digest=digest,
            environment_digest=environment.digest(),
            seed=options.seed,
            layers=layers,
        )
        return cls(course, setup, limits_of(course, assignment), options.language)

    def unsettled(self, submissions: Iterable[Found], settled: Settled) -> list[Found]:
        """The submissions that are not settled, in order. For that, only those are read that may have a result."""
        return [found for found in submissions if not settled(found.student, partial(self.job, found))]

    def job(self, found: Found) -> Job:
        """The submission as it is on disk now."""
        remarks = []
        if found.others:
            names = ", ".join(sorted(raw_name(other.name) for other in found.others))
            facts: dict[str, str | int | float] = {"chosen": raw_name(found.path.name), "others": names}
            remarks.append(Remark(code="several_notebooks", facts=facts))
        data, unreadable = b"", None
        try:
            data = read_file(found.path, self.limits.notebook_mib << 20)
        except UnreadableNotebook as error:
            unreadable = self._ungraded(found, error)
        job = Job(
            student=found.student,
            path=self._shown(found.path),
            data=data,
            language=self.language,
            unreadable=unreadable,
            remarks=remarks,
            handed_in=arrival(self.course, self.setup.assignment, found, data),
        )
        return msgspec.structs.replace(job, key=self._key(job))

    def _ungraded(self, found: Found, error: UnreadableNotebook) -> Ungraded:
        """Whose matter it is: a file, or a student's folder, that we may not read says nothing about the work in it."""
        listed = error.facts.get("kind") != "folder"
        if error.code != "file_not_readable" and listed:
            return Ungraded(error.code, "submission", str(error), dict(error.facts))
        elsewhere = "" if listed else ". Keep a folder that is no student's elsewhere"
        problem = f"{self._shown(found.path)}: cannot be read ({error.facts.get('why', 'what is in it is not told')})"
        return Ungraded("grader_fault", "grader", f"{problem}. Mend its permissions, or the disk{elsewhere}")

    def _key(self, job: Job) -> str:
        setup, config = self.setup, self.setup.config
        told = msgspec.structs.replace(job, data=hashlib.sha256(job.data).digest())
        grading = (
            setup.assignment,
            setup.assignment_digest,
            setup.environment_digest,
            setup.layers,
            self.limits,
            config.environment,
            config.course.language,
        )
        return hashlib.sha256(encode((told, grading))).hexdigest()

    def _shown(self, path: Path) -> str:
        """The path in results and pages: from the course's folder, or the name alone where it lies elsewhere."""
        inside = path.is_relative_to(self.course.root)
        return raw_name(str(path.relative_to(self.course.root)) if inside else path.name)
