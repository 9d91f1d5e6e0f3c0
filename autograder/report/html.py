"""The class page as one HTML file, with one script that its policy knows by its digest."""

from __future__ import annotations

from autograder.feedback.document import template
from autograder.report.views import ClassPage


def render(page: ClassPage) -> str:
    """The page as a whole HTML document."""
    return template("autograder.report", "class", script="class.js").render(page=page)
