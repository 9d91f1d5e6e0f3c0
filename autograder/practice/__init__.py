"""Checks in a student's own notebook: ``from autograder import check``, then ``check("linear")`` or ``%check linear``.

The public checks look at what the names stand for now, in the kernel where the student works: Jupyter, VS Code,
Colab, a terminal's IPython, on any system. No cell is run again, nothing is confined and no process is
started. What is shown is what ``grader check`` would say of it, and no grade.
"""

from __future__ import annotations

from autograder.practice.checking import check

__all__ = ["check"]
