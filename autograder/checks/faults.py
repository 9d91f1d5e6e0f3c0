"""What an author reads of an exception that a check raised and no student can have caused.

The first line is all that a summary shows: the check, the line of its file that did it, what was raised, the remedy.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from autograder.errors import GraderError

MAX_CHARACTERS = 8_000
MAX_MESSAGE_CHARACTERS = 500

_REMEDIES = {  # what stands in the message → what was meant
    "TensorProxy": "Its numbers are in its `value`, a plain tensor",
    "LiteralProxy": "What was written down is its `value`",
    "ModuleProxy": "A student's model is not here: hand it to an assertion",
    "OptimizerProxy": "A student's optimizer is not here: hand it to an assertion",
}


def told(check: str, file: Path, line: int, error: BaseException) -> str:
    """The fault of the check with this id, which begins at ``line`` of ``file``: a headline, then the traceback."""
    own = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file
    ]
    traced = "".join(traceback.format_exception(error))[-MAX_CHARACTERS:]
    return f"{check}: {file}:{own[-1] if own else line}: {headline(error)}\n{traced}"


def headline(error: BaseException) -> str:
    """What was raised, on one line, as sentences."""
    if isinstance(error, pytest.FixtureLookupError):
        return f"no fixture is named {error.argname!r}. A check's argument is `answer`, or a fixture of yours."
    message = " ".join(str(error).split())[:MAX_MESSAGE_CHARACTERS].rstrip(".")
    said = [message] if isinstance(error, GraderError) else [type(error).__name__, *filter(None, [message])]
    remedies = [remedy for name, remedy in _REMEDIES.items() if name in message]
    return f"{'. '.join([': '.join(said), *remedies])}."
