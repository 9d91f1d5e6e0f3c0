"""What a CI service's environment says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.ci.occasion import Occasion, occasion
from autograder.errors import GraderError

NOBODY = "0" * 40


def github(tmp_path: Path, event: Any, **more: str) -> Occasion:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return occasion(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_SHA": "merge",
        }
        | more
    )


def test_a_pull_request_on_github(tmp_path: Path) -> None:
    """Base and head are the event's: GITHUB_SHA is a merge of both, which has the pull request's checks in it."""
    pull = {"number": 7, "base": {"sha": "b"}, "head": {"sha": "h"}, "user": {"login": "kim"}}
    assert github(tmp_path, {"pull_request": pull}) == Occasion("github", "b", "h", 7, "kim", "r")


def test_a_push_on_github(tmp_path: Path) -> None:
    """What was there before is the base; a new branch has none."""
    assert github(tmp_path, {"before": "b"}) == Occasion("github", "b", "merge", repository="r")
    assert github(tmp_path, {"before": NOBODY}).base is None


@pytest.mark.parametrize("event", [{"pull_request": {}}, {"pull_request": {"head": 1, "number": "7"}}, {}])
def test_an_event_that_says_little(tmp_path: Path, event: Any) -> None:
    """What is missing or of another type is not known."""
    told = github(tmp_path, event)
    assert (told.base, told.number, told.account) == (None, None, None)


def test_an_event_that_is_none(tmp_path: Path) -> None:
    """No file, or one that is no event, is an error that names the variable."""
    events: list[Any] = [[], "x"]
    for event in events:
        with pytest.raises(GraderError, match="GITHUB_EVENT_PATH"):
            github(tmp_path, event)
    with pytest.raises(GraderError, match="GITHUB_EVENT_PATH"):
        occasion({"GITHUB_ACTIONS": "true"})


def test_a_merge_request_on_gitlab() -> None:
    """In a pipeline of merged results the commit to grade is the branch's own, not the merge."""
    told = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "b",
        "CI_COMMIT_SHA": "h",
        "GITLAB_USER_LOGIN": "kim",
        "CI_PROJECT_NAME": "r",
    }
    assert occasion(told) == Occasion("gitlab", "b", "h", 7, "kim", "r")
    merged = told | {"CI_COMMIT_SHA": "m", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "h"}
    assert occasion(merged).head == "h"


def test_on_anybodys_own_machine() -> None:
    """Without a service nothing is known, whatever else is set."""
    assert occasion({"GITHUB_EVENT_PATH": "/x", "CI": "true"}) == Occasion()
