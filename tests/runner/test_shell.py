"""Cells run as in IPython's own shell: the same output, the same names, the same errors at the same lines."""

from __future__ import annotations

import ast
import copy
import dataclasses
import heapq
import inspect
import json
import subprocess
import sys
import textwrap
from functools import cache
from types import ModuleType

import pytest

from autograder.runner.shell import SHOWS_NOTHING, last_statement

NOTEBOOKS: dict[str, list[str]] = {
    "a value": ["x = 1\ny = 2\nx + y", "_", "_ + 1;", "x;", "x; y", "print(x); y # shown"],
    "nothing": ["", "\n\n", "# only a comment", "   # indented", "pass", '"""text"""', "__doc__"],
    "texts in between": ['x = 1\n"""text"""\ny = 2\n"shown"'],
    "magics": ["%%prun -q\nx = 2\nx", "x = %who_ls\nx", "y = 1\n%who\ny", "%%capture kept\nprint(1)\n2"],
    "magics inside": ["if True:\n    %matplotlib inline\n    !pip install x\nx = 1\nx", "who_ls", "%nothing"],
    "commands": ["!ls", "x = !ls\nx", "files = !ls {1 + 1}", "!!ls", "%%bash\nls\n", "%pip install x"],
    "help": ["x = 1\nx?", "x??\ny = 2", "?x", "print?"],
    "prompts": [">>> x = 1\n>>> x", "In [1]: x = 2\n   ...: x", "... \nx", "x = '>>> 1'\nx", "x[...] = 3"],
    "indented": [
        "    x = 1\n    x",
        "\n\n  x = 2\n  x",
        "  x = 1\n y = 2",
        "if True:\n\tx = 1\n        x = 2",
    ],
    "blank lines": [
        "x = '''a\n   \nb'''\nx",
        "\n   \n\nx = 1\n1 / 0",
        "class A:\n    a = 1\n   \n    b = 2\nA.b",
        "x = 1\r\nx",
    ],
    "awaiting": [
        "import asyncio\nawait asyncio.sleep(0)\n1",
        "x = 1\nx = [i async for i in y]",
        "async def f(): return 3",
        "await f()",
    ],
    "not there": [
        "print(1)\nreturn 2",
        "x = 1\nbreak",
        "print(2)\nyield 3",
        "print(3)\nnonlocal x",
        "x = await",
        "*x, = 1, 2",
    ],
    "syntax errors": [
        "x = 1\ny = (",
        "def f(:",
        "x = = 1",
        "print 1",
        "'''open",
        "x = 1\0",
        "a = $",
        "1 = x",
    ],
    "errors": [
        "x = 1\nx\n\n1 / 0\nx = 2",
        "def f():\n    raise KeyError(x)",
        "x = 5\nf()",
        "raise SystemExit",
        "x = 1\nundefined",
    ],
    "the future": [
        "from __future__ import annotations\nx: Nothing = 1\nx",
        "def f(x: Nothing): ...\nf.__annotations__",
        "x = 1\nfrom __future__ import division\nx",
    ],
    "annotations": ["x: int = 3\ny: str\n__annotations__", "x: undefined = 4"],
    "every value": [
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'",
        "1\n2\nx = 3\n4",
        "InteractiveShell.ast_node_interactivity = 'last_expr_or_assign'",
        "1\nx = 2",
    ],
    "warnings": ["x = '\\d'\nprint(1)", "import warnings\nwarnings.warn('once')\nwarnings.warn('twice')"],
    "source": [
        "import inspect\ndef f():\n    # said\n    return 1\nprint(inspect.getsource(f))",
        "inspect.getsource(f)",
    ],
    "own transformers": [
        "shell = get_ipython()\ndef louder(lines):\n    return [line.replace('1', '2') for line in lines]",
        "shell.input_transformers_cleanup.append(louder)\nx = 5",
        "x = 1\nx",
        "shell.input_transformers_cleanup.remove(louder)",
        "shell.input_transformers_post.append(louder)",
        "x = 1\nx",
        "shell.input_transformers_post.clear()",
    ],
    "own tokens": [
        "from IPython.core.inputtransformer2 import TokenTransformBase\n"
        "class Twice(TokenTransformBase):\n"
        "    @classmethod\n"
        "    def find(cls, tokens):\n"
        "        found = [token for line in tokens for token in line if token.string == 'once']\n"
        "        return cls(found[0].start) if found else None\n"
        "    def transform(self, lines):\n"
        "        return [line.replace('once', 'twice') for line in lines]\n"
        "get_ipython().input_transformer_manager.token_transformers.append(Twice)\nonce = twice = 1",
        "once = 3\ntwice",
    ],
    "own trees": [
        "import ast\nclass Doubled(ast.NodeTransformer):\n    def visit_Constant(self, node):\n"
        "        return ast.copy_location(ast.Constant(node.value * 2), node)\n"
        "get_ipython().ast_transformers.append(Doubled())\nx = 1",
        "x = 1\ny = 2\nx, y",
    ],
    "run from inside": [
        "get_ipython().run_cell('x = 4\\nx')\nx = 5\nx",
        "get_ipython().run_cell('1 / 0')\nx",
    ],
    "deep": ["x = " + "(" * 300 + "1" + ")" * 300, "x = " + "+".join("1" * 200) + "\nx"],
    "a last statement": [
        "x = 1\nprint(\n    x,\n)",
        "print(x)\n(\n    x\n)",
        "x = [\n    1,\n]",
        "y = 2\nx, y = y, x",
        "y = 2\nx: int = 3",
        "x = [1]\nx[0] = 2",
        "y = 2\n*x, y",
        "y = 2\nx == y",
        "y = 2\nx, y == 2",
        "y = 2\n(x := 5)",
        "y = 2\nlambda x=1: x",
        "print(1)\nif x:\n    2\nelse:\n    3",
        "for x in range(2):\n    x",
        "def f():\n    return 1\nf()",
        "import math\n@staticmethod\ndef f():\n    return 1",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    print(4)\nfinally:\n    5",
        "x = 1\nx + \\\n  1",
        "x = 1 + \\\n2",
        "y = 1  # a comment\n# another",
        "y\n# a comment\n\n",
        "x = 3; y",
        "match x:\n    case _:\n        x\n        y",
        "match = len\nmatch('abc')",
        "matched = 4\nmatched",
        "y = 1\nprint(y)  # a comment\n# another\n    # and another\n\n",
        "y = 1\n\n\n(y,\n y)\n   \n",
        "global y\nglobal x",
        "y = 1\n'a' \\\n'b'",
        "y = 1\n-y",
    ],
    "texts of several lines": [
        "x = 1\n'''a\nb'''",
        "'''a\nx = 1'''",
        "x = 1\n'''\na\nx = 1'''",
        "y = '''a\nx = 2'''\ny",
        "y = '''a\n...\n>>> x\n'''\ny",
        "y = '''a\r\n\r\nx'''\ny",
        "y = 'a\\\n  \\\nx'\ny",
        "x = 1\n\x0cy = 2\ny",
    ],
    "mere names": [
        "exit",
        "time: int = 3",
        "who = 3",
        "who",
        "%autocall 2",
        "f = lambda: print('called')",
        "f",
        "%autocall 0",
        "f",
        "from IPython.core.autocall import IPyAutocall",
        "class Called(IPyAutocall):\n    rewrite = False\n    def __call__(self): print('called')\nname = Called()",
        "name",
        "from IPython.core.macro import Macro",
        "name = Macro('x = 7')",
        "name",
        "x",
    ],
    "what the shell says": [
        "shell = get_ipython()\nshell.displayhook(5)",
        "(_, shell.last_execution_result.result, shell.last_execution_succeeded)",
        "1 / 0",
        "x = shell.last_execution_result\nx.success, type(x.error_in_exec), x.info.raw_cell",
        "1 +",
        "x = shell.last_execution_result\nx.success, type(x.error_before_exec), x.info.raw_cell",
        "shell.execution_count, In, sorted(Out), _i",
        "import sys\nsys.excepthook == shell.excepthook, sys.displayhook == shell.displayhook",
    ],
    "callbacks": [
        "shell = get_ipython()\ndef said(*named):\n    print('said', named and named[0].success)",
        "def asked(*named):\n    print('asked', named and (named[0].raw_cell, named[0].silent))",
        "shell.events.register('post_run_cell', said)\nshell.events.register('pre_run_cell', asked)",
        "shell.events.register('post_execute', said)\nshell.events.register('pre_execute', asked)\nx = 1",
        "x",
        "1 / 0",
        "x = = 1",
        "x = 1\nreturn",
    ],
    "own steps": [
        "shell = get_ipython()\nrun_code = shell.run_code",
        "def run(code, result=None, **named):\n    print('run')\n    return run_code(code, result, **named)",
        "shell.run_code = run\nx",
        "x = 2",
        "del shell.run_code\nshell.transform_cell = lambda cell: cell.replace('2', '3')",
        "x = 2\nx",
        "del shell.transform_cell\nshell.showtraceback = lambda *_, **named: print('shown', named)",
        "1 / 0",
        "raise SystemExit",
        "shell.run_cell = lambda source, **named: type(shell).run_cell(shell, 'print(7)')",
        "x = 4",
    ],
    "own handlers": [
        "get_ipython().set_custom_exc((ValueError,), lambda *_, **__: print('handled'))",
        "print(1)\nint('x')",
        "int([])",
    ],
    "endings": [
        "raise KeyboardInterrupt",
        "import bdb\nraise bdb.BdbQuit",
        "x = 1\nraise SystemExit(3)",
        "print(2)\nexit()",
        "raise BaseException('x')",
        "class A:\n    def __repr__(self): raise ValueError\nA()",
        "def f(): f()\nf()",
    ],
    "builtins": [
        "import builtins\nsorted({'exit', 'quit', 'get_ipython', 'display'} & {*dir(builtins)})",
        "builtins._ = 5\nx = 3\nx",
        "_",
        "del builtins._\n_",
    ],
    "hooks": ["import sys\nsys.excepthook = 1\nx = 2\nx", "sys.displayhook = print\n3", "del x\nx"],
}
PROGRAM = '''
import builtins, json, linecache, re, sys
from IPython.core.interactiveshell import InteractiveShell
from autograder.runner import cells
from msgspec.structs import replace
from autograder.wire.messages import RunCell
if sys.argv[1] == "own":
    cells.Shell = InteractiveShell
theirs = []
run_cell = InteractiveShell.run_cell
InteractiveShell.run_cell = lambda shell, source, *rest, **named: (
    theirs.append(source) or run_cell(shell, source, *rest, **named)
)


def shown(value):
    """Without addresses."""
    try:
        return re.sub("0x[0-9a-f]+", "0x", repr(value))
    except ValueError:
        return "?"


def once(output):
    """Without the warnings of who tokenizes for IPython, since Python 3.12."""
    return re.sub("(?m)^<>:.*\\n", "", output)


def without_blanks(source):
    return re.sub(r"(?m)^[ \\t]+$", "", source or "")


def state(session, number):
    """What else of a cell may be noticed."""
    shell, names = session._shell, session.namespace
    last = shell.last_execution_result
    unread = last is not None and last.error_before_exec is not None
    return [
        *(shown(names.get(name)) for name in "_ __ ___ _0 _1 In Out _i _ii".split()),
        shell.execution_count,
        shell.last_execution_succeeded,
        last and [shown(last.error_before_exec), shown(last.error_in_exec), shown(last.result)],
        last and (last.info.raw_cell, without_blanks(getattr(last.info, "transformed_cell", ""))),
        shown(shell.displayhook.exec_result),
        shown(sys.displayhook),
        shown(sys.excepthook),
        sorted({"exit", "quit", "get_ipython", "display", "_"} & {*dir(builtins)}),
        [hasattr(sys, name) for name in ("last_type", "last_value", "last_traceback")],
        without_blanks("".join([] if unread else linecache.getlines(f"<cell {number}>"))),
        shell.compile.flags,
        "__warningregistry__" in names,
    ]


said = {}
for name, sources in json.load(sys.stdin).items():
    session = cells.Session()
    if sys.argv[1] == "expected":
        for source in sources:
            session.expect(source)
    said[name] = []
    for number, source in enumerate(sources, 1):
        theirs.clear()
        ran = session.run(RunCell(number, source, 10_000))
        ran = replace(ran, assigned=sorted({*ran.assigned} - {"__doc__"}), output=once(ran.output), seconds=0)
        said[name].append([bool(theirs), shown(ran), state(session, number)])
    InteractiveShell.ast_node_interactivity = "last_expr"
json.dump(said, sys.stdout)
'''


