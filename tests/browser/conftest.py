"""One browser for all tests here, and a fresh context for each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium

TIMEOUT_SECONDS = 15.0
expect.set_options(timeout=TIMEOUT_SECONDS * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Where there is none these tests are skipped, but in CI they fail: there it must be."""
    executable = chromium.found()
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    with chromium.launched(executable) as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a desktop's size in a context of its own. A test that wants another makes it from ``browser``."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(TIMEOUT_SECONDS * 1000)
    yield context.new_page()
    context.close()
