"""The job that publishes: from the report of a run to one comment on its pull request.

It runs with a token that may write, on the code and the workflow of the default branch, and holds nothing of the pull
request but the report, which whoever opened it can have forged: a ``pull_request`` run takes its workflow from the
pull request itself. So

- the report must decode as one, within its limits, from an archive of one small file;
- its pull request must be the one of the run that made it: open, to this repository's default branch, its head the
  commit and the repository that GitHub says the run was for. Else nothing is written: a later run will;
- a pull request that touches workflows gets no score shown, only that;
- every word of the comment is chosen and escaped here. What the report can choose is numbers, names and facts.

A course whose answers lie elsewhere grades on the event ``pull_request_target``, with a workflow of the default
branch, and publishes in a second job of the same run. All but the last but one holds there as well.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.ci import markdown, report
from autograder.ci.host import Api, github, gitlab
from autograder.ci.occasion import event, occasion
from autograder.errors import GraderError

ARTIFACT, REPORT = "grader-report", "report.json"
MAX_ARCHIVE_BYTES = report.MAX_BYTES
BOT = "github-actions[bot]"  # as whom a job's own token writes
_WORKFLOWS = ".github/"


@dataclass(frozen=True)
class _Run:
    """The run that graded, as GitHub tells it. ``number`` None: GitHub does not say, where it is a fork's."""

    identity: int
    head: str
    head_repository: str
    number: int | None
    own_workflow: bool  # the default branch's, not the pull request's


def publish(environment: Mapping[str, str], out: Path) -> str:
    """Write the comment or the note; what was done, in a few words. Raises :class:`GraderError`.

    On GitHub in a run of the event ``workflow_run``; on GitLab in a merge request's pipeline, with the report that
    an earlier job left below ``out``.
    """
    if environment.get("GITLAB_CI") == "true":
        return _publish_note(environment, out)
    return _publish_comment(environment)


def _publish_comment(environment: Mapping[str, str]) -> str:
    told, repository = event(environment), environment.get("GITHUB_REPOSITORY", "")
    run = _run(told, environment, repository)
    if run is None:
        return "nothing to publish: the run was not for a pull request"
    api = github(environment)
    graded = report.decode(_unpacked(_archive(api, repository, run)))
    if graded.number is None or run.number not in (None, graded.number):
        raise GraderError("the report belongs to another pull request, or to none")
    pull = f"/repos/{repository}/pulls/{graded.number}"
    default_branch = _text(_part(told, "repository"), "default_branch")
    if stale := _mismatch(graded, run, api.get(pull), repository, default_branch):
        return f"nothing to publish: {stale}"
    if not run.own_workflow and _touches_workflows(api.pages(f"{pull}/files")):
        body = markdown.refusal(graded.language, graded.head)
    else:
        body = _worded(graded)
    if stale := _mismatch(
        graded, run, api.get(pull), repository, default_branch
    ):  # while the files were listed
        return f"nothing to publish: {stale}"
    comments = f"/repos/{repository}/issues/{graded.number}/comments"
    ours = [one for one in api.pages(comments) if _is_ours(one, _part(one, "user").get("login") == BOT)]
    if ours:
        api.send("PATCH", f"/repos/{repository}/issues/comments/{int(ours[0]['id'])}", {"body": body})
        return f"the comment on pull request {graded.number} is brought up to date"
    api.send("POST", comments, {"body": body})
    return f"commented on pull request {graded.number}"


def _run(told: Mapping[str, Any], environment: Mapping[str, str], repository: str) -> _Run | None:
    """The run that graded: the one that set this off, or, of a workflow of our own, this very one."""
    if run := _part(told, "workflow_run"):
        if run.get("event") != "pull_request":
            return None
        if _name(run, "repository") != repository:
            raise GraderError("the run belongs to another repository than this one")
        return _Run(
            int(run["id"]), _text(run, "head_sha"), _name(run, "head_repository"), None, own_workflow=False
        )
    if environment.get("GITHUB_EVENT_NAME") == "pull_request_target":
        pull = _part(told, "pull_request")
        head = _part(pull, "head")
        identity, number = int(environment["GITHUB_RUN_ID"]), int(pull["number"])
        return _Run(identity, _text(head, "sha"), _name(head, "repo"), number, own_workflow=True)
    raise GraderError(
        "only runs of the events workflow_run and pull_request_target publish: docs/ci.md says how"
    )


