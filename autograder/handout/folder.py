"""What students are given: the released notebooks, the settings, the public checks and the data.

A list of what goes in, never of what stays out: nothing of ``solutions/`` can slip into it.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from autograder.course.assignment import Assignment
from autograder.errors import AssignmentError
from autograder.results import write_atomically

_SETTINGS, _CHECKS, _DATA = "assignment.toml", "test_public.py", "data"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest there is: equal contents give an equal file


def contents(assignment: Assignment, folder: Path) -> dict[str, bytes]:
    """Path within the handout → content, from the assignment's released ``folder``; hidden files are left out.

    Raises :class:`AssignmentError` for a notebook that was not released and for a link, which may lead anywhere.
    """
    paths = [folder / f"{assignment.name}.{language}.ipynb" for language in assignment.languages]
    paths += [folder / _SETTINGS]
    paths += [path for path in [folder / _CHECKS] if path.exists()]
    paths += sorted(path for path in folder.glob(f"{_DATA}/**/*") if path.is_symlink() or not path.is_dir())
    found: dict[str, bytes] = {}
    for path in paths:
        inside = path.relative_to(folder)
        if any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
            continue
        if any((folder / part).is_symlink() for part in (inside, *inside.parents)):
            raise AssignmentError(
                f"{path}: is a link, which a handout cannot hold. Put the file itself there."
            )
        try:
            found[inside.as_posix()] = path.read_bytes()
        except OSError as error:
            raise AssignmentError(f"{path}: cannot be read ({error.strerror}). A handout needs it.") from None
    return found


def write(files: dict[str, bytes], target: Path, name: str) -> None:
    """Put ``files`` into the folder ``target``, or below ``name/`` in the archive ``target`` if it ends in .zip.

    Raises :class:`AssignmentError` for a folder that holds anything else: it would be handed out as well.
    """
    if target.suffix.lower() == ".zip":
        write_atomically(target, _zipped(files, name))
        return
    strangers = _strangers(target, files)
    if strangers:
        raise AssignmentError(
            f"{target}: holds what does not belong to a handout: {', '.join(strangers[:5])}. "
            "Name a new or an empty folder."
        )
    for inside, content in files.items():
        write_atomically(target / inside, content)


def _strangers(target: Path, files: dict[str, bytes]) -> list[str]:
    folders = {str(parent) for inside in files for parent in PurePosixPath(inside).parents}
    known = files.keys() | folders
    there = target.rglob("*") if target.is_dir() else ()
    return sorted(inside for path in there if (inside := path.relative_to(target).as_posix()) not in known)


def _zipped(files: dict[str, bytes], name: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for inside, content in sorted(files.items()):
            about = zipfile.ZipInfo(f"{name}/{inside}", _ZIP_DATE)
            about.external_attr = 0o644 << 16
            about.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(about, content)
    return archive.getvalue()
