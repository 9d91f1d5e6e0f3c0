"""Feedback for one student: a result worded in a language, as HTML or Markdown.

A result goes through :func:`.page.build`, which chooses every word, and then through a renderer that only
lays out and escapes. :mod:`..escaping` is where foreign text is made safe.
"""

from __future__ import annotations

from typing import NamedTuple

from autograder.results import Result

__all__ = ["Pages", "render"]


class Pages(NamedTuple):
    """One student's feedback in both forms."""

    html: str
    markdown: str


def render(result: Result, language: str) -> Pages:
    """Both forms of the page, which is built once for them. An unknown ``language`` gives English."""
    from autograder.feedback import html, markdown, page

    built = page.build(result, language)
    return Pages(html.render(built), markdown.render(built))
