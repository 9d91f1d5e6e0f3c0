"""An automated grader for PyTorch notebooks.

Students import one thing: ``from autograder import check`` (see :mod:`autograder.practice`). It is looked up when it is
asked for, so that nothing else pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.practice import check

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    if name != "check":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from IPython import get_ipython

    from autograder import practice

    if (shell := get_ipython()) is not None:
        load_ipython_extension(shell)  # in a notebook, ``%check`` comes with the import
    return practice.check


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext autograder``: ``%check linear`` then does what ``check("linear")`` does."""

    def line(words: str) -> None:
        import autograder

        # Looked up each time: while a notebook is graded it is another one.
        autograder.check(words.strip() or None)

    shell.register_magic_function(line, "line", "check")
