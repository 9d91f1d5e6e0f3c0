"""From a report that may be forged to one comment, against APIs that check methods, paths and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.ci.markdown import MARK
from autograder.ci.publishing import publish
from autograder.ci.report import Report, encode
from autograder.errors import GraderError
from autograder.results import Outcome
from tests.ci.api import TOKEN, Host, archive, github_host, gitlab_host
from tests.exchange.results import check, graded, question

FIRST, SECOND = "a" * 40, "b" * 40
FORK = "kim/dl"


def report(head: str = FIRST, number: int | None = 7, points: float = 3) -> Report:
    result = graded(
        question("q", check("q.one", points=points), check("q.two", Outcome.FAILED, points=10 - points))
    )
    return Report(
        number=number,
        base="0" * 40,
        head=head,
        language="en",
        results=[result],
        unused=[],
        unused_count=0,
    )


class World:
    """Pull request 7 of kim's fork, and the runs that grade it."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.state, self._address, self._folder = host.state, host.address, folder
        self.push(FIRST)
        self.state.files = [{"filename": "submitted/kim/dl1/dl1.ipynb"}]

    def push(self, head: str) -> None:
        self.state.pull = {
            "number": 7,
            "state": "open",
            "head": {"sha": head, "repo": {"full_name": FORK}},
            "base": {"ref": "main", "repo": {"full_name": "course/dl"}},
        }

    def finish(self, run: int, data: bytes, **artifact: Any) -> None:
        """A run leaves an artifact of these bytes."""
        about = {
            "id": run * 10,
            "run": run,
            "name": "grader-report",
            "size_in_bytes": len(data),
            "expired": False,
        }
        self.state.artifacts.append(about | artifact)
        self.state.archives[run * 10] = data

    def publish(self, run: int = 1, head: str = FIRST, token: str = TOKEN, **fields: Any) -> str:
        """What the job that the run's end sets off does."""
        told = {
            "id": run,
            "event": "pull_request",
            "head_sha": head,
            "repository": {"full_name": "course/dl"},
            "head_repository": {"full_name": FORK},
            "pull_requests": [],  # as GitHub has it for a fork's
        }
        event = {"workflow_run": told | fields, "repository": {"default_branch": "main"}}
        return self._publish(event, token, GITHUB_EVENT_NAME="workflow_run", GITHUB_RUN_ID="999")

    def publish_in_own_workflow(self, run: int, head: str = FIRST, number: int = 7) -> str:
        """What the second job of a pull_request_target run does."""
        pull = {"number": number, "head": {"sha": head, "repo": {"full_name": FORK}}}
        event = {"pull_request": pull, "repository": {"default_branch": "main"}}
        return self._publish(event, TOKEN, GITHUB_EVENT_NAME="pull_request_target", GITHUB_RUN_ID=str(run))

    def _publish(self, event: Any, token: str, **environment: str) -> str:
        path = self._folder / "event.json"
        path.write_text(json.dumps(event))
        told = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self._address,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": "course/dl",
            "GITHUB_TOKEN": token,
        }
        return publish(told | environment, self._folder)

    def written(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.state.writes]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with github_host() as host:
        yield World(host, tmp_path)


def test_two_pushes_update_one_comment(world: World) -> None:
    """The first run comments, the second brings that comment up to date, among a hundred of other people's."""
    world.state.comments = [
        {"id": number, "user": {"login": "kim"}, "body": "hello"} for number in range(130)
    ]
    world.finish(1, archive(("report.json", encode(report(FIRST, points=3)))))
    assert world.publish(1, FIRST) == "commented on pull request 7"
    world.push(SECOND)
    world.finish(2, archive(("report.json", encode(report(SECOND, points=8)))))
    assert world.publish(2, SECOND) == "the comment on pull request 7 is brought up to date"
    assert world.written() == [
        ("POST", "/repos/course/dl/issues/7/comments"),
        ("PATCH", "/repos/course/dl/issues/comments/1130"),
    ]
    [ours] = [one for one in world.state.comments if one["body"].startswith(MARK)]
    assert "**8 of 10 points**" in ours["body"]
    assert f"`{SECOND[:12]}`" in ours["body"]
    assert world.state.leaked == []


