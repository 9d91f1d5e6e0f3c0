"""The class page: a folder of results as one HTML file that an instructor reads.

:func:`write` reads every result of an assignment (:mod:`.classroom`), computes what is to be known of them
(:mod:`.statistics`, :mod:`.misconceptions`, :mod:`.attention`), words it (:mod:`.page` into :mod:`.views`), draws
(:mod:`.charts`) and lays it out (:mod:`.html`). Nothing in it is loaded from anywhere, and its one script only
sorts, filters and pages through the table of students, which is there without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.records.store import Store
from autograder.results import write_atomically

__all__ = ["write"]


def write(store: Store, assignment: str, language: str, replaced: Iterable[str] = ()) -> Path:
    """Write the class page of all the results that ``store`` has of ``assignment``; its path.

    ``replaced`` are students who handed in another notebook than the one their result is of. Raises
    :class:`..errors.GraderError` if there are no results. An unknown ``language`` gives English.
    """
    from autograder.report import classroom, html, page

    path = store.report(assignment)
    text = html.render(page.build(classroom.read(store, assignment, replaced), language))
    write_atomically(path, text.encode(errors="replace"))
    return path
