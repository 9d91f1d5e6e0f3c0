"""Debian's Chromium, driven by Playwright: real pages in a real browser.

Playwright's own browsers are not asked for: what the system has is used, in a profile of its own that vanishes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium here: install it (Debian: apt-get install chromium) to run what needs a browser"
# It opens what we made and nothing else: no updates, no account, no page of its own.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def found() -> str | None:
    """The browser's path, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """A headless browser with a fresh profile; every context of it starts with nothing either."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS], headless=True)
        try:
            yield browser
        finally:
            browser.close()