def test_somebody_elses_comment_is_left_alone(world: World) -> None:
    """A comment that a student wrote with our mark is not ours."""
    forged = {"id": 5, "user": {"login": "kim"}, "body": f"{MARK}\n100 of 100"}
    quoted = {"id": 6, "user": {"login": "github-actions[bot]"}, "body": f"about {MARK}"}
    world.state.comments = [forged, quoted]
    world.finish(1, archive(("report.json", encode(report()))))
    world.publish()
    assert world.written() == [("POST", "/repos/course/dl/issues/7/comments")]


def test_an_older_run_that_ends_late_writes_nothing(world: World) -> None:
    """A run for a commit that is no longer the pull request's has nothing to say."""
    world.finish(1, archive(("report.json", encode(report()))))
    world.push(SECOND)
    assert world.publish(1, FIRST) == "nothing to publish: the pull request has newer commits"
    assert world.written() == []


@pytest.mark.parametrize(
    ("forged", "says"),
    [
        (report(number=8), "404"),  # another pull request, which the host does not let this run have
        (report(number=None), "no"),
        (report(SECOND), "another pull request"),
    ],
)
def test_a_report_about_another_pull_request(world: World, forged: Report, says: str) -> None:
    """What the report says of its origin is held against what GitHub says; nothing is written."""
    world.finish(1, archive(("report.json", encode(forged))))
    try:
        told = world.publish()
    except GraderError as error:
        told = str(error)
    assert says in told
    assert world.written() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "closed"),
        ("base", {"ref": "students-own", "repo": {"full_name": "course/dl"}}),
        ("base", {"ref": "main", "repo": {"full_name": "kim/dl"}}),
        ("head", {"sha": FIRST, "repo": {"full_name": "lee/dl"}}),
        ("head", {"sha": FIRST, "repo": None}),
    ],
)
def test_a_pull_request_that_is_not_the_runs(world: World, field: str, value: Any) -> None:
    """Closed, to another branch or repository, from another fork: nothing is written."""
    world.state.pull[field] = value
    world.finish(1, archive(("report.json", encode(report()))))
    assert world.publish().startswith("nothing to publish: ")
    assert world.written() == []


@pytest.mark.parametrize(
    "file",
    [
        {"filename": ".github/workflows/grade.yml"},
        {"filename": ".github/workflows/another.yml"},
        {"filename": "submitted/kim/x", "previous_filename": ".github/workflows/grade.yml"},
    ],
)
def test_a_pull_request_that_changes_the_workflow_gets_no_score_shown(
    world: World, file: dict[str, str]
) -> None:
    """Such a run can have claimed anything: the comment says that, and neither score nor any word of the report."""
    world.state.files = [{"filename": f"submitted/kim/{number}"} for number in range(250)] + [file]
    world.finish(1, archive(("report.json", encode(report(points=9)))))
    world.publish()
    [comment] = world.state.comments
    assert "changes how pull requests are graded" in comment["body"]
    assert "of 10" not in comment["body"]


def test_a_push_while_the_files_are_listed_is_seen(world: World) -> None:
    """A clean commit that takes a forged one's place just then does not get the forged one's report."""
    world.finish(1, archive(("report.json", encode(report()))))
    world.state.before = lambda request: world.push(SECOND) if request.path.endswith("/files") else None
    assert world.publish() == "nothing to publish: the pull request has newer commits"
    assert world.written() == []


