"""Runs a notebook's cells in one IPython shell, built before the fork and used by one submission only.

Shell commands are not run but counted, ``%matplotlib`` does nothing (the backend is Agg), tracebacks are
not rendered: an error travels as its type, its message and the line of the cell it came from.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.wire.messages import CellRan, Raised, RunCell

_CELL_FILE = "<cell {}>"


class Session:
    """One shell and the names its cells define."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryAccessor.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autoindent = False
        shell: Any = InteractiveShell(config=config)
        shell.showtraceback = _nothing
        shell.showsyntaxerror = _nothing
        shell.ask_exit = _nothing
        shell.displayhook.write_output_prompt = _nothing
        shell.system = self._skip_command
        shell.getoutput = self._skip_command
        shell.compile.get_code_name = lambda *_: _CELL_FILE.format(self._cell)
        shell.register_magic_function(_nothing, "line", "matplotlib")
        self._shell = shell
        self._cell = 0
        self._skipped_commands = 0

    @property
    def namespace(self) -> dict[str, object]:
        names: dict[str, object] = self._shell.user_ns
        return names

    def run(self, request: RunCell) -> CellRan:
        """Run one cell to its end or its first error."""
        self._cell, self._skipped_commands = request.cell, 0
        before = dict(self.namespace)
        with _captured(request.output_bytes) as output:
            error = self._error_of(request.source)
        return CellRan(
            output=output.text(),
            truncated=output.truncated,
            skipped_commands=self._skipped_commands,
            assigned=_changed(before, self.namespace),
            error=None if error is None else raised(error),
        )

    def _error_of(self, source: str) -> BaseException | None:
        try:
            result = self._shell.run_cell(source, store_history=False)
        except BaseException as error:  # noqa: BLE001 - an interrupt, or a patched shell
            return error
        error = result.error_before_exec or result.error_in_exec
        return error if isinstance(error, BaseException) else None

    def _skip_command(self, *_: object, **__: object) -> list[str]:
        self._skipped_commands += 1
        return []


def session() -> Session:
    """The shell that was built before the fork."""
    global _session
    if _session is None:
        _session = Session()
    return _session


def warm() -> None:
    """Build the shell and run a cell of each common kind once."""
    ready = session()
    for source in ("%matplotlib inline\n!true", "x = 1\nprint(x)\nx", "1/0", "def"):
        ready.run(RunCell(cell=0, source=source, output_bytes=1_000))
    ready.namespace.pop("x", None)


def raised(error: BaseException) -> Raised:
    """The error as data: its type's name, its message, and the line of the cell it points at."""
    cell, line = _place(error)
    return Raised(name=text_of(type(error).__name__, 200), message=_message(error), cell=cell, line=line)


def text_of(value: object, limit: int) -> str:
    """``str(value)`` cut to ``limit`` characters, without lone surrogates; hostile ``__str__`` is survived."""
    try:
        text = str.__str__(value) if type(value) is str else str(value)
        return text[:limit].encode("utf-8", "replace").decode("utf-8")
    except Exception:  # noqa: BLE001 - a student's __str__ raises anything
        return "?"


def _changed(before: dict[str, object], after: dict[str, object]) -> tuple[str, ...]:
    missing = object()
    changed = (name for name, value in after.items() if before.get(name, missing) is not value)
    return tuple(name for name in changed if isinstance(name, str) and name.isidentifier() and len(name) <= 200)[:2_000]


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and isinstance(error.msg, str):
        return text_of(error.msg, 2_000)
    return text_of(error, 2_000)


def _place(error: BaseException) -> tuple[int, int]:
    if isinstance(error, SyntaxError) and (cell := _cell_number(error.filename)):
        return cell, error.lineno or 0
    place = (0, 0)
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if cell := _cell_number(step.tb_frame.f_code.co_filename):
            place = (cell, step.tb_lineno)
        step = step.tb_next
    return place


def _cell_number(file: object) -> int:
    if isinstance(file, str) and file.startswith("<cell ") and file[6:-1].isdecimal():
        return int(file[6:-1])
    return 0


class _Output(io.RawIOBase):
    """Keeps the first bytes written and counts the rest."""

    def __init__(self, limit_bytes: int) -> None:
        self._kept = bytearray()
        self._limit_bytes = limit_bytes
        self.truncated = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        room = self._limit_bytes - len(self._kept)
        self._kept += bytes(data)[: max(room, 0)]
        self.truncated = self.truncated or len(data) > room
        return len(data)

    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")


@contextmanager
def _captured(limit_bytes: int) -> Iterator[_Output]:
    output = _Output(limit_bytes)
    stream = io.TextIOWrapper(output, encoding="utf-8", errors="replace", write_through=True)
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    try:
        yield output
    finally:
        sys.stdout, sys.stderr = before


def _nothing(*_: object, **__: object) -> None:
    return None


_session: Session | None = None
