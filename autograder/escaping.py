"""Making other people's text safe to show: the one place for it, per medium.

Whatever is shown may be a student's: code, output, error messages, file names, ids. Two things are done to it.

1. :func:`visible` replaces what acts on the reader's screen without being seen: control characters
   (ANSI sequences start with one), bidirectional overrides, invisible marks, lone surrogates.
2. The medium's own characters are escaped, by one function a medium. Each of them does the first step too.

========================  ============================================================================
HTML                      :func:`html_value`, the ``finalize`` of a Jinja environment with autoescape,
                          so that no template can forget; :func:`is_harmless_link` for an ``href``
Markdown                  :func:`markdown_words` for text of ours; :func:`markdown_code` and
                          :func:`markdown_block` for anything a student wrote: inside code, no dialect
                          knows links, images, HTML, headings, mentions or automatic links
CSV                       :func:`csv_cell`, for every cell that is not a number of ours
XML                       :func:`visible` alone: ElementTree, which writes all of it, escapes
a terminal, a CI's log    :func:`terminal_line`; what is printed on a CI is read for commands
GitHub workflow commands  :func:`workflow_data` after the last ``::``, :func:`workflow_property` before it
========================  ============================================================================
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

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
    r"((?P<reference>[@#](?=\w))"
    r"|[\\`*_\[\]<>&|~#$@]"  # marks, wherever they stand
    r"|^[-+=]|(?<=^\d)[.)]"  # lists and underlines, at the start
    r"|:(?=//)|(?<=[Ww]{3})\.)"  # links that GitHub makes by itself
)
_BACKTICKS = re.compile("`+")
_FORMULA = re.compile('[ "]*[=+\\-@\uff1d\uff0b\uff0d\uff20]')  # also full-width, which some programs fold
_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?%?[)\]}]*\s*")
_COMMAND = re.compile(
    r":(?=:[A-Za-z][\w-]*(?:::|\s))"  # GitHub: at the start of a line, and a terminal's width may start one
    r"|#(?=#(?:\[|vso\[|teamcity\[))"  # GitHub's older form, Azure, TeamCity: anywhere in a line
)


def visible(text: str) -> str:
    """The text with every unseen character shown by its number: ``⟨U+001B⟩`` for escape.

    Newlines (``\\r\\n`` counts as one), tabs and the joiners that some scripts need stay.
    """
    if text.isascii() and text.isprintable():  # most of what a page shows
        return text
    return _UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text.replace("\r\n", "\n"))


def html_value(value: object) -> object:
    """What a template prints for a value; autoescape comes after this."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def is_harmless_link(href: str) -> bool:
    """Whether an address may be an ``href``: relative or https.

    No ``javascript:``, and nothing that browsers would strip to make it one.
    """
    if any(character <= " " or character == "\\" for character in href):
        return False
    try:
        scheme, host, *_ = urlsplit(href)
    except ValueError:
        return False
    return scheme == "https" or not (scheme or host)


def markdown_words(text: str) -> str:
    """Text of ours or of a course author on one line of Markdown, meaning nothing but itself.

    GitHub looks for mentions (``@somebody``) and references (``#1``) after Markdown has taken its backslashes
    away, but not in code: their signs become code.
    """
    return _MARKDOWN_PUNCTUATION.sub(
        lambda found: f"`{found[0]}`" if found["reference"] else f"\\{found[0]}", _on_one_line(text)
    )


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


def csv_cell(text: str) -> str:
    """A cell's text on one line that no spreadsheet takes for a formula: such a one gets an apostrophe in front.

    So does what follows a comma or a semicolon within: spreadsheets split a file at the one that their
    language uses, quoted or not, and what follows would begin a cell of its own. Numbers stay as they are.
    """
    return "".join(
        f"'{piece}" if _FORMULA.match(piece) and not _NUMBER.fullmatch(piece) else piece
        for piece in re.split("([;,])", _line(text))
    )


def terminal_line(text: str, max_characters: int = 500) -> str:
    """The text on one line, cut to ``max_characters``, that neither a terminal nor a CI takes for a command."""
    shown = _COMMAND.sub(r"\g<0> ", _line(text[: max_characters + 1]))
    return shown if len(shown) <= max_characters else shown[:max_characters] + "…"


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command: ``::error file=…::`` + this. Its newlines stay newlines."""
    return visible(text).replace("%", "%25").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A value of a GitHub workflow command's property: ``::error file=`` + this."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def _on_one_line(text: str) -> str:
    return visible(text).replace("\n", " ").replace("\t", " ")


def _line(text: str) -> str:
    """On one line, and a newline is seen to be one: a name with one is another than that with a space."""
    return visible(text).replace("\n", "⟨U+000A⟩").replace("\t", " ")


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
