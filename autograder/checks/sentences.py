"""What a check's own ``assert`` says to a student, in the author's words."""

from __future__ import annotations

from autograder.languages import SOURCE_LANGUAGE
from autograder.messages import SENTENCE
from autograder.results import Finding

MAX_CHARACTERS = 500


def said(error: AssertionError) -> Finding:
    """The sentence, or that of every language in ``{"ko": …, "en": …}``; without words, only that the check failed."""
    words = error.args[0] if len(error.args) == 1 else None
    texts: dict[str, str] = {}
    if isinstance(words, dict) and all(isinstance(one, str) for pair in words.items() for one in pair):
        texts = {language: line for language, text in words.items() if (line := _on_one_line(text))}
        sentence = texts.get(SOURCE_LANGUAGE) or next(iter(texts.values()), "")
    else:
        sentence = _on_one_line(str(error))
    if not sentence:
        return Finding(code="check_failed")
    own = {f"{SENTENCE}_{language}": text for language, text in texts.items()}
    return Finding(code="check_said", facts={SENTENCE: sentence, **own})


def _on_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1] + "…"
