"""A GitHub runner, as far as our actions need one: their own steps, run with the environment that a runner sets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
VENV = Path(os.environ.get("VIRTUAL_ENV") or ROOT / ".venv")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def load(path: Path) -> dict[str, Any]:
    """A workflow or an action. YAML 1.1 reads the key ``on`` as a truth."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else str(key): value for key, value in found.items()}


@dataclass
class Runner:
    """A job's machine: ``folder`` holds its work space, home and temporary files."""

    folder: Path
    event_name: str
    event: dict[str, Any]
    repository: str = "course/dl"
    api: str = "http://127.0.0.1:9"
    token: str = "the-token"
    outputs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("work", "home/.cache", "temp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        kept = self.folder / "home/.cache/autograder-venv"
        if not kept.exists():
            kept.symlink_to(VENV, target_is_directory=True)  # as the step that installs leaves it
        (self.temp / "publishing").symlink_to(VENV, target_is_directory=True)
        (self.folder / "event.json").write_text(json.dumps(self.event))

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8")

    def run(self, action: Path, *steps: str, **inputs: str) -> tuple[int, str]:
        """The named steps of a composite action, one after the other: the first bad exit code, and the log."""
        whole = load(action)
        context = self._context(whole, inputs)
        log = ""
        for step in (one for one in whole["runs"]["steps"] if one.get("name") in steps):
            code, said = self._step(step, context, action.parent)
            log += said
            if code:
                return code, log
        return 0, log

    def _step(self, step: dict[str, Any], context: dict[str, Any], action: Path) -> tuple[int, str]:
        script = self.folder / "step.sh"
        script.write_text(step["run"], "utf-8")
        output = self.folder / "output"
        output.touch()
        environment = self._environment(action) | {
            name: self._filled(str(value), context) for name, value in step.get("env", {}).items()
        }
        done = subprocess.run(
            [shutil.which("bash") or "bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines() if line)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def _environment(self, action: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_ACTOR": "kim",
            "GITHUB_API_URL": self.api,
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_REPOSITORY_OWNER": self.repository.partition("/")[0],
            "GITHUB_RUN_ID": "1",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "f" * 40,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.work),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
        }

    def _context(self, action: dict[str, Any], inputs: dict[str, str]) -> dict[str, Any]:
        context: dict[str, Any] = {
            "github": {"event": self.event, "token": self.token},
            "runner": {"temp": str(self.temp)},
        }
        defaults = {
            name: self._filled(str(one.get("default", "")), context) for name, one in action["inputs"].items()
        }
        return context | {"inputs": defaults | inputs}

    def _filled(self, text: str, context: dict[str, Any]) -> str:
        return _EXPRESSION.sub(lambda found: _value(found[1], context), text)


def _value(path: str, context: dict[str, Any]) -> str:
    """``github.event.number``; what is not there is empty, as for the runner."""
    value: Any = context
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return "" if value is None else str(value)
