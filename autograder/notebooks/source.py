"""What a cell's source says, read from its syntax tree alone: never compiled, never run.

IPython's own transformer takes seconds on a screenful of ``!x``, so the lines that are IPython's and not
Python's are masked here, in linear time, each by a line of Python that binds the same names.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 100_000
HEADLINE_CHARS = 60

# Cell magics whose body is Python in the notebook's own namespace. Every other makes the cell not Python.
_PYTHON_MAGICS = frozenset({"time", "timeit", "capture", "prun"})

_LINE_MAGIC = re.compile(r"([ \t]*)[%!?]")
_TIMED = re.compile(r"[ \t]*%time[ \t]+(?!-)(?=\S)")
_ASSIGNED_MAGIC = re.compile(r"([^=!%#'\"()]*=)[ \t]*[!%](?!=)")
_HELP = re.compile(r"([ \t]*)[^\W\d][\w.*]*(?:\[\w+\])?\?\??[ \t]*$")
_SHELL_WORD = re.compile(r"(?:pip3?|conda|ls|cd|pwd|mkdir|cat|cp|mv|rm)(?:[ \t]+[\w./~-].*)?")
_IN_TRIPLE_QUOTES = re.compile(r"\\.|'''|\"\"\"")
_TOKEN = re.compile(r"'''|\"\"\"|'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|#.*|[()\[\]{}]|\\$")


@dataclass(frozen=True)
class Reading:
    """One cell's source, read once.

    ``binds``: the names its top level binds, ``None`` if it is not Python that parses.
    ``empty``: nothing in it computes: comments, ``pass``, ``...``, IPython's own lines.
    """

    source: str
    binds: frozenset[str] | None
    empty: bool

    @property
    def fingerprint(self) -> str:
        """Equal for sources that differ in comments and white space only; few are ever asked for."""
        return _fingerprint(self.source)


@functools.lru_cache(maxsize=512)  # given cells are every student's, and untouched ones many's
def read(source: str) -> Reading:
    """Read ``source``; never raises, and takes time linear in its length (none beyond ``MAX_CHARS``)."""
    tree, _ = _tree(source)
    if tree is None:
        return Reading(source, None, not _without_comments(source))
    return Reading(source, _binds(tree, source), all(_computes_nothing(node) for node in tree.body))


@functools.lru_cache(maxsize=512)
def _fingerprint(source: str) -> str:
    tree, masked = _tree(source)
    if tree is not None:
        try:
            return "tree:" + _digest("\n".join([ast.dump(tree), *masked]))
        except (RecursionError, MemoryError, ValueError):  # ValueError: a number of more digits than Python writes
            pass
    return "text:" + _digest(_without_comments(source))


def bound_names(source: str) -> frozenset[str] | None:
    """The names that ``source``'s own statements bind at module scope; ``None`` if it cannot be parsed."""
    tree, _ = _tree(source)
    return None if tree is None else _binds(tree, source)


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree of ``source``'s Python, on its own lines; ``None`` if it cannot be parsed.

    What is IPython's is masked in it; a cell magic that takes no Python (``%%bash``, ``%%html``) leaves nothing.
    """
    return _tree(source)[0]


def headline(source: str) -> str:
    """The line by which a reader finds the cell: its first that is no comment, else its first; "" if there is none."""
    lines = [line.strip() for line in source[:MAX_CHARS].split("\n") if line.strip()]
    line = next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
    return line if len(line) <= HEADLINE_CHARS else line[: HEADLINE_CHARS - 1] + "…"


def _tree(source: str) -> tuple[ast.Module | None, list[str]]:
    """The syntax tree, and the lines that were masked for it."""
    if len(source) > MAX_CHARS:
        return None, []
    if not source.lstrip().startswith("%%") and (tree := _parsed(source)) is not None:
        return tree, []  # a line that starts with % or ends in ? is then part of an expression or a string
    lines, masked = _masked(source)
    return _parsed("\n".join(lines)), masked


def _parsed(python: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a string, `is` with a literal
            return ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text else ""


def _computes_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
    )


def _masked(source: str) -> tuple[list[str], list[str]]:
    """The lines of ``source`` as Python, and those that were not."""
    lines = _dedented(source.split("\n"))
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return lines, []
    if lines[first].startswith("%%"):
        name = re.match(r"%%(\w*)", lines[first])
        if name is None or name[1] not in _PYTHON_MAGICS:
            return [""] * len(lines), [line for line in lines if line.strip()]
        masked = [lines[first]]
        words = lines[first].split()[1:] if name[1] == "capture" else []
        into = next((word for word in words if word.isidentifier()), None)  # the variable it fills
        lines[first] = f"{into} = None" if into else "pass"
    elif not any(line.strip() for line in lines[first + 1 :]) and _SHELL_WORD.fullmatch(lines[first]):
        return ["pass" if number == first else "" for number in range(len(lines))], [lines[first]]
    else:
        masked = []
    python = []
    scan = _Scan()
    continued = False  # a shell line may go on after a backslash
    for line in lines:
        if continued:
            python.append("")
        elif scan.at_statement and (replaced := _line_as_python(line)) is not None:
            python.append(replaced)
        else:
            python.append(line)
            scan.take(line)
            continue
        masked.append(line.strip())
        continued = line.endswith("\\")
    return python, masked


def _line_as_python(line: str) -> str | None:
    """What stands for a line of IPython's; ``None`` for a line of Python."""
    if timed := _TIMED.match(line):
        return line[: len(line) - len(line.lstrip())] + line[timed.end() :]
    if (magic := _LINE_MAGIC.match(line)) or (magic := _HELP.match(line)):
        return magic[1] + "pass"
    if assigned := _ASSIGNED_MAGIC.match(line):
        return assigned[1] + " None"
    return None


