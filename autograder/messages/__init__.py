"""The catalogue of messages: everything that is said to students and instructors, by code and language.

>>> catalogue("en").text("missing_name", name="model")
"`model` is not defined in this question's cells."

Findings, remarks and results carry codes and facts; only this package words them, and only renderers
escape them. See :mod:`.catalogue` for how to add a code.
"""

from __future__ import annotations

from autograder.messages.catalogue import MESSAGES
from autograder.messages.diagnoses import DIAGNOSES
from autograder.messages.language import Catalogue, UnknownCodeWarning, catalogue
from autograder.messages.message import Message, Plural
from autograder.messages.phrase import SENTENCE, Fact, Phrase, Span
from autograder.messages.words import WORDS

__all__ = [
    "DIAGNOSES",
    "MESSAGES",
    "SENTENCE",
    "WORDS",
    "Catalogue",
    "Fact",
    "Message",
    "Phrase",
    "Plural",
    "Span",
    "UnknownCodeWarning",
    "catalogue",
]
