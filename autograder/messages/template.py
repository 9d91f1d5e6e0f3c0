"""``python -m autograder.messages.template LANGUAGE``: the file of a translation, with every text that there is.

Prints the ``.po`` file of a language, its texts in the catalogue's order, each with the place where it is used. What
is translated already is kept, what nothing says any more is left out: so a translation begins, and so it is brought up
to date.
"""

from __future__ import annotations

import sys
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from autograder.languages import translation
from autograder.messages.catalogue import msgids

_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"
"""


def template(language: str) -> bytes:
    """The file; raises :class:`ValueError` for what is no language."""
    try:
        locale = Locale.parse(language)
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"{language!r} is no language that Babel knows, such as de or pt_BR") from error
    there = Catalog(locale=locale)
    if translation(language).is_file():
        with translation(language).open("rb") as file:
            there = read_po(file, locale=locale)
    made = Catalog(locale=locale)
    for place, text in msgids():
        msgid = text if isinstance(text, str) else tuple(text)
        known = there.get(text if isinstance(text, str) else text[0])
        made.add(msgid, known.string if known and known.string else None, auto_comments=[place])
    entries = BytesIO()
    write_po(entries, made, width=0, omit_header=True)
    comment = "".join(f"{line}\n" for line in there.header_comment.splitlines()) if len(there) else ""
    header = _HEADER.format(language=locale, plural_forms=made.plural_forms)
    return f"{comment}{header}\n".encode() + entries.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m autograder.messages.template LANGUAGE")
    try:
        sys.stdout.buffer.write(template(sys.argv[1]))
    except ValueError as error_:
        sys.exit(str(error_))
