"""A page as one HTML file: no script, no request, and a policy that forbids both."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from urllib.parse import quote, urldefrag

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ..escaping import html_value, is_harmless_link
from .page import Page


def render(page: Page, notebook_href: str | None = None) -> str:
    """The page as a whole HTML document.

    A ``notebook_href`` that is relative or https becomes a link, and so do the sections to read in it.
    """
    href = notebook_href if notebook_href and is_harmless_link(notebook_href) else ""
    section_href = f"{urldefrag(href).url}#" if href else ""
    return _template().render(page=page, notebook_href=href, section_href=section_href)


@lru_cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("autograder.feedback"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=html_value,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    assert environment.loader is not None
    style = environment.loader.get_source(environment, "student.css")[0]
    environment.filters["quoted"] = lambda anchor: quote(anchor, safe="", errors="replace")
    environment.globals.update(style=Markup(style), policy=_policy(style))
    return environment.get_template("student.html.jinja")


def _policy(style: str) -> str:
    """Nothing may be loaded, run or sent; the one style is allowed by its digest."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
