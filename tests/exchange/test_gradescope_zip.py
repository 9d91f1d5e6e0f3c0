"""The zip for Gradescope: what is in it, and that its run_autograder really grades."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course.config import Config, find_course, load
from autograder.exchange import gradescope_run
from autograder.exchange.gradescope_zip import REQUIRED, archive, requirements, settings

COURSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/autograder as Gradescope lays it out, the zip in source/."""
    root = tmp_path_factory.mktemp("autograder")
    data = archive(find_course(COURSE), "dl1", "2.13.0+cpu", "https://example.org/cpu")
    with zipfile.ZipFile(io.BytesIO(data)) as written:
        for info in written.infolist():
            path = Path(written.extract(info, root / "source"))
            path.chmod(info.external_attr >> 16)
    for name in ("submission", "results"):
        (root / name).mkdir()
    return root


def hand_in(root: Path, *names: str) -> None:
    shutil.rmtree(root / "submission")
    (root / "submission").mkdir()
    for name in names:
        shutil.copyfile(COURSE / "submitted/no-bias/dl1/dl1.ipynb", root / "submission" / name)


def results(root: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((root / "results/results.json").read_bytes())
    return document


def test_what_gradescope_wants_stands_at_the_root(unpacked: Path) -> None:
    """Both programs can be run and are bash; torch's version and index are what was asked for."""
    for name in ("setup.sh", "run_autograder"):
        program = unpacked / "source" / name
        assert os.access(program, os.X_OK)
        subprocess.run(["bash", "-n", program], check=True)
    setup = (unpacked / "source/setup.sh").read_text()
    assert '$pip torch==2.13.0 --index-url "https://example.org/cpu"' in setup


def test_only_what_grading_needs_goes_out(unpacked: Path) -> None:
    """The assignment with its checks and this package; no submission, no proofs, no other settings."""
    source = unpacked / "source"
    assert (source / "course/solutions/dl1/test_hidden.py").is_file()
    assert (source / "grader/autograder/cli/__init__.py").is_file()
    assert not (source / "course/submitted").exists()
    assert not (source / "course/solutions/dl1/wrong").exists()
    assert not list(source.rglob("__pycache__"))
    config = load(source / "course/grader.toml")
    assert config.sandbox.require == REQUIRED
    assert (config.gradebook, config.roster.file, config.due) == (None, "", {})
    assert config.limits == find_course(COURSE).config.limits


def test_settings_are_toml_again(tmp_path: Path) -> None:
    """Whatever a title holds."""
    hard = Config(
        course=load(COURSE / "grader.toml").course.__class__(title='딥 "러닝" \\ \t', language="en")
    )
    (tmp_path / "grader.toml").write_text(settings(hard), "utf-8")
    assert load(tmp_path / "grader.toml").course == hard.course


def test_packages_are_those_that_grade_here() -> None:
    """Each with its version, what the sandbox needs among them; torch comes first and apart."""
    pinned = requirements("autograder")
    names = {one.partition("==")[0] for one in pinned}
    assert {"sandlock", "pyseccomp", "pytest", "ipython", "matplotlib", "traitlets"} <= names
    assert not {"torch", "nbgrader", "autograder", "playwright"} & names
    assert all("==" in one for one in pinned)


def test_a_submission_is_graded(unpacked: Path) -> None:
    """run_autograder, really run: of several notebooks the assignment's own, and the score is ours."""
    hand_in(unpacked, "dl1.ipynb", "scratch.ipynb")
    environment = os.environ | {"AUTOGRADER_ROOT": str(unpacked), "AUTOGRADER_PYTHON": sys.executable}
    done = subprocess.run(
        [unpacked / "source/run_autograder"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert results(unpacked)["score"] == 96.0
    assert len(results(unpacked)["tests"]) == 40  # type: ignore[arg-type]
    assert (unpacked / "source").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("program", ["raise SystemExit(2)", "raise SystemExit(0)"])
def test_our_fault_is_no_score(unpacked: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A grader that fails, or ends well and leaves nothing: Gradescope gets a file that it shows as an error."""
    hand_in(unpacked, "dl1.ipynb")
    monkeypatch.chdir(unpacked / "source/course")
    monkeypatch.setattr(gradescope_run, "_GRADER", [sys.executable, "-c", program])
    assert gradescope_run.main(unpacked) == 0
    assert "score" not in results(unpacked)
    assert "tests" not in results(unpacked)
    assert "no fault of yours" in str(results(unpacked)["output"])


def test_nothing_to_grade_is_told(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a notebook the student is told what to hand in."""
    hand_in(unpacked)
    monkeypatch.chdir(unpacked / "source/course")
    assert gradescope_run.main(unpacked) == 0
    assert results(unpacked)["score"] == 0
    assert ".ipynb" in str(results(unpacked)["output"])
