"""What a result's key knows of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from autograder.process import environment

ROOT = Path(environment.__file__).parents[2]

PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from autograder.process import environment
print(environment.digest())
"""


def digest(first: str = "", *options: str, **more: str) -> str:
    """As another process takes it, which runs the line ``first`` before."""
    command = [sys.executable, *options, "-c", f"{first}\n{PROGRAM}"]
    ran = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_neither_the_start_nor_what_was_imported_makes_a_difference(tmp_path: Path) -> None:
    """A worker is started more strictly than the command line, and setuptools brings packages of its own."""
    strictly = digest("", "-P", "-s", PYTHONPYCACHEPREFIX=str(tmp_path))
    assert digest() == strictly == digest("import setuptools") == environment.digest()


def test_another_package_is_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Student code imports what is installed, so that all of it counts, with its version."""
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    digests = [environment.digest.__wrapped__()]
    about = tmp_path / "fancy-1.0.dist-info"
    about.mkdir()
    for version in ("1.0", "1.1"):
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: fancy\nVersion: {version}\n")
        digests.append(environment.digest.__wrapped__())
    assert len(set(digests)) == 3


def test_compiled_files_do_not_count() -> None:
    """They come and go while processes start."""
    cache = ROOT / "autograder/__pycache__"
    cache.mkdir(exist_ok=True)
    before, half = digest(), cache / "x.cpython-311.pyc.139"
    half.touch()
    try:
        assert digest() == before
    finally:
        half.unlink()
