"""Making other people's text safe to show: the one place for it, per medium.

Everything on a page may be a student's: code, output, error messages, file names, ids. Two things are
done to it.

1. :func:`visible` replaces what acts on the reader's screen without being seen: control characters
   (ANSI sequences start with one), bidirectional overrides, invisible marks, lone surrogates.
2. The medium's own characters are escaped. HTML has Jinja's autoescape; :func:`html_value` is the
   ``finalize`` of that environment, so that no template can forget the first step. Markdown has
   :func:`markdown_words` for text of ours, and :func:`markdown_code` and :func:`markdown_block` for
   anything a student wrote: inside code, no dialect of Markdown knows links, images, HTML, headings,
   mentions or automatic links.
"""

from __future__ import annotations

import re

from markupsafe import Markup

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and newline; carriage return is one of them
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible or reordering
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # cannot be written as UTF-8, or never characters
    "]"
)
_MARKDOWN_PUNCTUATION = re.compile(
    r"([\\`*_\[\]<>&|~#$@]"  # marks, wherever they stand
    r"|^[-+=]|(?<=^\d)[.)]"  # lists and underlines, at the start
    r"|:(?=//)|(?<=[Ww]{3})\.)"  # links that GitHub makes by itself
)
_BACKTICKS = re.compile("`+")


def visible(text: str) -> str:
    """The text with every unseen character shown by its number: ``⟨U+001B⟩`` for escape.

    Newlines (``\\r\\n`` counts as one), tabs and the joiners that some scripts need stay.
    """
    return _UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text.replace("\r\n", "\n"))


def html_value(value: object) -> object:
    """What a template prints for a value; autoescape comes after this."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def markdown_words(text: str) -> str:
    """Text of ours or of a course author on one line of Markdown, meaning nothing but itself."""
    return _MARKDOWN_PUNCTUATION.sub(r"\\\1", _on_one_line(text))


def markdown_code(text: str) -> str:
    """A student's text within a line, as a code span that it cannot leave."""
    line = _on_one_line(text) or " "
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def markdown_block(text: str, syntax: str = "text") -> str:
    """A student's text as a fenced block that it cannot close. ``syntax`` is ours."""
    shown = visible(text)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{syntax}\n{shown.rstrip()}\n{fence}"


def _on_one_line(text: str) -> str:
    return visible(text).replace("\n", " ").replace("\t", " ")


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
