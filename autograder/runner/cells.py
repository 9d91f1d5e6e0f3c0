"""Runs a notebook's cells in one IPython shell, built before the fork and used by one submission only.

Shell commands and magics that are not there are not run but counted, ``%matplotlib`` does nothing (the backend
is Agg), tracebacks are not rendered: an error travels as its type, its message and the line of the cell it came
from. Other habits that cannot be had here are noted by :mod:`.habits`.
"""

from __future__ import annotations

import builtins
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

from autograder.runner import generators, habits
from autograder.runner.output import Output
from autograder.runner.shell import Shell
from autograder.wire.messages import MAX_OUTPUT_BYTES, CellRan, Raised, RunCell

_CELL_FILE = "<cell {}>"
_OTHER_PROGRAMS = (
    "bash sh shell script python python2 python3 pypy perl ruby".split()
)  # magics that run a cell
_AROUND_PYTHON = "capture prun time".split()  # magics whose cell is Python; what it took to run is not told
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+(?=([ \t]*)(?!%%)\S)")
_INSTALLERS = "conda mamba micromamba uv".split()
_UNREADABLE = (SyntaxError, IndentationError, TabError)
_HALF_TYPED = getattr(builtins, "_IncompleteInputError", SyntaxError)  # what the shell's are since Python 3.13
_name_of = type.__dict__["__name__"].__get__  # a metaclass may lie, or raise


