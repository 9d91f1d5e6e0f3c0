"""What grades here, as one digest: Python, every installed package, and this package's own code.

Student code may import whatever is installed, and a mended check library decides otherwise, so that a result is
current only as long as all of it is the same.
"""

from __future__ import annotations

import functools
import hashlib
import platform
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@functools.cache
def digest() -> str:
    """The sha256 of this process's environment; 0.1 s the first time."""
    whole = hashlib.sha256()
    parts = [sys.version, platform.machine(), *sorted(_packages())]
    for part in parts:
        whole.update(part.encode() + b"\0")
    for path in sorted(PACKAGE.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            whole.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def version(package: str) -> str:
    """The installed version of ``package``, or ``missing``."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _packages() -> set[str]:
    """Every installed distribution as ``name==version``; this package is known by its code instead.

    Looked for where packages are installed, and not along ``sys.path``, which libraries extend when they are imported.
    """
    places = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    found = metadata.distributions(path=places)
    return {f"{one.name}=={one.version}" for one in found if one.name != "autograder"}
