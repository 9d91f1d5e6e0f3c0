"""A student's kernel, and what is checked in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.feedback.practice import Shown
from autograder.practice.checking import checked
from autograder.practice.kernel import Kernel

COURSE = Path(__file__).parents[2]
IMPORTS = "import torch\nimport torch.nn as nn"
LINEAR = "linear_layer = nn.Linear(10, 5)\noutput_tensor = linear_layer(input_tensor)"
LINEAR_GIVEN = "input_tensor = torch.linspace(-1, 1, 10).reshape(1, 10)"


class Student:
    """An IPython shell of its own, with the released notebook's first cells run in it."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
        self.run(IMPORTS)
        self.run(LINEAR_GIVEN)

    def run(self, source: str) -> None:
        """Run a cell, as Jupyter does."""
        self.shell.run_cell(source, store_history=True).raise_error()

    def check(self, question: object = None, lang: str | None = "en") -> Shown:
        return checked(Kernel(self.shell), question, lang)

    def says(self, question: object = None, lang: str | None = "en") -> str:
        """The feedback as text."""
        return repr(self.check(question, lang))


def hand_out(folder: Path, lang: str = "ko") -> Path:
    """The released notebook and nothing else."""
    path = folder / "과제 (1).ipynb"
    path.write_bytes((COURSE / f"assignments/dl1/dl1.{lang}.ipynb").read_bytes())
    return path
