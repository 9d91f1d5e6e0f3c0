"""What docs/ci.md tells a course to do works: its blocks make a course and grade a first change."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from autograder.ci.changes import Author
from autograder.course.config import load
from tests.ci.histories import IDENTITY
from tests.ci.runner import ROOT
from tests.ci.runner import load as workflow

PAGE = ROOT / "docs/ci.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMIT = "c" * 40


def test_its_blocks_make_a_course_and_grade_a_change(tmp_path: Path) -> None:
    """The shell's blocks, one after the other, end with a comment; the workflows name the grader's commit."""
    grader = tmp_path / "bin/grader"
    grader.parent.mkdir()
    grader.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'from autograder.cli import main; main()' \"$@\"\n"
    )
    grader.chmod(0o755)
    environment = {
        "AUTOGRADER": str(ROOT),
        "COMMIT": COMMIT,
        "PATH": f"{grader.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    script = "set -eu\n" + "".join(
        text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == "bash"
    )
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment | IDENTITY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    comment = (tmp_path / "graded/ci/comment.md").read_text("utf-8")
    assert "submitted/kim/dl1/dl1.ipynb" in comment
    assert "**0 of 100 points**" in comment
    for name, action in (
        ("grade", f"OWNER/autograder@{COMMIT}"),
        ("publish", f"OWNER/autograder/publish@{COMMIT}"),
    ):
        [job] = workflow(tmp_path / f"course/.github/workflows/{name}.yml")["jobs"].values()
        assert job["steps"][-1]["uses"] == action


def test_its_settings_are_accepted(tmp_path: Path) -> None:
    """The page's grader.toml says what it is said to say."""
    [text] = [text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == "toml"]
    (tmp_path / "grader.toml").write_text(text)
    rules = load(tmp_path / "grader.toml").pull_requests
    assert Author("prof", rules).hands_in_for("anybody")
    assert Author("octocat", rules).hands_in_for("kim")
    assert not Author("octocat", rules).hands_in_for("lee")
