"""``grader release``: points come from the checks, and nothing secret is handed out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.builders import text
from tests.cli.stub import World, world
from tests.verification.test_verify import releasable, tiny

PUBLIC = """
import pytest
from autograder.checks import question

linear, conv = question("linear"), question("conv")

@linear.check(points=2, about={"en": "What `linear_layer` | maps"})
@pytest.mark.parametrize("case", ["a", "b"])
def test_maps(answer, case): ...

@conv.check(points=2.5, about={"en": "The shape of __init__"})
def test_shape(answer): ...
"""
HIDDEN = """
from autograder.checks import question

@question("model").check(points=3, about={"en": "The secret part"})
def test_p_is_037(answer): ...

@question("custom").check(points=1)
def test_is_its_own(answer): ...
"""
TABLE = r"""| Question | What is checked | Points |
| --- | --- | ---: |
| Linear | What \`linear_layer\` \| maps | 2 |
|  | What \`linear_layer\` \| maps | 2 |
| Convolution | The shape of \_\_init\_\_ | 2.5 |
| A model | The secret part | 3 |
| A class | custom.is_its_own | 1 |
| **Total** |  | **10.5** |"""


@pytest.fixture
def here(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> World:
    """The tiny course with checks. Python keeps imported checks by their path in the course, so each test's is new."""
    built = world(tmp_path, monkeypatch, capsys)
    name = course_name(request)
    tiny(tmp_path, name)
    (tmp_path / f"assignments/{name}/test_public.py").write_text(PUBLIC, encoding="utf-8")
    (tmp_path / f"solutions/{name}/test_hidden.py").write_text(HIDDEN, encoding="utf-8")
    return built


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return course_name(request)


def course_name(request: pytest.FixtureRequest) -> str:
    return "t" + str(abs(hash(request.node.nodeid)))


def released(here: World, name: str) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads((here.root / f"assignments/{name}/{name}.en.ipynb").read_bytes())
    return notebook


def with_marker(here: World, name: str) -> None:
    """Put the marker into a text cell of the source."""
    path = here.root / f"solutions/{name}/{name}.ipynb"
    whole = json.loads(path.read_bytes())
    cell = text("Before\n\n<!-- points -->\n\nAfter") | {"id": "points", "metadata": {"tags": ["lang-en"]}}
    path.write_text(json.dumps(whole | {"cells": [cell, *releasable(name)]}))


def test_points_come_from_the_checks(here: World, name: str) -> None:
    """Each question is worth the sum of its checks, parametrised ones counted each."""
    code, out, _ = here.grader("release", name)
    assert code == 0
    assert "points:   10.5 (linear 4, conv 2.5, model 3, custom 1)" in out
    points = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in released(here, name)["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    assert points == {"linear": 4, "conv": 2.5, "model": 3, "custom": 1}


def test_the_marker_becomes_the_table(here: World, name: str) -> None:
    """What is checked, hidden checks included, stands where the marker was, as text and nothing else."""
    with_marker(here, name)
    code, out, _ = here.grader("release", name)
    assert code == 0
    assert "no text cell" not in out
    first = released(here, name)["cells"][0]
    assert "".join(first["source"]) == f"Before\n\n{TABLE}\n\nAfter"


def test_a_section_that_is_nowhere_is_a_note(here: World, name: str) -> None:
    """The release is made, and its author learns which section is wanted."""
    path = here.root / f"assignments/{name}/assignment.toml"
    path.write_text(path.read_text().replace('"models"', '"model"', 1))
    code, out, _ = here.grader("release", name)
    assert code == 0
    assert "note: questions.model.section: " in out
    assert out.count("note: ") == 1


def test_a_notebook_without_the_marker_is_told_of_it(here: World, name: str) -> None:
    """The release is made, and its author learns how to show the points."""
    code, out, _ = here.grader("release", name)
    assert code == 0
    assert "no text cell has the line <!-- points -->" in out


def test_a_release_leaves_nothing_else_in_the_course(here: World, name: str) -> None:
    """Importing the checks leaves no compiled files, which would be handed out or graded with."""
    before = set(here.root.rglob("*"))
    assert here.grader("release", name)[0] == 0
    assert set(here.root.rglob("*")) - before == {here.root / f"assignments/{name}/{name}.en.ipynb"}


@pytest.mark.parametrize("target", ["out/hand", "hand.zip"])
def test_the_handout_has_what_students_need_and_no_more(here: World, name: str, target: str) -> None:
    """Notebooks, settings, public checks and data; no solutions, hidden files or compiled ones."""
    folder = here.root / "assignments" / name
    for inside in ("data/deep/x.csv", "data/.DS_Store", "data/__pycache__/x.pyc", "notes.txt", "hidden.py"):
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_bytes(b"1")
    for _ in range(2):  # the second time over the first
        assert here.grader("release", name, "--handout", target)[0] == 0
    wanted = {f"{name}.en.ipynb", "assignment.toml", "test_public.py", "data/deep/x.csv"}
    path = here.root / target
    if path.is_dir():
        files = [one for one in path.rglob("*") if one.is_file()]
        handed = {one.relative_to(path).as_posix(): one.read_bytes() for one in files}
    else:
        with zipfile.ZipFile(path) as archive:
            handed = {one.removeprefix(f"{name}/"): archive.read(one) for one in archive.namelist()}
    assert handed.keys() == wanted
    assert handed[f"{name}.en.ipynb"] == (folder / f"{name}.en.ipynb").read_bytes()
    assert not [content for content in handed.values() if b"SOLUTION" in content or b"p_is_037" in content]


def test_an_archive_is_equal_for_equal_contents(here: World, name: str) -> None:
    """Two releases of one source make one and the same archive."""
    for file in ("a.zip", "b.zip"):
        assert here.grader("release", name, "--handout", file)[0] == 0
    assert (here.root / "a.zip").read_bytes() == (here.root / "b.zip").read_bytes()


def test_a_folder_with_other_files_is_refused(here: World, name: str) -> None:
    """What lies in the folder would be handed out too, so it must be new, empty, or an earlier handout."""
    (here.root / "out").mkdir()
    (here.root / "out/test_hidden.py").touch()
    code, _, err = here.grader("release", name, "--handout", "out")
    assert code == 2
    assert "test_hidden.py" in err
    assert [path.name for path in (here.root / "out").iterdir()] == ["test_hidden.py"]


@pytest.mark.parametrize("link", ["data/answers.csv", "data/deep", "test_public.py"])
def test_a_link_is_refused(here: World, name: str, link: str) -> None:
    """A link in the assignment could lead into the solutions."""
    folder = here.root / "assignments" / name
    (folder / "data").mkdir()
    (folder / link).unlink(missing_ok=True)
    secret = here.root / "solutions" / name / "secret"
    secret.mkdir()
    (secret / "checks.py").write_text(PUBLIC, encoding="utf-8")
    (folder / link).symlink_to(secret if link == "data/deep" else secret / "checks.py")
    code, _, err = here.grader("release", name, "--handout", "out.zip")
    assert code == 2
    assert link in err
    assert not (here.root / "out.zip").exists()


def test_checks_that_cannot_be_collected_release_nothing(here: World, name: str) -> None:
    """A check with a slip in it exits with 2 and names the file; no notebook is written."""
    (here.root / f"solutions/{name}/test_hidden.py").write_text('question("linear")')
    code, _, err = here.grader("release", name)
    assert code == 2
    assert "test_hidden.py" in err
    assert not list((here.root / "assignments" / name).glob("*.ipynb"))


def test_an_unknown_assignment_exits_with_2(here: World) -> None:
    """The assignments that there are are named."""
    code, _, err = here.grader("release", "unknown")
    assert code == 2
    assert "no assignment is named 'unknown'" in err
