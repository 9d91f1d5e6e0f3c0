"""What became of one cell."""

from __future__ import annotations

from msgspec import Struct

from autograder.course.config import Limits
from autograder.evidence.verdict import Verdict
from autograder.results import Remark
from autograder.wire.messages import Habit, Raised


class Ran(Struct, frozen=True):
    """What became of one cell. ``trouble`` is why its names may be missing; None: it ran to its end."""

    assigned: frozenset[str] = frozenset()
    output: str = ""
    truncated: bool = False
    skipped_commands: int = 0
    error: Raised | None = None
    trouble: Verdict | None = None
    habits: tuple[Habit, ...] = ()  # what it did that cannot be done here
    refused: Remark | None = None  # which of its limits it met with
    seconds: float = 0.0  # the runner's word, as far as it can be true


def limit_met(error: Raised, cell: int, limits: Limits) -> Remark | None:
    """Which limit an error speaks of, in the kernel's and Python's own words."""
    known = {
        "[Errno 27]": Remark(code="file_limit", facts={"cell": cell, "limit_mib": limits.file_mib}),
        "[Errno 28]": Remark(code="folder_limit", facts={"cell": cell, "limit_mib": limits.folder_mib}),
        "[Errno 24]": Remark(code="open_files_limit", facts={"cell": cell, "limit": limits.open_files}),
        "can't start new thread": Remark(code="threads_limit", facts={"cell": cell, "limit": limits.threads}),
    }
    met = [remark for words, remark in known.items() if error.message.startswith(words)]
    return met[0] if met and error.name in ("OSError", "RuntimeError") else None
