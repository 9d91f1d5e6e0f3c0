"""IPython's shell, spared what an ordinary cell does not need.

IPython looks for ``%magic``, ``!command`` and ``help?`` by tokenizing a cell in Python, compiles it whole to see
whether it awaits something, parses it again, and compiles every statement by itself, all of it in a coroutine. A cell
that is Python as it stands is parsed once, and compiled in two pieces: its last expression, which is shown, and all
before it. These run by IPython's own ``run_code``, with its traps, callbacks and results. Whatever is not as ordinary
as that goes IPython's own way, with the same outcome. What differs: a compiler's warning is printed once, not also for
the first of those three times; a text among statements is not ``__doc__``; and a line of blanks keeps them, where
:mod:`inspect` shows it.
"""

from __future__ import annotations

import ast
import re
import warnings
from contextlib import suppress
from types import CodeType
from typing import Any, NamedTuple

from IPython.core import interactiveshell
from IPython.core.autocall import IPyAutocall
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.macro import Macro

_untyped: Any = interactiveshell
_PROMPTS = (">>>", "...", "In [")
_PROMPTED = re.compile(r"^[ \t]*(?:>>>|\.\.\.|In \[)", re.MULTILINE)  # whatever may be one
_LONG_TEXTS = ("'''", '"""', "\\\n")  # what one of several lines needs
_BLANK_LINE = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_FIRST_WORD = re.compile(r"[\w.*]*")  # of a line, as IPython takes it
_LAST_STATEMENT = re.compile(r"(?:.*\n)?(?=[^\s#)\]}])", re.DOTALL)  # at a line's beginning, and no bracket's end
SHOWS_NOTHING = re.compile(  # a statement that is no expression
    r"""
    (?: import | from | def | class | if | for | while | with | try | del | raise | assert | pass ) \b
    | [\w.]+ [ ]* (?: , [ ]* [\w.]+ [ ]* )* = (?!=)
    """,
    re.VERBOSE,
)
_STEPS = "transform_cell transform_ast should_run_async run_cell_async run_ast_nodes".split()  # left out


_NAMELESS = "<cell>"


class _Compiled(NamedTuple):
    """A cell's pieces, and what the compiler had been told of the future."""

    flags: int
    pieces: list[CodeType]


class _DisplayHook(DisplayHook):
    exec_result: Any = None  # no trait, like the two below: they are set for every cell, and nobody listens