class Session:
    """One shell and the names its cells define."""

    def __init__(self) -> None:
        habits.install()
        self.generators = generators.Kept()  # as the last cell left them
        self._output = Output()
        self._cell = 0
        self._source = ""
        self._skipped_commands = 0
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryAccessor.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autoindent = False
        shell: Any = Shell(config=config)
        shell.showtraceback = _nothing
        shell.showsyntaxerror = _nothing
        shell.ask_exit = _stop
        shell.db = {}  # what magics remember, else a file that no runner may write
        shell.displayhook.write_output_prompt = _nothing
        shell.display_formatter.active_types = ["text/plain"]  # nobody sees the others
        shell.system = self._skip_command
        shell.getoutput = self._skip_command
        shell.compile.get_code_name = lambda *_: _CELL_FILE.format(self._cell)
        shell.register_magic_function(_nothing, "line", "matplotlib")
        for name in _OTHER_PROGRAMS:
            shell.register_magic_function(self._skip_command, "cell", name)
        for name in (*_INSTALLERS, "edit"):
            shell.register_magic_function(self._skip_command, "line", name)
        shell.register_magic_function(_nothing, "line", "check")  # our own, for a student's own notebook
        shell.enable_gui = _nothing
        shell._tee = _untouched  # IPython 9 would keep all that is printed, for a history that nobody reads
        shell.history_manager.outputs = _Forgetful(list)
        self._run_line_magic, self._run_cell_magic = shell.run_line_magic, shell.run_cell_magic
        shell.run_line_magic, shell.run_cell_magic = self._line_magic, self._cell_magic
        warnings.filterwarnings("ignore", message="To exit: use 'exit'")  # advice for a terminal
        self._shell = shell

    @property
    def namespace(self) -> dict[str, object]:
        names: dict[str, object] = self._shell.user_ns
        return names

    def keep_builtins(self) -> None:
        """Leave IPython's names among Python's builtins for good, as for a process that does nothing else.

        Whenever these change, all that the interpreter knows about where a builtin is found has to be found anew: in
        a fork that is also a page to copy for every function that runs. 1 ms a submission.
        """
        self._shell.builtin_trap.__enter__()

    def expect(self, source: str) -> None:
        """This cell will be run in forks of this process: whatever of it can be done beforehand is done now."""
        self._shell.expect(_with_its_lines(source))

    def run(self, request: RunCell) -> CellRan:
        """Run one cell to its end or its first error."""
        self._cell, self._source, self._skipped_commands = request.cell, request.source, 0
        habits.forget()
        before, began = dict(self.namespace), monotonic()
        self._output.begin(min(request.output_bytes, MAX_OUTPUT_BYTES))
        try:
            error = self._error_of(request.source)
        finally:
            printed = self._output.end()
        return CellRan(
            output=printed.text,
            truncated=printed.truncated,
            skipped_commands=self._skipped_commands,
            assigned=_changed(before, self.namespace),
            error=None if error is None else raised(error),
            habits=habits.noted(),
            seconds=monotonic() - began,
        )

    def _error_of(self, source: str) -> BaseException | None:
        try:
            result = self._shell.run_cell(_with_its_lines(source), store_history=False)
        except BaseException as error:  # noqa: BLE001 - an interrupt, or a patched shell
            return error
        failure = self._failure(result)
        return failure if isinstance(failure, BaseException) else None

    def _failure(self, result: Any) -> Any:
        """What ended the cell. Whoever tokenizes it for IPython does not know its name."""
        unread = result.error_before_exec
        if type(unread) in _UNREADABLE:
            unread.filename = _CELL_FILE.format(self._cell)
        return unread or result.error_in_exec

    def _line_magic(self, name: str, line: str, _stack_depth: int = 1) -> object:
        """A magic, or nothing if it belongs to an extension that is not here: ``%tensorboard``."""
        try:
            return self._run_line_magic(name, line, _stack_depth + 1)
        except UsageError:
            if self._shell.find_line_magic(name) is not None:
                raise
        except ModuleNotFoundError:
            if name != "load_ext":
                raise
        return self._skip_command()

    def _cell_magic(self, name: str, line: str, cell: str) -> object:
        """Likewise for a whole cell: ``%%bigquery``. Errors below ``%%time`` and its like are the cell's own."""
        if self._shell.find_cell_magic(name) is None and self._shell.find_line_magic(name) is None:
            return self._skip_command()
        if name not in _AROUND_PYTHON:
            return self._run_cell_magic(name, line, cell)
        above = self._source[: self._source.find("%%")].count("\n") + 1
        below = _with_its_lines("\n" * above + cell)
        if name != "capture":
            self._run_or_raise(below)
            return None
        self._shell.run_cell = self._run_or_raise  # which would keep the error to itself
        try:
            return self._run_cell_magic(name, line, below)
        finally:
            del self._shell.run_cell

    def _run_or_raise(self, source: str) -> None:
        result: Any = InteractiveShell.run_cell(self._shell, source, store_history=False)  # type: ignore[no-untyped-call]
        if failure := self._failure(result):
            raise failure

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
    ready.keep_builtins()
    for source in ("%matplotlib inline\n!true", "x = 1\nprint(x)\nx", "1/0", "def"):
        ready.run(RunCell(cell=0, source=source, output_bytes=1_000))
    ready.namespace.pop("x", None)


def raised(error: BaseException) -> Raised:
    """The error as data: its type's name, its message, and the line of the cell it points at."""
    kind = type(error)
    name = text_of(_name_of(SyntaxError if kind is _HALF_TYPED else kind), 200)
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


def _with_its_lines(source: str) -> str:
    """``source`` with a comment for its first line if it is blank: IPython drops blank lines and counts anew."""
    blank = _BLANK_LINES.match(source)
    return source if blank is None else blank[1] + "#" + "\n" * blank[0].count("\n") + source[blank.end() :]


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


class _Forgetful(defaultdict[int, list[object]]):
    """Takes whatever is put under a key, and keeps nothing."""

    def __missing__(self, _: int) -> list[object]:
        return []


@contextmanager
def _untouched(**_: object) -> Iterator[None]:
    yield


def _nothing(*_: object, **__: object) -> None:
    return None


def _stop() -> None:
    """``quit()`` and ``exit()`` end the cell as ``sys.exit()`` does: an error of its own, and the next cell runs."""
    raise SystemExit("the notebook asked to end")


_session: Session | None = None
