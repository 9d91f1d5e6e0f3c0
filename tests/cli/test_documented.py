"""The README knows every command and option, and the course it ships is a valid one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.cli import app
from autograder.course.config import Limits, find_course
from tests.cli.stub import World

ROOT = Path(__file__).parents[2]
COMMANDS = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_has_every_command_and_option(here: World, command: str) -> None:
    """What ``--help`` offers, the README explains."""
    readme = (ROOT / "README.md").read_text("utf-8")
    code, out, _ = here.grader(command, "--help")
    assert code == 0
    assert f"grader {command}" in readme or f"make {command}" in readme
    for option in set(re.findall(r"--[a-z-]+", out)) - {"--help"}:
        assert option in readme


def test_this_repositorys_course_says_the_defaults() -> None:
    """grader.toml is the reference of every limit, each with the default it claims to have."""
    text = (ROOT / "grader.toml").read_text("utf-8")
    assert find_course(ROOT).config.limits == Limits()
    for name in Limits.__struct_fields__:
        assert re.search(rf"^{name} = ", text, re.MULTILINE)
