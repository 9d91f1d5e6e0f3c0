from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.stub import World, world


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    """A course to run ``grader`` in, with a stub for an engine."""
    return world(tmp_path, monkeypatch, capsys)
