"""Notebooks of a format before the fourth, and nbformat, which reads them.

nbformat takes half a second and 6 MiB to import, so that nobody does who does not meet such a notebook.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any


def import_nbformat() -> None:
    """Without what its validator builds, if it is there, for 0.9 s: a grammar of web addresses in all scripts."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment] # an import is then an ImportError, which is expected there
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[name]


def upgraded(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook as nbformat 4 has it; raises whatever nbformat does about one that it cannot read."""
    import_nbformat()
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read: dict[str, Any] = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    return read
