"""Every exception this package raises on purpose.

GraderError                  ours or the course's: the run says why and exits 2
├── ConfigError              grader.toml or assignment.toml: file, key, problem, remedy
├── AssignmentError          an assignment's notebook or checks contradict each other
├── SubmissionPathError      a PATH on the command line that holds nothing to grade
├── OutputBusy               another run is writing to the same --out
└── SandboxError             the sandbox could not be built or broke
    └── IsolationMissing     a layer that the course requires does not work here
UnreadableNotebook           the student's: a file that is no notebook (never exits 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class GraderError(Exception):
    """Something the instructor or this package must mend; never a student's fault."""


class ConfigError(GraderError):
    """A setting that cannot be accepted.

    ``str(error)`` is one line: ``FILE: KEY: PROBLEM. REMEDY``.
    """

    def __init__(self, path: Path | str, key: str, problem: str, remedy: str) -> None:
        self.path, self.key, self.problem, self.remedy = str(path), key, problem, remedy
        super().__init__(f"{self.path}: {key}: {problem}. {remedy}")


class AssignmentError(GraderError):
    """An assignment that contradicts itself; the text names file, question and remedy."""


class SubmissionPathError(GraderError):
    """A path that was asked for and holds nothing to grade."""


class OutputBusy(GraderError):
    """Another run is writing where this one was to write."""


class SandboxError(GraderError):
    """The sandbox could not be built, or broke through no fault of a submission."""


class IsolationMissing(SandboxError):
    """A required layer does not work on this machine.

    ``missing`` maps each missing layer's name to the reason.
    """

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = dict(missing)
        reasons = "; ".join(f"{layer}: {reason}" for layer, reason in self.missing.items())
        super().__init__(f"required isolation is missing ({reasons}). `grader doctor` says how to get it")


class UnreadableNotebook(Exception):
    """A submitted file that cannot be read as a notebook.

    ``code`` is a message of the catalogue, ``facts`` its placeholders.
    """

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code, self.facts = code, facts
        super().__init__(f"{code} {facts}" if facts else code)