@cache
def said_by(shell: str) -> dict[str, list[list[object]]]:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, shell],
        input=json.dumps(NOTEBOOKS),
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, list[list[object]]] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("shell", ["ours", "expected"])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_cell_does_what_it_does_in_ipythons_own_shell(name: str, shell: str) -> None:
    """Ordinary Python, which takes the short way, and everything that must not; expected beforehand or not.

    Only ``__doc__`` may differ: a text that stands among statements is no docstring of theirs. A compiler's warning
    may come twice; what never ran is shown in no traceback.
    """
    for source, ours, own in zip(NOTEBOOKS[name], said_by(shell)[name], said_by("own")[name], strict=True):
        assert (source, *ours[1:]) == (source, *own[1:])


def ways(name: str) -> list[bool]:
    """Which of a notebook's cells went IPython's own way."""
    return [bool(way) for way, *_ in said_by("ours")[name]]


@pytest.mark.parametrize("name", ["a value", "texts in between", "errors", "annotations", "a last statement"])
def test_ordinary_cells_take_the_short_way(name: str) -> None:
    """Otherwise nothing is compared above."""
    assert not any(ways(name))


@pytest.mark.parametrize("name", ["magics", "commands", "help", "awaiting", "syntax errors"])
def test_whatever_only_ipython_understands_goes_its_way(name: str) -> None:
    """So does what nobody understands: IPython says why."""
    assert all(ways(name))


@pytest.mark.parametrize("module", [ast, copy, dataclasses, heapq, textwrap])
def test_the_last_statement_is_found_or_the_whole_is_taken(module: ModuleType) -> None:
    """Whatever stands before a statement of real code: both pieces together are what the whole is."""
    source = inspect.getsource(module)
    for statement in ast.parse(source).body:
        cell = "\n".join(source.split("\n")[: statement.end_lineno]) + "\n"
        begin = last_statement(cell)
        shown = isinstance(ast.parse(cell).body[-1], ast.Expr)
        try:
            above, last = ast.parse(cell[:begin]), ast.parse(cell[begin:])
        except SyntaxError:
            continue  # which the shell notices as well
        assert len(above.body) + len(last.body) == len(ast.parse(cell).body)
        assert not (shown and SHOWS_NOTHING.match(cell, begin))
