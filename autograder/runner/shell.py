"""IPython's shell, spared what an ordinary cell does not need.

IPython looks for ``%magic``, ``!command`` and ``help?`` by tokenizing a cell in Python, compiles it whole to see
whether it awaits something, parses it again, and compiles every statement by itself. A cell that is Python as it stands
holds none of the former, is parsed once, and is compiled in two pieces: its last expression, which is shown, and all
before it. Whatever is not as ordinary as that goes IPython's own way, with the same outcome. What differs: a compiler's
warning is printed once, not also for the first of those three times; and a text among statements is not ``__doc__``.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.inputtransformer2 import TransformerManager, classic_prompt
from IPython.core.interactiveshell import InteractiveShell

_PROMPTS = (">>>", "...")


class Compiler(CachingCompiler):
    """IPython's compiler, which remembers what was parsed last."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # IPython is untyped
        self._parsed: tuple[str, int, ast.AST] | None = None

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        known, self._parsed = self._parsed, None
        if known is not None and known[:2] == (source, self.flags):
            return known[2]
        return super().ast_parse(source, filename, symbol)

    def is_python(self, source: str) -> bool:
        """Whether it can be parsed; the tree is kept for the :meth:`ast_parse` that follows."""
        try:
            tree = super().ast_parse(source, self.get_code_name(source, source, 0))
        except Exception:  # noqa: BLE001 - sources raise anything, RecursionError and MemoryError too
            return False
        self._parsed = source, self.flags, tree
        return True


class _Transformers(TransformerManager):
    """IPython's transformers of a cell's text, asked only where there is something to transform."""

    def __init__(self, compiler: Compiler) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._compiler = compiler
        self._usual = list(self.token_transformers)
        self.cleanup_transforms = [
            _without_prompts if one is classic_prompt else one for one in self.cleanup_transforms
        ]

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """What these look for is no Python. A notebook's own transformers may look for anything."""
        if self.token_transformers == self._usual and self._compiler.is_python("".join(lines)):
            return lines
        return super().do_token_transforms(lines)  # type: ignore[no-any-return, no-untyped-call]


def _without_prompts(lines: list[str]) -> list[str]:
    """Looks at every line by several patterns, for prompts that hardly any notebook has."""
    if any(prompt in line for line in lines for prompt in _PROMPTS):
        return classic_prompt(lines)  # type: ignore[no-any-return]
    return lines


class Shell(InteractiveShell):
    """The shell in which a notebook's cells run."""

    def init_instance_attrs(self) -> None:
        super().init_instance_attrs()  # type: ignore[no-untyped-call]
        self.compile = Compiler()
        self.input_transformer_manager = _Transformers(self.compile)

    def should_run_async(self, raw_cell: str, **named: Any) -> bool:
        """Nothing awaits without one of two words."""
        if "await" not in raw_cell and "async" not in raw_cell:
            return False
        return super().should_run_async(raw_cell, **named)

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool | None:
        """True if an exception occurred."""
        if interactivity == "last_expr" and nodelist:
            shown = 1 if isinstance(nodelist[-1], ast.Expr) else 0
            together, rest = nodelist[: len(nodelist) - shown], nodelist[len(nodelist) - shown :]
            code = _compiled(together, cell_name, compiler) if len(together) > 1 else None
            if code is not None:
                if await self.run_code(code, result):  # type: ignore[no-untyped-call]
                    return True
                nodelist = rest
        return await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result)  # type: ignore[no-any-return]


def _compiled(nodes: Sequence[ast.stmt], cell_name: str, compiler: Any) -> Any:
    """All of them in one piece; None where that cannot be, as with an ``await`` or a ``return`` among them.

    Then those before it are to run all the same.
    """
    try:
        return compiler(ast.Module(list(nodes), []), cell_name, "exec")
    except Exception:  # noqa: BLE001 - as above
        return None
