"""A result as Classroom 50 reads it: ``result.json``, schema ``classroom50/result/v1``.

Field by field from its documentation (the ``result.json`` contract of "Advanced Autograding") and from
``collect_scores.py``, which refuses an empty text, and a score that is no whole number or above its maximum. Ours
need not be whole: they are rounded down, so that nothing is given away, and ``points`` and ``max_points`` beside
them, extra fields of a test that it keeps, say what was earned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from autograder.results import CheckResult, Outcome, Result

SCHEMA = "classroom50/result/v1"
_UNKNOWN = "unknown"


def classroom50_json(
    result: Result, environment: Mapping[str, str], submitted_at: datetime, graded_at: datetime
) -> bytes:
    """``result.json`` for a graded ``result``: UTF-8, indented, ending in a newline.

    ``environment`` is that of Classroom 50's runner (``CLASSROOM``, ``ASSIGNMENT``, ``OWNER``, ``SUBMISSION_TAG``,
    ``COMMIT_URL``, …); what is not there is made from ``GITHUB_*`` and the result, or is "unknown".
    ``submitted_at`` is the commit's own time, which a regrade must not move. Both times have a time zone. Raises
    ValueError for a result without a score: a zero would be a grade, and the runner makes an error of a missing file.
    """
    if result.score is None:
        raise ValueError(f"{result.student}: ungraded, which this format cannot say")

    def known(*names: str, otherwise: str = _UNKNOWN) -> str:
        return next((environment[name] for name in names if environment.get(name)), otherwise)

    repository = f"{known('GITHUB_SERVER_URL')}/{known('GITHUB_REPOSITORY')}"
    commit = known("COMMIT_URL", otherwise=f"{repository}/commit/{known('GITHUB_SHA')}")
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "classroom": known("CLASSROOM", "GITHUB_REPOSITORY_OWNER"),
        "assignment": known("ASSIGNMENT", otherwise=result.assignment),
        "assignment_type": known("ASSIGNMENT_TYPE", otherwise="individual"),
        "owner": known("OWNER", "USERNAME", otherwise=result.student or _UNKNOWN),
        "submission": known("SUBMISSION_TAG", "GITHUB_REF_NAME"),
        "commit": commit,
        "release": known("RELEASE_URL", otherwise=f"{repository}/releases"),
        "review": known("REVIEW_URL", otherwise=commit),
        "datetime": _utc(submitted_at),
        "graded_at": _utc(graded_at),
        "score": _whole(result.score),
        "max-score": _whole(result.max_score),
        "tests": [_test(check) for question in result.questions for check in question.checks],
    }
    return msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n"


def _test(check: CheckResult) -> dict[str, Any]:
    return {
        "test-name": check.id,
        "passed": check.outcome is Outcome.PASSED,
        "score": _whole(check.points),
        "max-score": _whole(check.max_points),
        "points": check.points,
        "max_points": check.max_points,
        "outcome": check.outcome.value,
    }


def _whole(points: float) -> int:
    return math.floor(points + 1e-9)  # ten tenths are one


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
