"""``grader gradescope-zip``: where it goes, and what it says of the sandbox there."""

from __future__ import annotations

import zipfile

from tests.cli.stub import World


def test_a_zip_and_what_its_sandbox_lacks(here: World) -> None:
    """The file lies where it was asked for, and the layers that a container leaves are named."""
    (here.root / "solutions/dl1").mkdir(parents=True)
    (here.root / "solutions/dl1/test_hidden.py").write_text("")
    code, out, _ = here.grader("gradescope-zip", "dl1", "--output", "upload.zip")
    assert code == 0
    with zipfile.ZipFile(here.root / "upload.zip") as archive:
        assert {"setup.sh", "run_autograder", "course/grader.toml"} <= set(archive.namelist())
    assert "it requires seccomp, rlimits there, of namespaces, landlock, seccomp, rlimits here" in out
    assert "--torch-index" in out


def test_an_assignment_without_checks_is_refused(here: World) -> None:
    """Nothing could be graded with it."""
    code, _, err = here.grader("gradescope-zip", "dl1")
    assert code == 2
    assert "grading needs its checks" in err
