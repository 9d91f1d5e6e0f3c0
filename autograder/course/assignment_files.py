"""The files of an assignment that a verdict depends on, and one digest of them all.

A check may open a file that lies beside it, and pytest reads every ``conftest.py`` above it, so these count too. What
only :mod:`~autograder.verification.verify` reads, ``right/``, ``wrong/`` and equivalent.toml, does not, and neither do
the notebooks in ``assignments/<name>/``, which are made from the source.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_PROOFS = ("right", "wrong", "equivalent.toml")
_BY_PRODUCTS = ("__pycache__", ".ipynb_checkpoints", ".git")


def paths(course_root: Path, name: str) -> dict[str, Path]:
    """Where each file lies, by its path as seen from the course, with ``/``; those that exist."""
    folder, secret = course_root / "assignments" / name, course_root / "solutions" / name
    found = [course_root / "conftest.py", folder.parent / "conftest.py", secret.parent / "conftest.py"]
    found += [folder / file for file in ("assignment.toml", "test_public.py", "conftest.py")]
    found += [*_below(data(course_root, name)), *_below(secret, but=_PROOFS)]
    return {path.relative_to(course_root).as_posix(): path for path in sorted(found) if path.is_file()}


def data(course_root: Path, name: str) -> Path:
    """The folder of files that are handed out with the notebook, and that its cells may read; it may not be there."""
    return course_root / "assignments" / name / "data"


def digest(course_root: Path, name: str) -> str:
    """The sha256 of every file that :func:`paths` names, as it is now; raises :class:`OSError`."""
    return digest_of({label: path.read_bytes() for label, path in paths(course_root, name).items()})


def digest_of(files: Mapping[str, bytes]) -> str:
    """The sha256 of these files, whatever their order."""
    whole = hashlib.sha256()
    for label, data in sorted(files.items()):
        for part in (label.encode("utf-8", "surrogateescape"), data):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _below(folder: Path, but: tuple[str, ...] = ()) -> Iterator[Path]:
    """Every file below ``folder``, without by-products and what has one of these names right in it."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        skipped = (*_BY_PRODUCTS, *(but if here == folder else ()))
        folders[:] = [name for name in folders if name not in skipped]
        yield from (here / name for name in files if name not in skipped)
