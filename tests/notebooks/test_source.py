"""What a cell's source says, without running it."""

from __future__ import annotations

import ast

import pytest

from autograder.notebooks.source import MAX_CHARS, bound_names, headline, read, tree_of


def same_code(a: str, b: str) -> bool:
    """Whether two sources are the same code, which is what their fingerprints say."""
    return read(a).fingerprint == read(b).fingerprint


NO_NAMES: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1", {"a", "b"}),
        ("a, (b, *c) = x", {"a", "b", "c"}),
        ("[a, b] = x", {"a", "b"}),
        ("a += 1", {"a"}),
        ("a: int = 1", {"a"}),
        ("a: int", set()),
        ("a.b = c[0] = 1", set()),
        ("print(a := 1)", {"a"}),
        ("[a := y for y in x]", {"a"}),
        ("f = lambda y: (a := y)", {"f"}),
        ("def f(p=(a := 1)):\n    b = 1", {"f", "a"}),
        ("async def f():\n    b = 1", {"f"}),
        ("class A(B):\n    c = 1", {"A"}),
        ("import a.b, c as d\nfrom e import f, g as h\nfrom i import *", {"a", "d", "f", "h"}),
        ("for a, b in x:\n    c = 1\nelse:\n    d = 1", {"a", "b", "c", "d"}),
        ("while x:\n    a = 1", {"a"}),
        ("if x:\n    a = 1\nelif y:\n    b = 1\nelse:\n    c = 1", {"a", "b", "c"}),
        ("with x as a, y as (b, c):\n    d = 1", {"a", "b", "c", "d"}),
        ("try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", {*"abcd"}),
        ("match x:\n    case [a, *b]:\n        c = 1\n    case {'k': d, **e}:\n        pass", {*"abcde"}),
        ("match x:\n    case P(a) as b:\n        pass\n    case _:\n        pass", {"a", "b"}),
        ("{a: b for a, b in x}", set()),
        ("a = 1\ndel a", set()),
        ("del a\na = 1", {"a"}),
        ("a = 1\nif x:\n    del a", {"a"}),
        ("", set()),
        ("# only a comment", set()),
    ],
)
def test_names_bound_at_module_scope_are_found(source: str, names: set[str]) -> None:
    """Every way of binding a name at module scope counts, and no binding in an inner scope does."""
    assert bound_names(source) == frozenset(names)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("%matplotlib inline\na = 1", {"a"}),
        ("!pip install torch\na = 1", {"a"}),
        ("!pip install \\\n    torch\na = 1", {"a"}),
        ("if x:\n    !pip install torch\na = 1", {"a"}),
        ("files = !ls\nhere = %pwd", {"files", "here"}),
        ("nn.Linear?\n?nn.Linear\na = 1", {"a"}),
        ("%time a = f()", {"a"}),
        ("%%time\na = 1", {"a"}),
        ("\n%%capture out\na = 1", {"a", "out"}),
        ("%%timeit\na = 1", set()),
        ("%%bash\na=1; if", set()),
        ("%%html\n<b>a = 1</b>", set()),
        ("pip install torchinfo==1.0", set()),
        ("  a = 1\n  b = 2", {"a", "b"}),
        ("s = '''\n%not a magic\n'''\n%magic\na = 1", {"s", "a"}),
        ("b = (7\n% 2)\n!ls\na = 1", {"a", "b"}),
        ("a = 1  # right?\n!ls", {"a"}),
    ],
)
def test_what_is_ipythons_is_masked(source: str, names: set[str]) -> None:
    """Magics and shell lines hide no name that the Python around them binds."""
    assert bound_names(source) == frozenset(names)


def test_masking_keeps_line_numbers() -> None:
    """A statement stands on the same line in the masked source, so that an error's line is the student's."""
    source = "%load_ext a\n!pip install \\\n  b\n\n%%time\nx = 1\n??x\ny = 2"
    tree = tree_of(source)
    assert tree is not None
    assert [node.lineno for node in tree.body if isinstance(node, ast.Assign)] == [6, 8]


def test_python_is_not_masked() -> None:
    """A line that starts with % in the middle of an expression is Python."""
    source = "a = (7\n% 2)"
    tree = tree_of(source)
    assert tree is not None
    assert ast.dump(tree) == ast.dump(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "model = ",
        "여기에 답을 적으세요",
        "a\0b",
        "\ud800 = 1",
        "-" * 50_000 + "1",
        "(" * 50_000,
        "a" + ".b" * 40_000,
        "a = 1\n" * MAX_CHARS,
    ],
)
def test_what_cannot_be_parsed_is_no_exception(source: str) -> None:
    """Source that is not Python, too deep or too long has no names, and still compares."""
    assert bound_names(source) is None
    assert same_code(source, source)
    assert not same_code(source, source + "\nmore +")
    assert tree_of(source) is None


def test_a_tree_deeper_than_the_stack_is_read() -> None:
    """Code that parses but cannot be dumped recursively is compared as text."""
    source = "a = " + " + ".join(["1"] * 900)
    assert bound_names(source) == frozenset({"a"})
    assert same_code(source, source + "  # done")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a = 1", "a=1  # one"),
        ("# nothing", ""),
        ("f( x,\n   y )", "f(x, y)"),
        ("def f():\n  return 1", "def f():\n\n    return 1"),
        ("a =  # fill in", "a = "),
        ("for x  in  # over it", "for x in\n"),
        ("a = '#'", 'a = "#"'),
    ],
)
def test_comments_and_white_space_make_no_difference(a: str, b: str) -> None:
    """Two sources that differ in layout alone are the same code, also where neither parses."""
    assert same_code(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a = 1", "a = 2"),
        ("a = '# x'", "a = '# y'"),
        ("a = ", "b = "),
        ("a = '#1", "a = '#2"),
        ("!pip install a", "!pip install b"),
        ("%%bash\na", "%%bash\nb"),
        ("'''\n#1\n''' +", "'''\n#2\n''' +"),
    ],
)
def test_other_code_is_other_code(a: str, b: str) -> None:
    """A difference that is not layout is seen, a hash in a string among them."""
    assert not same_code(a, b)


@pytest.mark.parametrize(
    ("source", "empty"),
    [
        ("", True),
        ("# x", True),
        ("pass\n...", True),
        ("!pip install x", True),
        ("a = 1", False),
        ("print(1)", False),
        ("a = ", False),
    ],
)
def test_cells_that_compute_nothing_are_told(source: str, empty: bool) -> None:
    """Comments, `pass`, `...` and IPython's own lines compute nothing; anything else might."""
    assert read(source).empty is empty


def test_the_star_of_an_import_binds_no_name() -> None:
    """What `import *` binds cannot be read from the source."""
    assert bound_names("from torch import *") == NO_NAMES


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# Write your code here\n\n  model = Net()\nmodel", "model = Net()"),
        ("%%capture\nx = 1", "%%capture"),
        ("# only\n# comments", "# only"),
        ("\n \n", ""),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_a_cell_is_known_by_the_line_that_says_most(source: str, line: str) -> None:
    """The first line that is no comment: comments of blanks are alike in every cell."""
    assert headline(source) == line


def test_a_number_too_long_to_write_is_read() -> None:
    """Python refuses to write it in decimal; its cell still binds its name and has a fingerprint of its own."""
    one, other = read("x = 0x" + "f" * 9_000), read("x = 0x" + "e" * 9_000)
    assert one.binds == other.binds == frozenset({"x"})
    assert one.fingerprint != other.fingerprint
