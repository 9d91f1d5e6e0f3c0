"""Which numbers a run judges by: in however many runs a class is graded, those are the same."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection
from contextlib import suppress

from autograder.course import assignment_files
from autograder.course.config import Course
from autograder.records.store import Store


def seed_of_class(course: Course, assignment: str, store: Store, forced: Collection[str]) -> int:
    """The seed with which most of the results here were decided, by the checks as they are now; else a new one.

    What is going to be replaced whatever it says, the results of the ``forced``, has no say.
    """
    seeds: Counter[int] = Counter()
    with suppress(OSError):  # the run will say which file of the assignment cannot be read
        digest = assignment_files.digest(course.root, assignment)
        briefs = store.briefs(assignment)
        seeds.update(one.seed for one in briefs if one.assignment_digest == digest and one.student not in forced)
    return seeds.most_common(1)[0][0] if seeds else secrets.randbits(63)