def test_more_files_than_the_host_lists(world: World) -> None:
    """What cannot be looked through is not believed."""
    world.state.files = [{"filename": f"submitted/kim/{number}"} for number in range(3_000)]
    world.finish(1, archive(("report.json", encode(report()))))
    with pytest.raises(GraderError, match="more than 3000"):
        world.publish()
    assert world.written() == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        archive(),
        archive(("report.json", b"{}")),
        archive(("report.json", b"x"), ("evil.sh", b"rm")),
        archive(("../report.json", encode(report()))),
        archive(("report.json", b" " * (9 << 20))),
        archive(("report.json", encode(report())))[:-30],
        archive(("report.json", encode(report()))).replace(b"PK\x01\x02", b"PK\x01\x03"),
    ],
)
def test_an_archive_that_holds_something_else(world: World, data: bytes) -> None:
    """Broken, empty, with more files, with a path, or unpacking to more than it may: an error, nothing written."""
    world.finish(1, data)
    with pytest.raises(GraderError, match=r"artifact|report"):
        world.publish()
    assert world.written() == []


def test_an_artifact_that_is_too_large_is_not_fetched(world: World) -> None:
    """Its size is asked before it is downloaded, and a size that lies ends the download."""
    world.finish(1, b"x" * 100, size_in_bytes=1 << 40)
    with pytest.raises(GraderError, match="larger"):
        world.publish()
    assert not [request for request in world.state.requests if request.path.endswith("/zip")]
    world.finish(2, b"x" * (9 << 20), size_in_bytes=10)
    with pytest.raises(GraderError, match="larger"):
        world.publish(2)


def test_a_report_that_no_renderer_expects(world: World) -> None:
    """Facts of any size are worded or refused, and never end in another exception."""
    result = report().results[0]
    result = msgspec.structs.replace(result, seed=10**18, language="x-klingon", submission=result.submission)
    forged = msgspec.structs.replace(report(), results=[result])
    world.finish(1, archive(("report.json", encode(forged))))
    world.publish()
    assert len(world.state.comments) == 1


def test_the_wrong_token(world: World) -> None:
    """A refused token is an error that says what it needs, and none at all is one before anything is sent."""
    world.finish(1, archive(("report.json", encode(report()))))
    with pytest.raises(GraderError, match="401"):
        world.publish(token="other")
    for token in ("", "a\nb"):
        with pytest.raises(GraderError, match=r"GITHUB_TOKEN.*docs/ci.md"):
            world.publish(token=token)


def test_a_run_of_another_kind(world: World) -> None:
    """A push's run has no pull request, and a run of another repository is none of ours."""
    assert world.publish(event="push") == "nothing to publish: the run was not for a pull request"
    with pytest.raises(GraderError, match="another repository"):
        world.publish(repository={"full_name": "kim/dl"})
    with pytest.raises(GraderError, match="no artifact"):
        world.publish()


def test_a_workflow_of_our_own(world: World) -> None:
    """A pull_request_target run publishes itself: GitHub says which pull request, and it needs no look at its files."""
    world.state.files = [{"filename": ".github/workflows/grade.yml"}]
    world.finish(3, archive(("report.json", encode(report()))))
    assert world.publish_in_own_workflow(3) == "commented on pull request 7"
    assert "3 of 10 points" in world.state.comments[0]["body"]
    with pytest.raises(GraderError, match="another pull request"):
        world.publish_in_own_workflow(3, number=8)


def test_a_note_on_gitlab(tmp_path: Path) -> None:
    """Two pipelines make one note, the second bringing it up to date; a report of another commit is refused."""
    told = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": "12",
        "CI_COMMIT_SHA": FIRST,
        "GRADER_NOTE_TOKEN": TOKEN,
    }
    (tmp_path / "ci").mkdir()
    with gitlab_host() as host:
        host.state.comments = [{"id": 1, "author": {"id": 5}, "body": f"{MARK} forged"}]
        for head in (FIRST, SECOND):
            (tmp_path / "ci/report.json").write_bytes(encode(report(head)))
            publish(told | {"CI_API_V4_URL": host.address, "CI_COMMIT_SHA": head}, tmp_path)
        notes = "/projects/12/merge_requests/7/notes"
        assert [(one.method, one.path) for one in host.state.writes] == [
            ("POST", notes),
            ("PUT", f"{notes}/501"),
        ]
        assert f"`{SECOND[:12]}`" in host.state.comments[1]["body"]
        with pytest.raises(GraderError, match="another merge request or commit"):
            publish(told | {"CI_API_V4_URL": host.address}, tmp_path)
