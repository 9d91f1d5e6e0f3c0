"""The very steps of ``action.yml``, on repositories with forks and with pull requests that attack."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from autograder.ci.report import Report, decode, encode
from tests.ci import workflow_log
from tests.ci.api import TOKEN, archive, github_host
from tests.ci.histories import IDENTITY, Content, History, Link, Submodule, history
from tests.ci.runner import ROOT, Runner

ACTION = ROOT / "action.yml"
STEPS = ("Allow the sandbox its namespaces", "Fetch the commits to grade, without checking them out", "Grade")
SAMPLE = ROOT / "submitted/no-bias/dl1/dl1.ipynb"  # 96 of 100 points
COMMANDS = (
    "\n::error file=a.py,line=1::forged\n##[error]forged\n::set-output name=graded::9\n::stop-commands::x\n"
)


def course() -> dict[str, Content]:
    """This repository's own course, as a base to send pull requests to."""
    paths = [ROOT / "grader.toml", *(ROOT / "assignments").rglob("*"), *(ROOT / "solutions/dl1").glob("*")]
    files: dict[str, Content] = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }
    return files | {"submitted/lee/dl1/dl1.ipynb": SAMPLE.read_bytes()}


def shouting(path: Path) -> bytes:
    """A notebook that prints and raises what a runner would take for commands, and names its evidence so."""
    book = json.loads(path.read_bytes())
    shout = f"import os, sys\nfor stream in (1, 2):\n    os.write(stream, {COMMANDS.encode()!r})\nprint({COMMANDS!r})"
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "loss":
            cell["source"] = f"{shout}\nraise ValueError({COMMANDS!r})\n" + "".join(cell["source"])
    return json.dumps(book, indent=1).encode()


def pull_request(made: History, base: str, head: str, account: str = "kim") -> dict[str, Any]:
    return {
        "number": 7,
        "pull_request": {
            "number": 7,
            "title": "::error::title",
            "user": {"login": account},
            "base": {"sha": base, "ref": "main"},
            "head": {"sha": head, "ref": "$(touch /tmp/pwned)"},
        },
    }


def checked_out(made: History, base: str, runner: Runner) -> None:
    """What actions/checkout leaves: the base's files, its whole history, and nothing of the pull request's."""
    made.git("config", "uploadpack.allowAnySHA1InWant", "true")
    commands = (["clone", "-q", "--no-local", "--branch=main", "--single-branch", str(made.root), "."],)
    for command in (*commands, ["checkout", "-q", base]):
        subprocess.run(["git", *command], cwd=runner.work, env=os.environ | IDENTITY, check=True)


def report(runner: Runner) -> Report:
    return decode((runner.temp / "graded/ci/report.json").read_bytes())


def test_a_malicious_pull_request_of_a_fork(tmp_path: Path) -> None:
    """Every change but the author's own notebook is without influence and told; nothing forges a command or a grade.

    It comes from a fork, after the base went on, and hands in under a name that is a command itself.
    """
    origin = history(tmp_path / "origin")
    forked_at = origin.commit("main", course())
    base = origin.commit("main", {"README.md": "meanwhile"})
    trap = f"import pathlib; pathlib.Path({str(tmp_path / 'sprung')!r}).write_text('x')\n"
    everything_passes = "from autograder.checks import question\n" + trap
    head = origin.commit(
        "fork",
        {
            "submitted/kim/dl1/::error::forged.ipynb": shouting(SAMPLE),
            "submitted/lee/dl1/dl1.ipynb": None,
            "assignments/dl1/test_public.py": everything_passes,
            "solutions/dl1/test_hidden.py": everything_passes,
            "solutions/dl1/conftest.py": trap,
            "assignments/dl1/assignment.toml": "[limits]\ncell_seconds = 1000\n",
            "grader.toml": "[sandbox]\nrequire = []\n[pull_requests]\nstaff = ['kim']\n",
            ".github/workflows/grade.yml": "on: pull_request_target",
            "action.yml": "runs: {}",
            "conftest.py": trap,
            "submitted/kim/dl1/conftest.py": trap,
            "sitecustomize.py": trap,
            "usercustomize.py": trap,
            "torch/__init__.py": trap,
            "autograder/__init__.py": trap,
            "pytest.ini": "[pytest]\naddopts = -p conftest\n",
            "submitted/kim/dl1/dl1.ipynb": Link("../../lee/dl1/dl1.ipynb"),
            "submitted/kim/dl1/data": Link("/etc"),
            "submitted/kim/module": Submodule(),
            ".gitmodules": '[submodule "x"]\n\tpath = submitted/kim/module\n\turl = ext::sh -c touch% /tmp/pwned\n',
            ".gitattributes": "* filter=evil diff=evil\n",
        },
        parent=forked_at,
    )
    runner = Runner(tmp_path / "runner", "pull_request", pull_request(origin, base, head))
    checked_out(origin, base, runner)
    before = sorted(path for path in runner.work.rglob("*") if ".git" not in path.parts)

    code, log = runner.run(ACTION, *STEPS)

    assert code == 0, log
    [result] = report(runner).results
    assert (result.student, result.score, result.max_score) == ("kim", 90, 100)  # no bias: 4, the loss: 6
    assert result.environment.sandbox == dict.fromkeys(("namespaces", "landlock", "seccomp", "rlimits"), True)
    why = {one.path: one.why for one in report(runner).unused}
    assert why == {
        "submitted/lee/dl1/dl1.ipynb": "somebody_else",
        "assignments/dl1/test_public.py": "checks",
        "solutions/dl1/test_hidden.py": "checks",
        "solutions/dl1/conftest.py": "checks",
        "assignments/dl1/assignment.toml": "checks",
        "grader.toml": "configuration",
        ".github/workflows/grade.yml": "workflow",
        "action.yml": "workflow",
        "conftest.py": "code",
        "submitted/kim/dl1/conftest.py": "code",
        "sitecustomize.py": "code",
        "usercustomize.py": "code",
        "torch/__init__.py": "code",
        "autograder/__init__.py": "code",
        "pytest.ini": "other",
        "submitted/kim/dl1/dl1.ipynb": "link",
        "submitted/kim/dl1/data": "link",
        "submitted/kim/module": "submodule",
        ".gitmodules": "submodule",
        ".gitattributes": "other",
    }
    assert not (tmp_path / "sprung").exists()
    assert sorted(path for path in runner.work.rglob("*") if ".git" not in path.parts) == before

    commands = workflow_log.commands(log)
    assert {command.name for command in commands} == {"error", "warning"}
    own = [one for one in commands if one.properties.get("file") == "submitted/kim/dl1/::error::forged.ipynb"]
    assert [one.name for one in own] == ["error", "warning"]
    rows = shouting(SAMPLE).decode().splitlines()
    raised, cell = (rows[int(one.properties["line"]) - 1] for one in own)
    assert "raise ValueError" in raised
    assert cell.strip().startswith('"linear_layer = ')
    assert not [one for one in commands if one.data == "forged" or one.properties.get("file") == "a.py"]
    assert runner.outputs == {"graded": "1", "ungraded": "0"}
    assert "::error::forged.ipynb" in runner.summary


