"""Cells: what is printed, what is assigned, what is skipped, and how errors travel. Everything runs confined."""

from __future__ import annotations

import pytest

from autograder.wire.messages import MAX_OUTPUT_BYTES, CellRan, Raised, RunCell
from tests.confined import Confined


def only(confined: Confined, source: str, **options: int) -> CellRan:
    reply = confined.run(source, **options).replies[0]
    assert isinstance(reply, CellRan)
    return reply


def error(confined: Confined, source: str) -> Raised:
    raised = only(confined, source).error
    assert raised is not None
    return raised


def test_output_of_all_kinds_is_kept_in_order(confined: Confined) -> None:
    """print, stderr, logging, warnings, display and the last expression's value, as Jupyter would show them."""
    ran = only(
        confined,
        """
        import logging, sys, warnings
        class Shown:
            def __repr__(self): return "shown"
            def _repr_html_(self): return "<b>"
        print("one")
        sys.stderr.write("two\\r")
        logging.warning("three")
        warnings.warn("four")
        display(Shown())
        Shown()
        """,
    )
    assert ran.error is None
    places = [ran.output.find(word) for word in ("one", "two\r", "three", "four", "shown")]
    assert places == sorted(places)
    assert -1 not in places
    assert ran.output.endswith("shown\nshown\n")


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 10_000_000)",
        "import sys\nsys.stdout.buffer.write(b'\\xff' * 10**6)",
        "print('한' * 10**6)",
    ],
)
def test_output_is_capped_in_bytes(confined: Confined, source: str) -> None:
    """Megabytes, bytes that are no UTF-8 and wide letters all stay within the limit, and the cell is no failure."""
    ran = only(confined, source, output_bytes=1_000)
    assert ran.truncated
    assert ran.error is None
    assert 900 <= len(ran.output.encode()) <= 1_000


def test_what_is_printed_takes_no_memory(confined: Confined) -> None:
    """More is printed than the process may hold: only what is within the limit of output is kept anywhere."""
    ran = only(confined, "for _ in range(60):\n    print('x' * 10_000_000)", output_bytes=1_000)
    assert ran.truncated
    assert ran.error is None


def test_what_a_cell_keeps_of_the_stream_prints_in_later_ones(confined: Confined) -> None:
    """A handler of logging, set up once at a notebook's top, is heard in every cell; each has its own output."""
    setup = "import logging, sys\nlogging.basicConfig(stream=sys.stdout, format='%(message)s')\nlogging.warning('a')"
    replies = confined.run(setup, "logging.warning('b')", "logging.warning('c')").replies
    assert [reply.output for reply in replies if isinstance(reply, CellRan)] == ["a\n", "b\n", "c\n"]


def test_what_the_stream_holds_back_is_its_cells(confined: Confined) -> None:
    """A cell that has the stream write later is given what it printed all the same."""
    replies = confined.run("import sys\nsys.stdout.reconfigure(write_through=False)\nprint('a')", "print('b')").replies
    assert [reply.output for reply in replies if isinstance(reply, CellRan)] == ["a\n", "b\n"]


def test_no_limit_lifts_the_wires_own(confined: Confined) -> None:
    """A limit beyond what one frame holds is lowered to that."""
    ran = only(confined, "import sys\nsys.stdout.buffer.write(b'\\xff' * 10**7)", output_bytes=1 << 30)
    assert len(ran.output.encode()) <= MAX_OUTPUT_BYTES


def test_a_cells_time_is_its_own(confined: Confined) -> None:
    """Whatever else is on its way, and whatever a cell makes of the clock."""
    source = "import time\nsleep, time.monotonic = time.sleep, None\nsleep(0.2)"
    assert 0.2 <= only(confined, source).seconds < 2


def test_assigned_names_are_those_that_stand_for_something_else(confined: Confined) -> None:
    """Bound, rebound and imported names count; untouched ones do not."""
    replies = confined.run("import torch\nx = y = 1", "y = 2\nz = x\ndel x").replies
    names = [set(reply.assigned) for reply in replies if isinstance(reply, CellRan)]
    assert {"torch", "x", "y"} <= names[0]
    assert {"y", "z"} <= names[1]
    assert not {"torch", "x"} & names[1]


@pytest.mark.parametrize(
    ("source", "skipped"),
    [
        ("!pip install x", 1),
        ("%pip install x", 1),
        ("files = !ls\nfiles.n", 1),
        ("!ls\n!ls | grep a\nx = 1", 2),
        ("%%bash\nls", 1),
        ("%%sh\nls", 1),
        ("%matplotlib inline", 0),
    ],
)
def test_shell_commands_are_counted_and_not_run(confined: Confined, source: str, skipped: int) -> None:
    """The cell goes on as if they had printed nothing."""
    ran = only(confined, source)
    assert ran.error is None
    assert ran.skipped_commands == skipped


@pytest.mark.parametrize("source", ["quit()", "exit()", "import sys\nsys.exit(3)", "raise SystemExit"])
def test_leaving_ends_the_cell_and_not_the_process(confined: Confined, source: str) -> None:
    """What follows in the cell does not run, the next cell does, and nobody is told about Ctrl-D."""
    ended = confined.run(f"{source}\nprint('after')", "print('next')")
    assert ended.errors == ["SystemExit", ""]
    assert ended.output == "next\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("breakpoint()", "BdbQuit"),
        ("import subprocess\nsubprocess.run(['ls'])", "OSError"),
        ("import multiprocessing\nmultiprocessing.Pool(2)", "OSError"),
        ("import urllib.request\nurllib.request.urlopen('http://pytorch.org')", "URLError"),
    ],
)
def test_what_is_not_there_is_an_error_at_once(confined: Confined, source: str, name: str) -> None:
    """Waiting in a debugger, other processes and the network do not hang, and the next cell runs."""
    assert confined.run(source, "1").errors == [name, ""]


