"""What several folders of tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.gradebook.book import opened
from tests.confined import Confined


@pytest.fixture(scope="session")
def confined() -> Iterator[Confined]:
    """One slot with every layer, for all tests that need a runner: starting it takes seconds."""
    slot = Confined()
    yield slot
    slot.close()


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new gradebook of nbgrader's: making one takes seconds, copying it none."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/usr/bin:/bin")  # as where the environment was never activated
        with opened(f"sqlite:///{path}"):
            pass
    return path
