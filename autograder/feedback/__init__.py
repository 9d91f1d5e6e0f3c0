"""Feedback for one student: a result worded in a language, as HTML or Markdown.

A result goes through :func:`.page.build`, which chooses every word, and then through a renderer that only
lays out and escapes. :mod:`..escaping` is where foreign text is made safe.
"""

from __future__ import annotations

from ..results import Result

__all__ = ["render_html", "render_markdown"]


def render_html(result: Result, language: str) -> str:
    """The student's page: one self-contained HTML file. An unknown ``language`` gives English."""
    from . import html, page

    return html.render(page.build(result, language))


def render_markdown(result: Result, language: str) -> str:
    """The same page as CommonMark with GitHub's tables."""
    from . import markdown, page

    return markdown.render(page.build(result, language))
