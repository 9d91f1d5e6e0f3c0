"""A student's page as one HTML file, with no script at all."""

from __future__ import annotations

from urllib.parse import urldefrag

from ..escaping import is_harmless_link
from .document import template
from .page import Page


def render(page: Page, notebook_href: str | None = None) -> str:
    """The page as a whole HTML document.

    A ``notebook_href`` that is relative or https becomes a link, and so do the sections to read in it.
    """
    href = notebook_href if notebook_href and is_harmless_link(notebook_href) else ""
    section_href = f"{urldefrag(href).url}#" if href else ""
    return template("autograder.feedback", "student").render(
        page=page, notebook_href=href, section_href=section_href
    )
