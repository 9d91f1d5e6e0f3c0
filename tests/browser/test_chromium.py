"""The browser of the other tests is what it is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import chromium

HELLO = "<!doctype html><title>hello</title><p id=p>안녕하세요</p>"


def test_a_page_opens_from_a_file(page: Page, tmp_path: Path) -> None:
    """A page on the disk is rendered and its script runs, with no server in between."""
    path = tmp_path / "hello.html"
    path.write_text(HELLO + "<script>p.textContent += ' ' + (6 * 7)</script>", "utf-8")
    page.goto(path.as_uri())
    assert page.inner_text("#p") == "안녕하세요 42"


def test_a_missing_browser_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a browser on the path none is found, so that the tests can say so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.found() is None
