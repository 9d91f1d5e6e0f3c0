"""What was found, in words: as lines of plain text, or as Markdown that no student's text can break out of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.escaping import markdown_code, markdown_words
from autograder.messages.language import Catalogue
from autograder.messages.phrase import Phrase
from autograder.results import Finding


def phrase_markdown(phrase: Phrase) -> str:
    """The phrase on one line of Markdown, its code in code spans."""
    return "".join(markdown_code(span.text) if span.code else markdown_words(span.text) for span in phrase)


def finding_lines(finding: Finding, words: Catalogue) -> Iterator[str]:
    """What the finding says, what was expected and found, and the hint, nothing escaped."""
    sides = {"expected": finding.expected, "found": finding.found}
    facts = {name: value for name, value in sides.items() if value} | finding.facts
    yield words.text(finding.code, **facts)
    for label, value in sides.items():
        if value:
            yield f"{words.ui(label)}: {value}"
    if hint := words.help(finding.code, **facts):
        yield f"{words.ui('hint')}: {hint}"


def findings_markdown(findings: Iterable[Finding], words: Catalogue) -> Iterator[str]:
    """Paragraphs: for each finding what it says, what was expected and found, and the hint."""
    for finding in findings:
        sides = {"expected": finding.expected, "found": finding.found}
        facts = {name: value for name, value in sides.items() if value is not None} | finding.facts
        yield phrase_markdown(words.text_phrase(finding.code, facts))
        compared = [
            f"- {markdown_words(words.ui(name))}: {markdown_code(value)}"
            for name, value in sides.items()
            if value
        ]
        if compared:
            yield "\n".join(compared)
        if advice := words.help_phrase(finding.code, facts):
            yield f"> {phrase_markdown(advice)}"
