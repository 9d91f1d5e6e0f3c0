"""classroom50/result/v1, judged by the rules that Classroom 50's collector documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from autograder.exchange.classroom50 import classroom50_json
from autograder.results import Outcome, Result, Ungraded
from tests.exchange.results import check, graded, question

RUNNER = {
    "CLASSROOM": "dl-2026",
    "ASSIGNMENT": "layers",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "kim",
    "SUBMISSION_TAG": "submit/2026-11-24T12-00-00Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/o/r/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/o/r/releases/tag/submit",
    "REVIEW_URL": "https://github.com/o/r/compare/b...a1b2c3d",
}
SUBMITTED = datetime(2026, 11, 24, 21, tzinfo=timezone(timedelta(hours=9)))
GRADED = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)


def written(result: Result, environment: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(classroom50_json(result, environment, SUBMITTED, GRADED))
    return data


def assert_accepted(data: dict[str, Any]) -> None:
    """What the collector refuses a score for."""
    assert data["schema"] == "classroom50/result/v1"
    texts = "classroom assignment assignment_type owner submission commit release review datetime".split()
    assert all(isinstance(data[name], str) and data[name] for name in texts)
    for holder in (data, *data["tests"]):
        score, most = holder["score"], holder["max-score"]
        assert type(score) is int
        assert type(most) is int
        assert 0 <= score <= most
    assert all(type(test["passed"]) is bool and test["test-name"] for test in data["tests"])


def test_every_field_is_what_the_runner_says() -> None:
    """Identity and addresses come from Classroom 50's runner, times in UTC, scores from the checks."""
    result = graded(question("q", check("q.one", points=3), check("q.two", Outcome.TIMEOUT)))
    data = written(result, RUNNER)
    assert_accepted(data)
    assert data["submission"].startswith("submit/")
    assert (data["classroom"], data["assignment"], data["owner"]) == ("dl-2026", "layers", "kim")
    assert (data["datetime"], data["graded_at"]) == ("2026-11-24T12:00:00Z", "2026-11-24T12:05:00Z")
    assert (data["score"], data["max-score"]) == (3, 5)
    assert [(test["test-name"], test["passed"], test["score"]) for test in data["tests"]] == [
        ("q.one", True, 3),
        ("q.two", False, 0),
    ]


def test_fractions_are_rounded_down_and_kept_beside() -> None:
    """A score that is no whole number is never rounded up, and ten tenths are one."""
    data = written(graded(question("q", *(check(f"q.{number}", points=0.1) for number in range(10)))), RUNNER)
    assert_accepted(data)
    assert (data["score"], data["tests"][0]["score"], data["tests"][0]["points"]) == (1, 0, 0.1)
    data = written(graded(question("q", check("q.one", points=2.9))), RUNNER)
    assert (data["score"], data["max-score"]) == (2, 2)


def test_outside_the_runner_every_text_is_still_there() -> None:
    """Without Classroom 50's environment the fields come from GitHub's or the result, and none is empty."""
    result = graded(question("q", check("q.one")))
    assert_accepted(written(result, {}))
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc"}
    data = written(result, github)
    assert data["commit"] == data["review"] == "https://github.com/o/r/commit/abc"


def test_an_ungraded_submission_is_no_zero() -> None:
    """What has no score cannot be written: a zero would be a grade."""
    result = graded(status="ungraded", score=None, ungraded=Ungraded("grader_fault", "grader"))
    with pytest.raises(ValueError, match="kim: ungraded"):
        classroom50_json(result, RUNNER, SUBMITTED, GRADED)