def _publish_note(environment: Mapping[str, str], out: Path) -> str:
    graded = report.decode(_file(out / "ci" / REPORT))
    told = occasion(environment)
    if told.number is None or graded.number != told.number or graded.head != told.head:
        raise GraderError("the report belongs to another merge request or commit than this pipeline")
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    if not project.isdecimal():
        raise GraderError(f"CI_MERGE_REQUEST_PROJECT_ID: {project!r} is not a number")
    api = gitlab(environment)
    notes = f"/projects/{project}/merge_requests/{told.number}/notes"
    me = api.get("/user").get("id")
    ours = [one for one in api.pages(notes) if _is_ours(one, _part(one, "author").get("id") == me)]
    body = {"body": _worded(graded)}
    if ours:
        api.send("PUT", f"{notes}/{int(ours[-1]['id'])}", body)
        return f"the note on merge request {told.number} is brought up to date"
    api.send("POST", notes, body)
    return f"noted on merge request {told.number}"


def _archive(api: Api, repository: str, run: _Run) -> bytes:
    """The archive of the one artifact that a run leaves for us."""
    found = api.get(f"/repos/{repository}/actions/runs/{run.identity}/artifacts?name={ARTIFACT}&per_page=100")
    artifacts = [
        one for one in found.get("artifacts", []) if one.get("name") == ARTIFACT and not one.get("expired")
    ]
    if not artifacts:
        raise GraderError(f"the run left no artifact named {ARTIFACT}: its own log says why")
    newest = max(artifacts, key=lambda one: int(one["id"]))  # of a run that was repeated
    if int(newest.get("size_in_bytes", 0)) > MAX_ARCHIVE_BYTES:
        raise GraderError(
            f"the artifact is larger than {MAX_ARCHIVE_BYTES >> 20} MiB: it is not the grader's"
        )
    return api.download(f"/repos/{repository}/actions/artifacts/{int(newest['id'])}/zip", MAX_ARCHIVE_BYTES)


def _unpacked(archive: bytes) -> bytes:
    """The one file of the archive, read up to its limit whatever its header says."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = [one.filename for one in opened.infolist()]
            with opened.open(REPORT) as file:
                data = file.read(report.MAX_BYTES + 1)
    except Exception as error:  # noqa: BLE001 -- a broken one raises what zlib, struct or a codec does
        raise GraderError(f"the artifact cannot be unpacked ({type(error).__name__})") from None
    if names != [REPORT]:
        raise GraderError(f"the artifact holds something else than {REPORT}")
    return data


def _mismatch(
    graded: report.Report, run: _Run, pull: Any, repository: str, default_branch: str
) -> str | None:
    """Why this run's report is not that of the pull request as it is now, if it is not."""
    head, base = _part(pull, "head"), _part(pull, "base")
    if pull.get("state") != "open":
        return "the pull request is closed"
    if _name(base, "repo") != repository or base.get("ref") != default_branch:
        return "the pull request does not go to this repository's default branch"
    if graded.head != run.head or _name(head, "repo") != run.head_repository:
        return "the report names another pull request than the run was for"
    if head.get("sha") != graded.head:
        return "the pull request has newer commits"
    return None


def _touches_workflows(files: Iterable[Mapping[str, Any]]) -> bool:
    names = (one.get(name) for one in files for name in ("filename", "previous_filename"))
    return any(isinstance(name, str) and name.startswith(_WORKFLOWS) for name in names)


def _worded(graded: report.Report) -> str:
    try:
        return markdown.comment(graded)
    except Exception as error:  # noqa: BLE001 -- a forged report can say what no renderer expects
        raise GraderError(
            f"the report is not the grader's: it cannot be worded ({type(error).__name__})"
        ) from None


def _is_ours(comment: Mapping[str, Any], by_us: bool) -> bool:
    body = comment.get("body")
    return by_us and isinstance(body, str) and body.startswith(markdown.MARK)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(report.MAX_BYTES + 1)
    except OSError as error:
        raise GraderError(f"{path}: no report is there ({error.strerror})") from None


def _part(holder: Any, name: str) -> Mapping[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _name(holder: Mapping[str, Any], name: str) -> str:
    return _text(_part(holder, name), "full_name")


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
