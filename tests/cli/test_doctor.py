"""``grader doctor``: what works here, and an exit code a script can trust."""

from __future__ import annotations

import pytest

from tests.cli.stub import World


def test_all_layers_work(here: World) -> None:
    """With every layer working the doctor names each and exits with 0."""
    code, out, _ = here.grader("doctor")
    assert code == 0
    for said in ("namespaces", "landlock", "seccomp", "rlimits", "every required layer works"):
        assert said in out


def test_the_doctor_tries_the_limits_of_the_course(here: World) -> None:
    """A machine may allow what is asked for by default, and not what this course asks for."""
    (here.root / "grader.toml").write_text("[limits]\nopen_files = 1000")
    here.grader("doctor")
    assert here.tried is not None
    assert here.tried.open_files == 1000


def test_a_missing_layer_comes_with_its_remedy(here: World) -> None:
    """A required layer that does not work exits with 2, why and what to do beside it."""
    here.layers(seccomp=False)
    code, out, _ = here.grader("doctor")
    assert code == 2
    assert "the kernel forbids it. Mend it" in out
    assert "refused without: seccomp" in out


def test_a_layer_that_the_course_does_not_require_may_be_missing(here: World) -> None:
    """The course's own requirement decides, not the default."""
    (here.root / "grader.toml").write_text('[sandbox]\nrequire = ["rlimits"]')
    here.layers(seccomp=False)
    assert here.grader("doctor")[0] == 0


def test_the_doctor_needs_no_course(
    here: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a course the default requirement holds."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    code, out, _ = here.grader("doctor")
    assert code == 0
    assert "no course here" in out


def test_a_wrong_setting_is_no_absent_course(here: World) -> None:
    """A course whose grader.toml is wrong is refused, not replaced by defaults."""
    (here.root / "grader.toml").write_text("x = 1")
    code, _, err = here.grader("doctor")
    assert code == 2
    assert "x: is not a setting" in err
