"""What docs/authoring.md tells an author to write is a verified assignment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/authoring.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GRADER = [sys.executable, "-c", "from autograder.cli import main; main()"]


def test_its_blocks_make_an_assignment_without_holes(tmp_path: Path) -> None:
    """Settings, notebook and checks as they stand on the page are verified and released."""
    (settings, notebook, public, hidden) = (text for _, text in BLOCK.findall(PAGE.read_text()))
    folder, secret = tmp_path / "assignments/mini", tmp_path / "solutions/mini"
    folder.mkdir(parents=True)
    secret.mkdir(parents=True)
    (tmp_path / "grader.toml").touch()
    (folder / "assignment.toml").write_text(settings)
    (folder / "test_public.py").write_text(public)
    (secret / "test_hidden.py").write_text(hidden)
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", notebook], cwd=secret, check=True)
    for command in (["verify", "mini", "--workers", "1"], ["release", "mini"]):
        ran = subprocess.run(
            [*GRADER, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "layer.maps_three_to_two" not in (folder / "mini.en.ipynb").read_text()
    assert '"points": 5' in (folder / "mini.en.ipynb").read_text()
