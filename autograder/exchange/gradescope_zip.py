"""An autograder for Gradescope: a zip whose ``run_autograder`` grades there as ``grader grade`` does here.

::

    setup.sh                  run once, when Gradescope builds the image: packages, an environment in /opt
    run_autograder            run for each submission; see :mod:`.gradescope_run`
    requirements.txt          the packages that grading needs, as they are installed here; setup.sh takes torch first
    grader/autograder/…       this package, as it is
    course/…                  the assignment with its checks, and a grader.toml of what matters there

Gradescope's containers are Docker's, run by root: there are no user namespaces, so that the layer ``namespaces`` cannot
work, and whether ``landlock`` does is their kernel's affair. What is left is seccomp, rlimits, and that student code
runs as an unprivileged user to whom ``/autograder`` is closed. The zip requires :data:`REQUIRED`.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import msgspec

from autograder.course import assignment_files
from autograder.course.config import Config, Course, Layer

REQUIRED: tuple[Layer, ...] = ("seccomp", "rlimits")
PACKAGE = Path(__file__).parents[1]
EXTRA = "grading"  # what of pyproject.toml's optional packages grading needs
_LEFT_OUT = {"torch", "nbgrader"}  # setup.sh takes the first, and only releases and gradebooks need the other
_SECTIONS = (
    "course",
    "limits",
    "environment",
)  # of grader.toml; rosters and dates are Gradescope's own there
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can hold: equal contents give equal bytes

_SETUP = """\
#!/usr/bin/env bash
# Made by `grader gradescope-zip`. Gradescope runs this once, as root, when it builds the autograder's image.
set -euo pipefail
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \\
  python3 python3-venv libseccomp2 >/dev/null
python=python3
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  # Ubuntu 22.04 has Python 3.10 as python3, and 3.11 beside it
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3.11 python3.11-venv >/dev/null
  python=python3.11
fi
"$python" -m venv /opt/autograder
pip="/opt/autograder/bin/python -m pip --disable-pip-version-check install -q"
$pip torch=={torch} {index}
$pip -r /autograder/source/requirements.txt
chmod -R a+rX /opt/autograder   # student code runs as another user, and needs Python's libraries
chmod 700 /autograder/source    # and neither the checks nor the results
"""

_RUN = """\
#!/usr/bin/env bash
# Made by `grader gradescope-zip`. Gradescope runs this for each submission; it writes results/results.json.
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_PYTHON:-/opt/autograder/bin/python}"
chmod 700 "$root/source" "$root/results" "$root/submission"
cd "$root/source/course"
PYTHONPATH="$root/source/grader" exec "$python" -P -m autograder.exchange.gradescope_run "$root"
"""


def archive(course: Course, assignment: str, torch: str, index: str | None) -> bytes:
    """The zip. ``torch`` is the version to install there, ``index`` where to take it from, if not pip's own place."""
    where = f"--index-url {json.dumps(index)}" if index else ""
    files: dict[str, bytes] = {
        "setup.sh": _SETUP.format(torch=torch.partition("+")[0], index=where).encode(),
        "run_autograder": _RUN.encode(),
        "requirements.txt": "".join(f"{one}\n" for one in sorted(requirements("autograder"))).encode(),
        "course/grader.toml": settings(course.config).encode(),
    }
    paths = assignment_files.paths(course.root, assignment)
    files |= {f"course/{name}": path.read_bytes() for name, path in paths.items()}
    files |= {f"grader/autograder/{name}": path.read_bytes() for name, path in _package_files()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            written.writestr(info, data)
    return buffer.getvalue()


def settings(config: Config) -> str:
    """The part of ``grader.toml`` that grading there depends on, with the layers that are to be had there."""
    lines = []
    for section in _SECTIONS:
        lines.append(f"[{section}]")
        for name, value in msgspec.to_builtins(getattr(config, section)).items():
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, "[sandbox]", f"require = {json.dumps(REQUIRED)}", ""])


def requirements(package: str) -> set[str]:
    """``name==version`` of all that ``package`` needs, its extra included, as installed here."""
    found: dict[str, str] = {}
    waiting = [package]
    while waiting:
        name = waiting.pop()
        for needed in _needs(name, EXTRA if name == package else ""):
            try:
                version = metadata.version(needed)
            except metadata.PackageNotFoundError:
                continue  # of an extra, or another system's
            if _normal(needed) not in found and _normal(needed) not in _LEFT_OUT:
                found[_normal(needed)] = f"{_normal(needed)}=={version}"
                waiting.append(needed)
    return set(found.values())


def _needs(name: str, extra: str) -> Iterable[str]:
    for line in metadata.requires(name) or []:
        text, _, marker = line.partition(";")
        wanted = "extra" not in marker or (extra and re.search(rf"extra == ['\"]{extra}['\"]", marker))
        if wanted and (match := re.match(r"[A-Za-z0-9._-]+", text.strip())):
            yield match[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package_files() -> Iterable[tuple[str, Path]]:
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(PACKAGE).as_posix(), path
