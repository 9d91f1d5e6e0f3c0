"""Where the public checks of a student's notebook are: beside it, or in it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment, load_handout
from autograder.handout.carried import FILES, unpack
from autograder.notebooks.copies import MAX_BYTES
from autograder.practice.kernel import Kernel
from autograder.process.scratch import ScratchFolder

COLAB_SECONDS = 10
_loaded: dict[str, tuple[Assignment, Path]] = {}
_unpacked: list[ScratchFolder] = []  # until the kernel ends


def handout(kernel: Kernel) -> tuple[Assignment, Path, str | None] | None:
    """The assignment, the folder of its checks, and the notebook's language if it says one.

    In this order: the folder of the notebook, the notebook itself, the folder where the kernel works, a notebook
    there. None if none of them has public checks; raises :class:`AssignmentError` and :class:`ConfigError` for
    what is damaged.
    """
    own = kernel.notebook()
    for folder in dict.fromkeys([*([own.parent] if own else []), Path.cwd()]):
        if all((folder / name).is_file() for name in FILES):
            read = metadata_of(_json(own)) if own else {}
            return *_assignment(folder), _language(read)
        for metadata in _notebooks(own, folder):
            if (found := carried(metadata)) is not None:
                return *found, _language(metadata)
    return None


def _notebooks(own: Path | None, folder: Path) -> Iterator[Mapping[str, Any]]:
    """Metadata of the student's notebook if it is known, else of every one in the folder."""
    if own is not None and own.parent == folder:
        yield metadata_of(_json(own))
        return
    if (colab := sys.modules.get("google.colab")) is not None:
        yield metadata_of(_of_colab(colab))
    for path in sorted(folder.glob("*.ipynb")):
        yield metadata_of(_json(path))


def _of_colab(colab: Any) -> object:
    """The notebook as Colab has it, which is on no disk that the kernel sees."""
    try:
        return colab._message.blocking_request("get_ipynb", timeout_sec=COLAB_SECONDS)["ipynb"]
    except Exception:  # noqa: BLE001 - Colab's own affair, and not a documented one
        return {}


def _json(path: Path) -> object:
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
        return json.loads(data) if b'"carries"' in data or b'"lang"' in data else {}
    except (OSError, ValueError, RecursionError):
        return {}


def metadata_of(notebook: object) -> Mapping[str, Any]:
    """The metadata of a notebook's JSON, whatever that is."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _language(metadata: Mapping[str, Any]) -> str | None:
    about = metadata.get("autograder")
    lang = about.get("lang") if isinstance(about, dict) else None
    return lang if isinstance(lang, str) else None


def carried(metadata: Mapping[str, Any]) -> tuple[Assignment, Path] | None:
    """What a notebook with this ``metadata`` carries, unpacked once for each content; None if that is nothing."""
    about = metadata.get("autograder")
    carries = about.get("carries") if isinstance(about, dict) else None
    if not carries:
        return None
    key = hashlib.sha256(json.dumps(carries, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
    if key not in _loaded:
        folder = ScratchFolder()
        if not unpack(metadata, folder.path):
            return None
        _unpacked.append(folder)
        _loaded[key] = load_handout(folder.path), folder.path
    return _loaded[key]


def _assignment(folder: Path) -> tuple[Assignment, Path]:
    """A folder's assignment, read anew when one of its files has changed."""
    stamps = [(path.name, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()) if path.is_file()]
    key = f"{folder}\0{[one for one in stamps if one[0] in FILES]}"
    if key not in _loaded:
        _loaded[key] = load_handout(folder), folder
    return _loaded[key]
