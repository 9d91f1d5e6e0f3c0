"""A course on disk, an engine that grades as it is told, and a way to run the command line."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from autograder.cli import main
from autograder.course.config import LAYERS, Course, Limits
from autograder.engine.intake import Intake
from autograder.engine.options import Options, Record, Settled, nothing_is
from autograder.results import (
    CheckResult,
    Environment,
    Outcome,
    QuestionResult,
    Result,
    Submission,
    Ungraded,
)
from autograder.submissions.found import Found
from tests.builders import SETTINGS


@dataclass(frozen=True)
class LayerReport:
    name: str
    works: bool
    why: str = ""
    remedy: str = ""


def result(found: Found, *outcomes: Outcome, ungraded: Ungraded | None = None) -> Result:
    """One question of ten points per outcome, all of them for a pass."""
    questions: list[QuestionResult] = []
    for number, outcome in enumerate(outcomes or [Outcome.PASSED], 1):
        points = 10.0 if outcome is Outcome.PASSED else 0.0
        check = CheckResult(f"check{number}", outcome, points, 10.0, "hidden", {})
        questions.append(QuestionResult(f"question{number}", points, 10.0, [check]))
    return Result(
        assignment="dl1",
        student=found.student,
        status="ungraded" if ungraded else "graded",
        score=None if ungraded else sum(question.score for question in questions),
        max_score=10.0 * len(questions),
        seed=1,
        language="ko",
        submission=Submission(str(found.path), ""),
        assignment_digest="",
        environment=Environment("", {}),
        timing={},
        questions=[] if ungraded else questions,
        ungraded=ungraded,
    )


@dataclass
class Engine:
    """``grades`` maps a student to what grading them does, ``faults`` to what of ours that meets.

    ``options`` is what the last run was given.
    """

    grades: dict[str, Callable[[Found], Result]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    options: Options | None = None
    students: list[str] = field(default_factory=list)
    closed: bool = False

    def run(
        self,
        course: Course,
        assignment: str,
        submissions: Sequence[Found],
        options: Options,
        settled: Settled = nothing_is,
    ) -> Iterator[Record]:
        self.options = options
        intake = Intake.of(course, assignment, options, layers=())
        return self._records(intake, intake.unsettled(submissions, settled))

    def _records(self, intake: Intake, submissions: Sequence[Found]) -> Iterator[Record]:
        try:
            for found in submissions:
                self.students.append(found.student)
                job = intake.job(found)
                graded = self.grades.get(found.student, result)(found)
                if job.unreadable is not None:
                    graded = result(found, ungraded=job.unreadable)
                whose = Submission(job.path, hashlib.sha256(job.data).hexdigest())
                known = msgspec.structs.replace(
                    graded,
                    assignment=intake.setup.assignment,
                    key=job.key,
                    seed=intake.setup.seed,
                    assignment_digest=intake.setup.assignment_digest,
                    submission=whose,
                )
                faults = (self.faults[found.student],) if found.student in self.faults else ()
                yield Record(known, html="<p>", markdown="text", faults=faults)
        finally:
            self.closed = True


@dataclass
class World:
    """A course with the assignment dl1, the process standing in its folder; ``tried``: what layers were probed with."""

    root: Path
    engine: Engine
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    tried: Limits | None = None

    def submit(self, *students: str) -> None:
        for student in students:
            file = self.root / "submitted" / student / "dl1" / "dl1.ipynb"
            file.parent.mkdir(parents=True)
            file.write_text("{}")

    def layers(self, **works: bool) -> None:
        """Which layers the probe finds working; the ones not named do."""
        module: Any = ModuleType("autograder.sandbox.layers")

        def probe(limits: Limits | None = None) -> tuple[LayerReport, ...]:
            self.tried = limits
            why = "the kernel forbids it"
            return tuple(LayerReport(name, works.get(name, True), why, "Mend it") for name in LAYERS)

        module.probe = probe
        self.monkeypatch.setitem(sys.modules, module.__name__, module)

    def grader(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of ``grader`` with these arguments."""
        self.monkeypatch.setattr(sys, "argv", ["grader", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        code = caught.value.code
        out, err = self.capsys.readouterr()
        return (code if isinstance(code, int) else 0 if code is None else 1), out, err


def world(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    (root / "assignments/dl1").mkdir(parents=True)
    (root / "assignments/dl1/assignment.toml").write_text(SETTINGS)
    (root / "grader.toml").touch()
    engine = Engine()
    module: Any = ModuleType("autograder.engine.local")
    module.run = engine.run
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(root)
    built = World(root, engine, capsys, monkeypatch)
    built.layers()
    return built
