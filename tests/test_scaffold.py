"""What ``grader new`` makes is an assignment, in the languages that are wanted."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.course.assignment import load
from autograder.errors import AssignmentError
from autograder.handout.release import release
from autograder.scaffold import scaffold, write


@pytest.mark.parametrize("languages", [("ko", "en"), ("ko",), ("en",)])
@pytest.mark.parametrize("name", ["mini", "3주차.첫-번째_과제"])
def test_it_is_loaded_and_released(tmp_path: Path, name: str, languages: Sequence[str]) -> None:
    """In each language there are a title, words about every check, and a notebook."""
    write(tmp_path, name, languages)
    assignment = load(tmp_path, name)
    assert assignment.languages == tuple(languages)
    assert set(release(tmp_path, name, languages)) == {f"{name}.{language}.ipynb" for language in languages}
    for path, _ in assignment.check_files:
        abouts = [
            ast.literal_eval(keyword.value)
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "about"
        ]
        assert abouts
        assert all(list(about) == list(languages) for about in abouts)


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    """Either folder is reason enough to refuse, before anything is written."""
    (tmp_path / "solutions/mini").mkdir(parents=True)
    with pytest.raises(AssignmentError, match="solutions/mini: is there already"):
        write(tmp_path, "mini", ["en"])
    assert not (tmp_path / "assignments").exists()


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".hidden", "-x", "a b", "a[1]"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    """A name is one folder's, in every tool that takes it."""
    with pytest.raises(AssignmentError, match="is no name for an assignment"):
        scaffold(name, ["en"])
