"""What the workflows may do, and what in them could be turned against the course."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ci.runner import ROOT, load

SHIPPED = [*(ROOT / ".github/workflows").glob("*.yml"), ROOT / "docs/ci/private-answers.yml"]
GRADING = {"grade.yml": "pull_request", "private-answers.yml": "pull_request_target"}
ACTIONS = [ROOT / "action.yml", ROOT / "publish/action.yml"]
BROUGHT_ALONG = set(
    """
    click typing_extensions shellingham rich pygments annotated_doc annotated_types pydantic pydantic_core
    typing_inspection
""".split()
)
CHOSEN_BY_STRANGERS = re.compile(
    r"github\.(?:head_ref|event\.\S*(?:title|body|ref|label|head_branch|message|name|email|login))\b"
)


def steps(path: Path) -> list[dict[str, Any]]:
    whole = load(path)
    if "runs" in whole:
        return list(whole["runs"]["steps"])
    return [step for job in whole["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", [*SHIPPED, *ACTIONS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_pasted_into_a_script(path: Path) -> None:
    """Scripts get what they need as variables: an expression in one would be run by whoever chose its value."""
    for step in steps(path):
        assert "${{" not in step.get("run", "")
        assert not CHOSEN_BY_STRANGERS.search(str(step))


@pytest.mark.parametrize("path", [*SHIPPED, *ACTIONS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_other_peoples_actions_are_pinned(path: Path) -> None:
    """An action of somebody else's is named by its whole commit."""
    for used in (step["uses"] for step in steps(path) if "uses" in step):
        assert re.fullmatch(
            r"\./(?:publish)?|OWNER/autograder(?:/publish)?@COMMIT|actions/[\w-]+@[0-9a-f]{40}", used
        )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_checkout_is_of_trusted_code_and_leaves_no_token(path: Path) -> None:
    """No job checks a pull request's head out, and none leaves credentials in a folder."""
    assert load(path)["permissions"] == {}
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
            ref = step["with"].get("ref", "")
            assert "head" not in ref
            if path.name in GRADING and "repository" not in step["with"]:
                assert ref == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize(("name", "event"), GRADING.items())
def test_the_job_that_grades_can_only_read(name: str, event: str) -> None:
    """Its token reads the repository and no more; a secret is in one checkout alone, or nowhere."""
    [path] = [one for one in SHIPPED if one.name == name]
    whole = load(path)
    assert list(whole["on"]) == [event]
    job = whole["jobs"]["grade"]
    assert job["permissions"] == {"contents": "read"}
    with_secret = [step for step in job["steps"] if "secrets." in str(step)]
    assert "secrets." not in str({key: value for key, value in job.items() if key != "steps"})
    if event == "pull_request":
        assert with_secret == []
    else:
        [step] = with_secret
        assert step["uses"].startswith("actions/checkout@")
        assert [key for key, value in step["with"].items() if "secrets." in str(value)] == ["ssh-key"]
        assert job["environment"]


def test_the_jobs_that_publish_have_no_secret_and_look_at_no_head() -> None:
    """They write comments, run the default branch's code and read an artifact; no more."""
    publish = load(ROOT / ".github/workflows/publish.yml")
    assert publish["on"] == {
        "workflow_run": {
            "workflows": [load(ROOT / ".github/workflows/grade.yml")["name"]],
            "types": ["completed"],
        }
    }
    private = load(ROOT / "docs/ci/private-answers.yml")
    for job in (publish["jobs"]["publish"], private["jobs"]["publish"]):
        assert job["permissions"].get("pull-requests") == "write"
        assert {name for name, right in job["permissions"].items() if right == "write"} == {"pull-requests"}
        assert "secrets." not in str(job)
        assert "download-artifact" not in str(job)


def test_publishing_imports_no_more_than_its_action_installs() -> None:
    """The job with a token that may write has nothing that grades: its action installs just what is imported."""
    [install] = [
        step["run"] for step in steps(ROOT / "publish/action.yml") if "constraints.txt" in step.get("run", "")
    ]
    [line] = [line for line in install.splitlines() if "constraints.txt" in line]
    installed = set(line.partition('constraints.txt" ')[2].split())
    program = (
        "import sys\n"
        "class OnlyThese:\n"
        "    def find_spec(name, path=None, target=None):\n"
        f"        allowed = {sorted(installed | BROUGHT_ALONG)!r}\n"
        "        top = name.partition('.')[0]\n"
        "        if name[0] != '_' and top not in (*allowed, *sys.stdlib_module_names, 'autograder'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, OnlyThese)\n"
        "from autograder.cli import main\n"
        "import autograder.feedback.page, autograder.ci.publishing\n"
        "from autograder.messages import catalogue\n"
        "catalogue('ko').points(1.5)\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.argv = ['grader', 'ci', '--publish']\n"
        "print(*loaded)\n"
        "main()"
    )
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "GITHUB_ACTIONS": "true"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 2
    assert "grader: GITHUB_EVENT_PATH" in done.stderr  # it got as far as looking for the run
    assert installed <= set(done.stdout.split())


def test_gitlab_grades_without_the_token(tmp_path: Path) -> None:
    """Only the job that writes the note is in the environment that has the token, and neither runs a file of a head."""
    whole = load(ROOT / "docs/ci/gitlab.yml")
    assert "environment" not in whole["grade"]
    assert whole["note"]["environment"] == "publishing"
    assert whole["note"]["variables"]["GIT_STRATEGY"] == "none"
    assert whole["grade"]["artifacts"]["reports"]["junit"] == "graded/ci/junit.xml"
    scripts = [*whole["grade"]["before_script"], *whole["grade"]["script"], *whole["note"]["script"]]
    assert {line.split()[0] for line in scripts} == {"git", "grader"}
