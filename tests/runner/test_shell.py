"""Cells run as in IPython's own shell: the same output, the same names, the same errors at the same lines."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

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
    "hooks": ["import sys\nsys.excepthook = 1\nx = 2\nx", "sys.displayhook = print\n3", "del x\nx"],
}
PROGRAM = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from autograder.runner import cells
from msgspec.structs import replace
from autograder.wire.messages import RunCell
if sys.argv[1] == "own":
    cells.Shell = InteractiveShell
said = {}
for name, sources in json.load(sys.stdin).items():
    session = cells.Session()
    ran = [session.run(RunCell(number, source, 10_000)) for number, source in enumerate(sources, 1)]
    said[name] = [repr(replace(one, assigned=sorted({*one.assigned} - {"__doc__"}))) for one in ran]
    InteractiveShell.ast_node_interactivity = "last_expr"
json.dump(said, sys.stdout)
"""


@cache
def said_by(shell: str) -> dict[str, list[str]]:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, shell],
        input=json.dumps(NOTEBOOKS),
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, list[str]] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_cell_does_what_it_does_in_ipythons_own_shell(name: str) -> None:
    """Ordinary Python, which takes the short way, and everything that must not.

    Only ``__doc__`` may differ: a text that stands among statements is no docstring of theirs.
    """
    assert said_by("ours")[name] == said_by("own")[name]