class Shell(InteractiveShell):
    """The shell in which a notebook's cells run."""

    displayhook_class = _DisplayHook
    last_execution_succeeded: Any = True
    last_execution_result: Any = None

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)  # type: ignore[no-untyped-call]  # IPython is untyped
        self._usual = [list(one) for one in self._transformers()]
        self._expected: dict[str, _Compiled] = {}

    def expect(self, source: str) -> None:
        """Compile a cell that will be run, if it is ordinary; what warns is left to whoever runs it."""
        if self._is_ordinary(source):
            with warnings.catch_warnings(), suppress(Exception):
                warnings.simplefilter("error")
                pieces = self._pieces(_ended(source), _NAMELESS, last_statement(source))
                self._expected[source] = _Compiled(self.compile.flags, pieces)

    def run_cell(
        self,
        raw_cell: Any,
        store_history: bool = False,
        silent: bool = False,
        shell_futures: bool = True,
        *rest: Any,
        **named: Any,
    ) -> Any:
        """An ``ExecutionResult``."""
        unusual = store_history or silent or rest or named or not shell_futures
        if not unusual and self._is_ordinary(raw_cell):
            cell = _ended(raw_cell)
            if (pieces := self._compiled(cell, raw_cell)) is not None:
                return self._run(cell, raw_cell, pieces)
        theirs: Any = super().run_cell
        return theirs(raw_cell, store_history, silent, shell_futures, *rest, **named)

    def _run(self, cell: str, raw_cell: str, pieces: list[CodeType]) -> Any:
        info: Any = _untyped.ExecutionInfo(raw_cell, False, False, True, None)
        if hasattr(info, "transformed_cell"):  # since IPython 9
            info.transformed_cell = cell
        result: Any = _untyped.ExecutionResult(info)
        result.execution_count = self.execution_count
        try:
            self.events.trigger("pre_execute")
            self.events.trigger("pre_run_cell", info)
            self.logger.log(cell, raw_cell)
            with self.builtin_trap, self.display_trap:
                self.displayhook.exec_result = result
                failed = any(self._fails(piece, result) for piece in pieces)
                self.last_execution_succeeded = not failed
                self.last_execution_result = result
                self.displayhook.exec_result = None
        finally:
            self.events.trigger("post_execute")
            self.events.trigger("post_run_cell", result)
        return result

    def _fails(self, piece: CodeType, result: Any) -> bool:
        """Run it; IPython does so in a coroutine, which comes to its end at once."""
        try:
            self.run_code(piece, result).send(None)  # type: ignore[no-untyped-call]
        except StopIteration as end:
            return bool(end.value)
        raise RuntimeError("run_code waits for something")

    def _compiled(self, cell: str, raw_cell: str) -> list[CodeType] | None:
        """The pieces; None where that cannot be, as with a ``return`` somewhere.

        Then what stands above it is to run all the same.
        """
        name = self.compile.cache(cell, self.execution_count, raw_code=raw_cell)
        if (known := self._expected.get(raw_cell)) and known.flags == self.compile.flags:
            return [_named(name, piece) for piece in known.pieces]
        for begin in (last_statement(cell), None):
            try:
                return self._pieces(cell, name, begin)
            except Exception:  # noqa: BLE001 - sources raise anything, RecursionError and MemoryError too
                continue
        return None

    def _pieces(self, cell: str, name: str, begin: int | None) -> list[CodeType]:
        """``begin``: where the last statement seems to begin; it does if what stands above it is whole.

        A tree is only made where it has to be found out what the last statement is: it takes longer than everything
        else. Compiled as if it had been typed at a prompt, an expression is shown, and any other simple statement is
        what it is; of a compound one all expressions in it would be shown.
        """
        compiler: Any = self.compile
        above, last = cell[: begin or 0], "\n" * cell.count("\n", 0, begin or 0) + cell[begin or 0 :]
        pieces = [compiler(above, name, "exec")] if above else []
        if begin is not None and ";" not in last and not cell.startswith("match", begin):
            return [*pieces, compiler(last, name, "exec" if SHOWS_NOTHING.match(cell, begin) else "single")]
        statements = compiler.ast_parse(last, name).body
        shown = statements.pop() if statements and isinstance(statements[-1], ast.Expr) else None
        if statements:
            pieces.append(compiler(ast.Module(statements, []), name, "exec"))
        if shown is not None:
            pieces.append(compiler(ast.Interactive([shown]), name, "single"))
        return pieces

    def _is_ordinary(self, source: object) -> bool:
        """Whether IPython would take it as it is, provided that it is Python."""
        if type(source) is not str or not (source in self._expected or _is_plain(source)):
            return False
        return self._is_as_it_was() and ("\n" in source[:-1] or self._is_left_alone(source))

    def _is_as_it_was(self) -> bool:
        """Whether nothing that is left out was replaced."""
        return (
            self.ast_node_interactivity == "last_expr"
            and not self.ast_transformers
            and not self.input_transformers_post
            and self._transformers() == self._usual
            and not any(step in self.__dict__ for step in _STEPS)
        )

    def _transformers(self) -> list[Any]:
        of_text: Any = self.input_transformer_manager
        of_lines: Any = self.prefilter_manager
        return [
            of_text.cleanup_transforms,
            of_text.line_transforms,
            of_text.token_transformers,
            of_lines.transformers,
            of_lines.checkers,
        ]

    def _is_left_alone(self, line: str) -> bool:
        """Whether a cell's only line is no magic without its ``%``, and nothing that is called by its mere name."""
        word = _FIRST_WORD.match(line)[0]  # type: ignore[index]  # it always matches
        called = isinstance(self.user_ns.get(word), Macro | IPyAutocall)
        return not (called or self.autocall or self.find_magic(word))  # type: ignore[no-untyped-call]


def _is_plain(source: str) -> bool:
    """Whether nothing in the text is for IPython."""
    if not source or source[0].isspace():
        return False
    if "await" in source or "async" in source:
        return False
    if any(prompt in source for prompt in _PROMPTS) and _PROMPTED.search(source):
        return False  # IPython takes them out
    if any(quotes in source for quotes in _LONG_TEXTS) and _BLANK_LINE.search(source):
        return False  # whose blanks it takes out
    return len(source.splitlines()) == source.count("\n") + (source[-1] != "\n")  # else it sees more than Python does


def _ended(source: str) -> str:
    return source if source.endswith("\n") else source + "\n"


def _named(name: str, code: CodeType) -> CodeType:
    """The same code in a file of this name."""
    parts = tuple(_named(name, part) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=name, co_consts=parts)


def last_statement(cell: str) -> int:
    """Where the last line begins that may be a statement's first."""
    found = _LAST_STATEMENT.match(cell)
    return found.end() if found else 0
