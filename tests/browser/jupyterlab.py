"""A JupyterLab really started, and a notebook opened in it, filled in and saved by keyboard, as a student does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import Locator, Page, expect

START_SECONDS = 60.0
CELL_SECONDS = 60.0  # the first one that imports torch, on a busy machine
TOKEN = "tests"
MAX_CELLS = 200

# A student's own JupyterLab has no nbgrader; nothing asks anything, nor the network for news.
DISABLED = ("@jupyter/nbgrader", "@jupyterlab/apputils-extension:announcements")
ALL_CELLS = {"windowingMode": "none"}  # in the page, not only those in sight


@dataclass(frozen=True)
class Lab:
    """A running server; ``folder`` is what it shows."""

    folder: Path
    address: str

    def open(self, page: Page, notebook: str) -> Opened:
        """Open ``notebook``, a file in the folder, alone in the window, once its kernel is idle."""
        page.goto(f"{self.address}/doc/tree/{quote(notebook)}?token={TOKEN}&reset")
        panel = page.locator(".jp-NotebookPanel:visible")
        panel.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=START_SECONDS * 1000)
        opened = Opened(page, panel)
        opened.wait_until_idle()
        return opened


@dataclass(frozen=True)
class Opened:
    """A notebook in its tab."""

    page: Page
    panel: Locator

    def active_code(self) -> Locator:
        """The editor of the chosen cell; there is none if that is a text."""
        return self.panel.locator(".jp-CodeCell.jp-mod-active .cm-content")

    def wait_until_idle(self) -> None:
        """No cell is running or waiting, as the status bar has it."""
        expect(self.page.locator("#jp-main-statusbar").get_by_text("| Idle")).to_be_visible(
            timeout=CELL_SECONDS * 1000
        )
        expect(self.panel.get_by_text("[*]:")).to_have_count(0, timeout=CELL_SECONDS * 1000)

    def choose_first(self) -> None:
        """Command mode, on the first cell."""
        self.panel.locator(".jp-Cell .jp-InputPrompt").first.click()

    def retype(self, source: str) -> None:
        """Replace what stands in the chosen cell, and stay in it."""
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def run_and_go_on(self) -> None:
        self.page.keyboard.press("Shift+Enter")

    def run_and_insert_below(self) -> None:
        """Run the chosen cell, and choose a new one below it."""
        self.page.keyboard.press("Alt+Enter")
        self.page.keyboard.press("Escape")

    def run_until(self, text: str) -> None:
        """Run cell after cell, and stop at the first code cell that has ``text``."""
        for _ in range(MAX_CELLS):
            if self.active_code().filter(has_text=text).count():
                return
            self.run_and_go_on()
        raise AssertionError(f"no code cell has {text!r}")

    def save(self) -> None:
        """Saved, once the tab no longer marks the notebook as changed."""
        self.page.keyboard.press("ControlOrMeta+s")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)


@contextmanager
def started(folder: Path, private: Path) -> Iterator[Lab]:
    """A server on this machine alone, showing ``folder``; ``private`` takes what it keeps of its own."""
    settings = private / "settings"
    tracker = settings / "@jupyterlab/notebook-extension/tracker.jupyter-settings"
    page_config = private / "JUPYTER_CONFIG_DIR/labconfig/page_config.json"
    for path, values in (
        (tracker, ALL_CELLS),
        (page_config, {"disabledExtensions": dict.fromkeys(DISABLED, True)}),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = [
        "--no-browser",
        "--allow-root",
        f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.user_settings_dir={settings}",
        f"--LabApp.workspaces_dir={private / 'workspaces'}",
        "--LabApp.extension_manager=readonly",
    ]
    folders = {name: str(private / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    folders |= {"JUPYTER_RUNTIME_DIR": str(private / "runtime")}
    log = private / "server.log"
    with log.open("wb") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=folder,
            env=os.environ | folders,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(server, address, log)
        yield Lab(folder, address)
    finally:
        server.terminate()  # it ends its kernels first
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{address}/api?token={TOKEN}", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")
