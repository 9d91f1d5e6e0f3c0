"""A student's page as one HTML file, with no script at all."""

from __future__ import annotations

from urllib.parse import urldefrag

from .document import template
from .page import Page


def render(page: Page) -> str:
    """The page as a whole HTML document."""
    section_href = f"{urldefrag(page.lesson_href).url}#" if page.lesson_href else ""
    return template("autograder.feedback", "student").render(page=page, section_href=section_href)
