"""Which answers of a class share what few others have: ranked, and shown side by side. It accuses nobody.

Answers are compared question by question (:mod:`.shingles`, :mod:`.ranking`). What was handed out does not count, and a
shared piece counts for more the fewer answers have it: many right answers must look alike. :mod:`.page` words it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.records.store import Store
from autograder.results import write_atomically
from autograder.similarity.ranking import Pair, rank

__all__ = ["Pair", "compare", "render", "write"]


def compare(store: Store, assignment: Assignment, most: int) -> list[Pair]:
    """The ``most`` pairs of answers in ``store`` that share the most unusual pieces, most unusual first."""
    handed_out = [
        *(cell.source for cell in assignment.given),
        *(question.stub for question in assignment.questions),
    ]
    answers = {
        result.student: {question.id: question.source for question in result.questions if question.source}
        for result in store.read(assignment.name)
        if result.status == "graded"
    }
    return rank(answers, handed_out, most)


def write(store: Store, assignment: Assignment, pairs: Sequence[Pair], language: str) -> Path:
    """Write the page that shows ``pairs`` side by side; its path. An unknown ``language`` gives English."""
    path = store.similar(assignment.name)
    write_atomically(path, render(assignment, pairs, language).encode(errors="replace"))
    return path


def render(assignment: Assignment, pairs: Sequence[Pair], language: str) -> str:
    """The page as a whole HTML document."""
    from autograder.feedback.document import template
    from autograder.similarity import page

    shown = page.build(assignment, pairs, language)
    return template("autograder.similarity", "similar").render(page=shown)
