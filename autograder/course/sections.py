"""The sections that an assignment sends students to, and whether they are there."""

from __future__ import annotations

from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.notebooks import copies
from autograder.notebooks.headings import headings
from autograder.notebooks.notebook import normal_newlines


def missing(assignment: Assignment) -> list[str]:
    """What to tell the author: the questions whose section is no heading of the source notebook, and the remedy.

    In a language whose lesson has an address, the section may be on that page, which is not looked at.
    """
    name = f"{assignment.name}.ipynb"
    wanted = [language for language in assignment.languages if language not in assignment.lesson]
    texts = [
        (normal_newlines(cell["source"]), copies.tags(cell))
        for cell in copies.notebook(Path(name), assignment.source)["cells"]
        if cell["cell_type"] == "markdown"
    ]
    found = headings(texts, assignment.languages)
    others = f", or name one of these: {', '.join(found)}" if found else ""
    notes = []
    for question in assignment.questions:
        lacking = [language for language in wanted if language not in question.heading]
        if lacking:
            where = "" if len(lacking) == len(assignment.languages) else f" in {', '.join(lacking)}"
            notes.append(
                f"questions.{question.id}.section: no heading of {name}{where} has the anchor {question.section!r}. "
                f'Write <a id="{question.section}"></a> above one{others}'
            )
    return notes