def _dedented(lines: list[str]) -> list[str]:
    """As IPython does: the first line's indentation is taken off every line that has it."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else list(lines)


class _Scan:
    """Follows lines of Python far enough to know whether the next one starts a statement."""

    def __init__(self) -> None:
        self.quote = ""  # the triple quote that is open
        self.depth = 0  # of brackets
        self.backslash = False

    @property
    def at_statement(self) -> bool:
        return not (self.quote or self.depth or self.backslash)

    def take(self, line: str) -> str:
        """Read one line; returns it without its comment."""
        place, self.backslash = 0, False
        while place <= len(line):
            if self.quote:
                inside = _IN_TRIPLE_QUOTES.search(line, place)
                if inside is None:
                    return line
                place = inside.end()
                if inside[0] == self.quote:
                    self.quote = ""
                continue
            token = _TOKEN.search(line, place)
            if token is None:
                return line
            place, text = token.end(), token[0]
            if text in ("'''", '"""'):
                self.quote = text
            elif text[0] == "#":
                return line[: token.start()]
            elif text[0] in "([{":
                self.depth += 1
            elif text[0] in ")]}":
                self.depth = max(0, self.depth - 1)
            elif text == "\\":
                self.backslash = True
        return line


def _without_comments(source: str) -> str:
    """For source that is no Python: its lines without comments, indentation kept, other white space not."""
    scan, lines = _Scan(), []
    for line in source.split("\n"):
        text = scan.take(line).rstrip()
        if text:
            indent = text[: len(text) - len(text.lstrip())]
            lines.append(indent + " ".join(text.split()))
    return "\n".join(lines)


def _binds(tree: ast.Module, source: str) -> frozenset[str]:
    if source.lstrip().startswith("%%timeit"):
        return frozenset()  # it runs, in a function of its own
    bound: set[str] = set()
    for name, binds in _bindings(tree.body, within=":=" in source):
        if binds:
            bound.add(name)
        else:
            bound.discard(name)
    return frozenset(bound)


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TARGETS = (ast.Name, ast.Tuple, ast.List, ast.Starred)
_PERHAPS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)


def _bindings(body: list[ast.stmt], within: bool) -> Iterator[tuple[str, bool]]:
    """Each name that module scope binds (True) or certainly deletes (False), in the order of the source.

    ``within``: whether expressions may bind names, and not only what is assigned to.

    Walks with a stack of its own: a tree may be deeper than Python's. A ``del`` that may not happen, and
    the names that live in a comprehension or after ``except … as``, are left out.
    """
    stack: list[tuple[ast.AST, bool, bool]] = [(node, False, False) for node in reversed(body)]
    while stack:
        node, perhaps, inner = stack.pop()
        if not within and isinstance(node, ast.expr) and not isinstance(node, _TARGETS):
            continue
        children: list[ast.AST] = []
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if not inner:
                yield name, True
            case ast.Name(id=name, ctx=ast.Del()) if not perhaps:
                yield name, False
            case ast.NamedExpr(target=ast.Name(id=name)):  # binds outside the comprehension it stands in
                yield name, True
                children = [node.value]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                defaults = [default for default in node.args.kw_defaults if default is not None]
                children = [*node.args.defaults, *defaults]
                if not isinstance(node, ast.Lambda):
                    yield node.name, True
                    children += node.decorator_list
            case ast.ClassDef():
                yield node.name, True
                children = [*node.decorator_list, *node.bases, *node.keywords]
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    if alias.name != "*":
                        yield alias.asname or alias.name.partition(".")[0], True
            case ast.AnnAssign(value=None):
                pass
            case _:
                if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                    yield node.name, True
                if isinstance(node, ast.MatchMapping) and node.rest:
                    yield node.rest, True
                children = list(ast.iter_child_nodes(node))
        perhaps = perhaps or isinstance(node, _PERHAPS)
        inner = inner or isinstance(node, _COMPREHENSIONS)
        stack.extend((child, perhaps, inner) for child in reversed(children))
