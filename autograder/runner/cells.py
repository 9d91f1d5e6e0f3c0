"""Runs a notebook's cells in one IPython shell, built before the fork and used by one submission only.

Shell commands are not run but counted, ``%matplotlib`` does nothing (the backend is Agg), tracebacks are
not rendered: an error travels as its type, its message and the line of the cell it came from.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

from autograder.wire.messages import MAX_OUTPUT_BYTES, CellRan, Raised, RunCell

_CELL_FILE = "<cell {}>"
_name_of = type.__dict__["__name__"].__get__  # a metaclass may lie, or raise


class Session:
    """One shell and the names its cells define."""

    def __init__(self) -> None:
        self._cell = 0
        self._skipped_commands = 0
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryAccessor.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autoindent = False
        shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
        shell.showtraceback = _nothing
        shell.showsyntaxerror = _nothing
        shell.ask_exit = _stop
        shell.db = {}  # what magics remember, else a file that no runner may write
        shell.displayhook.write_output_prompt = _nothing
        shell.system = self._skip_command
        shell.getoutput = self._skip_command
        shell.compile.get_code_name = lambda *_: _CELL_FILE.format(self._cell)
        shell.register_magic_function(_nothing, "line", "matplotlib")
        for name in ("bash", "sh", "shell", "script"):
            shell.register_magic_function(self._skip_command, "cell", name)
        warnings.filterwarnings("ignore", message="To exit: use 'exit'")  # advice for a terminal
        self._shell = shell

    @property
    def namespace(self) -> dict[str, object]:
        names: dict[str, object] = self._shell.user_ns
        return names

    def run(self, request: RunCell) -> CellRan:
        """Run one cell to its end or its first error."""
        self._cell, self._skipped_commands = request.cell, 0
        before = dict(self.namespace)
        with _captured(min(request.output_bytes, MAX_OUTPUT_BYTES)) as output:
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
        failure = result.error_before_exec or result.error_in_exec
        return failure if isinstance(failure, BaseException) else None

    def _skip_command(self, *_: object, **__: object) -> SList:
        self._skipped_commands += 1
        return SList()


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
    name = text_of(_name_of(type(error)), 200)
    try:
        cell, line = _place(error)
        message = text_of(error.msg if isinstance(error, SyntaxError) else error, 2_000)
    except BaseException:  # noqa: BLE001 - properties of a student's exception, or an interrupt in one of them
        return Raised(name=name, message="?")
    return Raised(name=name, message=message, cell=_count(cell), line=_count(line))


def text_of(value: object, limit: int) -> str:
    """``str(value)`` cut to ``limit`` characters, without lone surrogates; hostile ``__str__`` is survived."""
    try:
        text = str.__str__(value) if type(value) is str else str(value)
        return str.__str__(text)[:limit].encode("utf-8", "replace").decode("utf-8")
    except BaseException:  # noqa: BLE001 - a student's __str__ raises anything, or never ends and is interrupted
        return "?"


def _changed(before: dict[str, object], after: dict[str, object]) -> tuple[str, ...]:
    missing = object()
    changed = (name for name, value in after.items() if before.get(name, missing) is not value)
    return tuple(
        name for name in changed if isinstance(name, str) and name.isidentifier() and len(name) <= 200
    )[:2_000]


def _place(error: BaseException) -> tuple[object, object]:
    if isinstance(error, SyntaxError) and (cell := _cell_number(error.filename)):
        return cell, error.lineno
    place: tuple[object, object] = (0, 0)
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if cell := _cell_number(step.tb_frame.f_code.co_filename):
            place = (cell, step.tb_lineno)
        step = step.tb_next
    return place


def _cell_number(file: object) -> int:
    if type(file) is str and len(file) < 20 and file.startswith("<cell ") and file[6:-1].isdecimal():
        return int(file[6:-1])
    return 0


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value <= 1 << 31 else 0


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
        """What was kept; bytes that are no UTF-8 become longer, so it is cut once more."""
        text = self._kept.decode("utf-8", "replace")
        return text.encode()[: self._limit_bytes].decode("utf-8", "ignore")


@contextmanager
def _captured(limit_bytes: int) -> Iterator[_Output]:
    output = _Output(limit_bytes)
    kept: Any = output  # all of it that TextIOWrapper uses is there
    stream = io.TextIOWrapper(kept, encoding="utf-8", errors="replace", write_through=True)
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    try:
        yield output
    finally:
        sys.stdout, sys.stderr = before


def _nothing(*_: object, **__: object) -> None:
    return None


def _stop() -> None:
    """``quit()`` and ``exit()`` end the cell as ``sys.exit()`` does: an error of its own, and the next cell runs."""
    raise SystemExit("the notebook asked to end")


_session: Session | None = None
