"""What every page of ours is: one HTML file that loads nothing, sends nothing, and runs at most one script.

A page's policy forbids whatever the page does not hold itself; its one style, and its one script where it has
one, are allowed by their digests. So nothing that slips into a page from elsewhere can act.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.escaping import html_value


@lru_cache
def template(package: str, name: str, script: str = "") -> Template:
    """The template ``<name>.html.jinja`` of a package of ours, knowing ``style``, ``script`` and ``policy``.

    The style is ``page.css``, which all pages share, and ``<name>.css``. ``script`` is a file beside them.
    """
    environment = _environment(package)
    style = _source(environment, "page.css") + _source(environment, f"{name}.css")
    code = _source(environment, script) if script else ""
    environment.globals.update(style=Markup(style), script=Markup(code), policy=_policy(style, code))
    return environment.get_template(f"{name}.html.jinja")


@lru_cache
def macros(name: str) -> Any:
    """What a template of this package's defines, to be called for parts of a page of ours; all of it gives HTML."""
    return _environment("autograder.feedback").get_template(f"{name}.html.jinja").module


@lru_cache
def fragment(name: str) -> Template:
    """A template of this package's for a part of somebody else's page; its ``style`` is ``<name>.css`` alone."""
    environment = _environment("autograder.feedback")
    environment.globals.update(style=Markup(_source(environment, f"{name}.css")))
    return environment.get_template(f"{name}.html.jinja")


def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("autograder.feedback")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=html_value,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _policy(style: str, script: str) -> str:
    allowed = f"style-src {_digest(style)}; " + (f"script-src {_digest(script)}; " if script else "")
    return f"default-src 'none'; {allowed}base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