def test_the_publishing_action_writes_the_comment(tmp_path: Path) -> None:
    """Its step, with the job's token and the event of the run that graded, comments on the pull request."""
    origin = history(tmp_path / "origin")
    head = origin.commit("main", {"x": "1"})
    graded = Report(number=7, base=head, head=head, language="en", results=[], unused=[], unused_count=0)
    repository, fork = {"full_name": "course/dl"}, {"full_name": "kim/dl"}
    run = {
        "id": 5,
        "event": "pull_request",
        "head_sha": head,
        "repository": repository,
        "head_repository": fork,
    }
    event = {"workflow_run": run, "repository": {"default_branch": "main"}}
    with github_host() as host:
        host.state.pull = {
            "number": 7,
            "state": "open",
            "head": {"sha": head, "repo": fork},
            "base": {"ref": "main", "repo": repository},
        }
        host.state.archives = {50: archive(("report.json", encode(graded)))}
        host.state.artifacts = [{"id": 50, "run": 5, "name": "grader-report", "size_in_bytes": 1}]
        runner = Runner(tmp_path / "runner", "workflow_run", event, api=host.address, token=TOKEN)
        code, log = runner.run(ROOT / "publish/action.yml", "Publish")
        assert (code, log) == (0, "commented on pull request 7\n")
        assert [(one.method, one.path) for one in host.state.writes] == [
            ("POST", "/repos/course/dl/issues/7/comments")
        ]


def test_staff_hand_in_for_several_and_a_force_push_replaces_all(tmp_path: Path) -> None:
    """An account of the staff hands in for many; after a force-push the new commit alone is graded.

    A renamed notebook is graded where it is now; one that cannot be read is its student's to mend.
    """
    origin = history(tmp_path / "origin")
    base = origin.commit("main", course() | {"grader.toml": '[pull_requests]\nstaff = ["prof"]\n'})
    origin.commit("pr", {"submitted/old/dl1/dl1.ipynb": SAMPLE.read_bytes()}, parent=base)
    head = origin.commit(
        "pr",
        {
            "submitted/lee/dl1/dl1.ipynb": None,
            "submitted/lee/dl1/dl1.en.ipynb": SAMPLE.read_bytes(),
            "submitted/한 이름/dl1/dl1.ipynb": b"print(1)",
        },
        parent=base,
    )
    runner = Runner(tmp_path / "runner", "pull_request", pull_request(origin, base, head, "prof"))
    checked_out(origin, base, runner)
    code, log = runner.run(ACTION, *STEPS[1:], **{"min-score": "97", "language": "en"})
    assert code == 1, log
    assert "below 97 %: lee" in log
    results = {result.student: (result.score, result.submission.path) for result in report(runner).results}
    assert results == {
        "lee": (96, "submitted/lee/dl1/dl1.en.ipynb"),
        "한 이름": (None, "submitted/한 이름/dl1/dl1.ipynb"),
    }
    assert [(one.path, one.why) for one in report(runner).unused] == [
        ("submitted/lee/dl1/dl1.ipynb", "deleted")
    ]
    [broken] = [one for one in workflow_log.commands(log) if "한 이름" in one.properties.get("file", "")]
    assert (broken.name, broken.properties["line"]) == ("error", "1")
    assert runner.outputs == {"graded": "1", "ungraded": "1"}
