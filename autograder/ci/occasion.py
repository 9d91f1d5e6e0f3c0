"""What a CI service says of the run it started: which commits, whose pull request, which number.

Read from the environment that GitHub Actions and GitLab CI set; on anybody's own machine nothing is known. What a
stranger chose (a branch's name, a title) is not read at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.errors import GraderError

Service = Literal["github", "gitlab"]
MAX_EVENT_BYTES = 32 << 20
_NOBODY = "0" * 40  # what GitHub and GitLab give for a branch that was not there before


@dataclass(frozen=True)
class Occasion:
    """``account``: who opened the pull request; ``repository``: the name of the repository itself, for a student's."""

    service: Service | None = None
    base: str | None = None
    head: str | None = None
    number: int | None = None
    account: str | None = None
    repository: str | None = None


def occasion(environment: Mapping[str, str]) -> Occasion:
    """What ``environment`` says; raises :class:`GraderError` for an event that cannot be read."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    return Occasion()


def event(environment: Mapping[str, str]) -> dict[str, Any]:
    """GitHub's event, as the runner wrote it; raises :class:`GraderError` if there is none."""
    path = Path(environment.get("GITHUB_EVENT_PATH", ""))
    try:
        data = path.read_bytes()
        found = msgspec.json.decode(data) if len(data) <= MAX_EVENT_BYTES else None
    except (OSError, msgspec.DecodeError) as error:
        raise GraderError(f"GITHUB_EVENT_PATH: {path}: no event is there ({error})") from None
    if not isinstance(found, dict):
        raise GraderError(f"GITHUB_EVENT_PATH: {path}: is not an event")
    return found


def _github(environment: Mapping[str, str]) -> Occasion:
    told = event(environment)
    name = environment.get("GITHUB_REPOSITORY", "").rpartition("/")[2] or None
    pull = told.get("pull_request")
    if isinstance(pull, dict):
        return Occasion(
            service="github",
            base=_text(pull, "base", "sha"),
            head=_text(pull, "head", "sha"),
            number=pull["number"] if isinstance(pull.get("number"), int) else None,
            account=_text(pull, "user", "login"),
            repository=name,
        )
    before = _text(told, "before")
    return Occasion(
        service="github",
        base=before if before != _NOBODY else None,
        head=environment.get("GITHUB_SHA"),
        repository=name,
    )


def _gitlab(environment: Mapping[str, str]) -> Occasion:
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    before = environment.get("CI_COMMIT_BEFORE_SHA")
    # In a pipeline of merged results CI_COMMIT_SHA is the merge, and the branch's own commit is the other one.
    return Occasion(
        service="gitlab",
        base=environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
        or environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")
        or (before if before != _NOBODY else None),
        head=environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA"),
        number=int(number) if number.isdecimal() else None,
        account=environment.get("GITLAB_USER_LOGIN") if number else None,
        repository=environment.get("CI_PROJECT_NAME"),
    )


def _text(holder: Mapping[str, Any], *path: str) -> str | None:
    value: Any = holder
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None
