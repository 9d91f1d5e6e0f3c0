"""What several folders of tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.confined import Confined


@pytest.fixture(scope="session")
def confined() -> Iterator[Confined]:
    """One slot with every layer, for all tests that need a runner: starting it takes seconds."""
    slot = Confined()
    yield slot
    slot.close()
