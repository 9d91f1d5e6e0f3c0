"""The headings that a notebook's sections have."""

from __future__ import annotations

from pathlib import Path

from autograder.course.assignment import load
from autograder.notebooks.headings import headings

COURSE = Path(__file__).parents[2]


def test_a_heading_belongs_to_the_anchor_above_it() -> None:
    """Anchors without a heading and headings without an anchor are none; marks of Markdown are left out."""
    text = (
        '<a id="pool"></a>\n\n## Pooling: `nn.MaxPool2d` ##\n\n## No anchor\n\n<a id="x"></a>\n\nNo heading'
    )
    assert headings([(text, ["lang-en"])], ["ko", "en"]) == {"pool": {"en": "Pooling: nn.MaxPool2d"}}


def test_names_keep_their_underscores() -> None:
    """Only what Markdown would hide is left out."""
    assert headings([('<a id="a"></a>\n# The _first_ `batch_first`', [])], ["en"]) == {
        "a": {"en": "The first batch_first"}
    }


def test_a_text_without_a_language_is_in_all_of_them() -> None:
    """A notebook in one language needs no tags."""
    assert headings([('<a id="a"></a>\n# A', ["slides"])], ["ko", "en"]) == {"a": {"ko": "A", "en": "A"}}


def test_every_question_of_dl1_has_a_section_with_a_heading() -> None:
    """What feedback sends students to is there, in both languages."""
    for question in load(COURSE, "dl1").questions:
        assert question.heading.keys() == {"ko", "en"}, question.id
