"""Literals: what a student wrote down is read; what a layer gave, or a loop made, is not."""

from __future__ import annotations

import warnings

import pytest

from autograder.evidence.literals import UNREAD, NotLiteral, arithmetic, literal

FORMULA = "def size(n, k, s=1, p=0, d=1):\n    top = n + 2*p - d*(k - 1) - 1\n    return top // s + 1\n"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("p = (1, 16, 30, 30)", (1, 16, 30, 30)),
        ("p = torch.Size([1, (32 - 3) // 1 + 1])", (1, 30)),
        ("h = int((32 - 3) / 2) + 1\np = [h, h]", [15, 15]),
        ("import math\np = math.floor(7 / 2)", 3),
        ("p = (2, 8) + (24,) * 2", (2, 8, 24, 24)),
        ("p = (2, *(3, 4))", (2, 3, 4)),
        ("h = 3\nh += 1\np = -h", -4),
        ("a, b = 1, 2\np = (a, b)", (1, 2)),
        ("s = (1, 2)\np = s[-1]", 2),
        (FORMULA + "p = (size(28, 5), size(n=10, k=3, s=2))", (24, 4)),
        ("p = dict(a=(1,), b=2)", {"a": (1,), "b": 2}),
        ("p = {}\np['a'] = 1\np |= {'b': 2}\np.update({'c': 3})", {"a": 1, "b": 2, "c": 3}),
        ("p = {'a': 1, 'b': conv(x).shape}", {"a": 1, "b": UNREAD}),
        ("p = {'a': 1}\np['a'] = conv(x).shape", {"a": UNREAD}),
        ("%time p = 3", 3),
    ],
)
def test_reads_what_is_written(source: str, value: object) -> None:
    """Constants, arithmetic, containers, names of the block and formulas have their value."""
    assert literal([source], "p") == value


def test_what_python_would_warn_of_is_read_in_silence() -> None:
    """A doubtful escape in a student's text is no line in the grader's own log."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert literal(["q = '\\d'\np = (3, 4)"], "p") == (3, 4)
    assert not said


@pytest.mark.parametrize(
    "source",
    [
        "p = conv(x).shape",
        "p = True",
        "p = 1\nfor p in range(3): pass",
        "p = 1\ndel p",
        "p = 10 ** 10 ** 10",
        "p = 1 / 0",
        "p = 1e999",
        "p = (-1) ** 0.5",
        "def f(n): return f(n)\np = f(1)",
        "def f(n):\n    for i in range(n): pass\n    return n\np = f(1)",
        "p = (1,) * 10 ** 9",
        "q = 1",
        "p = = 1",
    ],
)
def test_refuses_what_would_have_to_be_run(source: str) -> None:
    """Calls, loops, endless recursion, numbers without bounds and broken source are no literals."""
    with pytest.raises(NotLiteral):
        literal([source], "p")


def test_the_work_is_bounded() -> None:
    """Functions that call functions a thousand times over are given up, not followed."""
    many = " + ".join(["{}(n)"] * 500)
    source = "def f0(n): return n\n"
    for level in range(1, 5):
        source += f"def f{level}(n): return {many.format(*[f'f{level - 1}'] * 500)}\n"
    with pytest.raises(NotLiteral):
        literal([source + "p = f4(1)"], "p")


def test_the_last_cell_wins() -> None:
    """A name bound in two cells has the value of the later one."""
    assert literal(["p = 1", "p = 2"], "p") == 2


def test_the_numbers_of_written_arithmetic() -> None:
    """Entry by entry, of the last dictionary of this name; constants alone are no arithmetic."""
    sources = ["a = {}", 'a = {"x": (2, 28 - 5 + 1), "y": (2, 24), z: 1 + 1, **b}\nb = {"x": 1 + 1}', "!ls"]
    assert arithmetic(sources, "a") == {"x": frozenset({28, 5, 1})}
    assert arithmetic(sources, "c") == {}