@pytest.mark.parametrize(
    "source",
    [
        "%%time\nx = 1",
        "%timeit -n1 -r1 1",
        "await __import__('asyncio').sleep(0)",
        "%cd .",
        "%load_ext autoreload",
        "print?",
    ],
)
def test_everyday_magic_works(confined: Confined, source: str) -> None:
    """None of these is an error."""
    assert only(confined, source).error is None


def test_a_written_module_can_be_imported(confined: Confined) -> None:
    """As in Jupyter, a cell's own folder is on the path."""
    assert confined.run("%%writefile mine.py\nx = 3", "import mine\nprint(mine.x)").output.endswith("3\n")


def test_an_error_has_its_place(confined: Confined) -> None:
    """The line is the cell's own, also where the error arose in a library or a function of another cell."""
    ended = confined.run(
        "def f():\n    return 1 / 0",
        "x = 1\n\nf()",
        "import torch\ntorch.nn.Linear(2, 3)(torch.ones(1))",
        "x ==== 2",
    )
    errors = [reply.error for reply in ended.replies if isinstance(reply, CellRan)]
    assert [(item.name, item.cell, item.line) for item in errors if item] == [
        ("ZeroDivisionError", 1, 2),
        ("RuntimeError", 3, 2),
        ("SyntaxError", 4, 1),
    ]


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("x = 1\nx = (", "SyntaxError", 2),
        ("x = 1\ny = '''open\n\n", "SyntaxError", 2),
        ("if True:\n    x = 1\n  y = 2", "IndentationError", 3),
        ("if True:\n\tx = 1\n        y = 2", "TabError", 3),
        ("\n\n!ls\nif True:\n\tx = 1\n        y = 2", "TabError", 6),
        ("%%time\nif True:\n    x = 1\n  y = 2", "IndentationError", 4),
        ("exec('if True:\\n\\tx = 1\\n        y = 2')", "TabError", 1),
        ("x = 1\nexec('x = (')", "SyntaxError", 2),
    ],
)
def test_what_is_no_python_has_its_place(confined: Confined, source: str, name: str, line: int) -> None:
    """Whichever reader of the cell refuses it, in whichever Python; within a text it is the line that runs it."""
    found = error(confined, source)
    assert (found.name, found.cell, found.line) == (name, 1, line)


HOSTILE_ERRORS = {
    "__str__ raises": ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "E", "?"),
    "__str__ is endless": (
        "class E(Exception):\n    def __str__(self): return 'x' * 10**8\nraise E",
        "E",
        "x" * 2_000,
    ),
    "a metaclass hides the name": (
        "class M(type):\n    __name__ = property(lambda self: 1 / 0)\n"
        "class E(Exception, metaclass=M): pass\nraise E('x')",
        "E",
        "x",
    ),
    "a string of another kind": (
        "class S(str):\n    def __getitem__(self, i): 1 / 0\n    encode = None\n"
        "class E(Exception):\n    def __str__(self): return S('x')\nraise E",
        "E",
        "x",
    ),
    "half a character": ("raise ValueError(chr(0xd800))", "ValueError", "?"),
    "a place that lies": (
        "e = SyntaxError('x')\ne.filename, e.lineno = '<cell 1>', 'boo'\nraise e",
        "SyntaxError",
        "x",
    ),
    "a message that is no text": ("e = SyntaxError('x')\ne.msg = [1]\nraise e", "SyntaxError", "[1]"),
    "properties that raise": (
        "class E(SyntaxError):\n    filename = property(lambda self: 1 / 0)\nraise E('x')",
        "E",
        "?",
    ),
}


@pytest.mark.parametrize(("source", "name", "message"), HOSTILE_ERRORS.values(), ids=HOSTILE_ERRORS)
def test_hostile_exceptions_are_survived(confined: Confined, source: str, name: str, message: str) -> None:
    """Whatever an exception does when it is looked at, its type is told, and the process goes on."""
    found = error(confined, source)
    assert (found.name, found.message) == (name, message)


def test_an_endless_message_is_interrupted(confined: Confined) -> None:
    """Looking at an exception is on the clock as well, and the process goes on."""
    source = "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E"
    ended = confined.run(source, "print('next')", seconds=0.2)
    assert [answer.interrupted for answer in ended.answers] == [True, False]
    assert ended.output == "next\n"


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.stdout.close()",
        "import sys\nsys.stdout.buffer.close()",
        "import sys\nsys.stdout.detach()",
        "del __builtins__",
        "import sys\nsys.stdout = None",
        "_oh = Out = In = None",
    ],
)
def test_what_a_cell_breaks_of_the_shell_is_mended(confined: Confined, source: str) -> None:
    """The next cell prints."""
    assert confined.run(source, "print('next')").output == "next\n"


def test_a_seed_makes_every_generator_repeat(confined: Confined) -> None:
    """torch, random and numpy draw the same in two runners that were begun alike, and all else in another."""
    draw = "import numpy, random, torch\nprint(torch.rand(1).item(), random.random(), numpy.random.rand())"
    first, again, other = (confined.run(draw, seed=seed).output.split() for seed in (1, 1, 2))
    assert first == again
    assert len({*first, *other}) == 6


def test_the_number_of_a_cell_is_what_was_said(confined: Confined) -> None:
    """Errors name the position that the trusted side gave."""
    reply = confined.run(RunCell(41, "1/0", 10)).replies[0]
    assert isinstance(reply, CellRan)
    assert reply.error is not None
    assert reply.error.cell == 41
