"""Classes of students, as their results lie on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.records.store import Store
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
    encode,
)

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


@dataclass(frozen=True)
class Record:
    result: Result
    html: str = "<p>"
    markdown: str = "text"


def student(name: str, *outcomes: Outcome, code: str = "bias_missing", **fields: Any) -> Result:
    """A result with a question of one check per outcome, ten points each; failed ones have a finding ``code``."""
    questions = []
    for number, outcome in enumerate(outcomes, 1):
        points = 10.0 if outcome is PASSED else 0.0
        findings = [Finding(code)] if outcome is FAILED else []
        check = CheckResult(
            *(f"q{number}.works", outcome, points, 10.0, "hidden"),
            {"en": f"Whether {number} works", "ko": f"{number}번이 되는지"},
            findings,
        )
        title = {"en": f"Question {number}", "ko": f"문제 {number}"}
        questions.append(QuestionResult(f"q{number}", points, 10.0, [check], title))
    known: dict[str, Any] = {
        "assignment": "dl1",
        "student": name,
        "status": "graded",
        "score": sum(question.score for question in questions),
        "max_score": 10.0 * len(questions),
        "seed": 1,
        "language": "ko",
        "submission": Submission(f"submitted/{name}/dl1/dl1.ipynb", ""),
        "assignment_digest": "one",
        "environment": Environment("2.13.0", {}),
        "timing": {"total": 0.25},
        "durations": {question.id: 0.02 for question in questions},
        "questions": questions,
    }
    return Result(**(known | fields))


def ungraded(name: str, code: str = "notebook_empty", fault: Any = "submission", **facts: Any) -> Result:
    return student(name, status="ungraded", score=None, ungraded=Ungraded(code, fault, facts=facts))


def remarked(name: str, *codes: str) -> Result:
    return student(name, PASSED, PASSED, remarks=[Remark(code, {"cell": 3}) for code in codes])


def stored(out: Path, results: Iterable[Result]) -> Store:
    """A store that holds them, each written a second after the one before; without their feedback."""
    store = Store(out)
    store.results("dl1").mkdir(parents=True, exist_ok=True)
    for second, result in enumerate(results):
        path = store.files(result).result
        path.write_bytes(encode(result))
        os.utime(path, (1_790_000_000 + second, 1_790_000_000 + second))
    return store
