"""Charts: readable without seeing them, in the page's colours, allowed by its policy."""

from __future__ import annotations

import warnings
from xml.etree import ElementTree

import pytest

from autograder.report import charts, svg
from autograder.report.charts import Drawings, Point, Words

WORDS = Words("점수 <분포>", "막대 & 수", "점수", "학생 수", "중앙값")


def drawn() -> list[Drawings]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [
            charts.histogram([0, 3, 1], [0, 30, 60, 90], 50, WORDS),
            charts.scatter([Point(0.2, 0.5, "q1.works"), Point(0.9, -0.1, "q2.works")], WORDS),
        ]


def test_a_chart_has_a_title_and_an_alternative() -> None:
    """Both are what a screen reader says of the picture, whatever characters they have."""
    for both in drawn():
        for drawing in (both.wide, both.narrow):
            root = ElementTree.fromstring(drawing)
            title, text = root[0], root[1]
            assert (title.tag, title.text, text.tag, text.text) == (
                "title",
                WORDS.title,
                "desc",
                WORDS.alternative,
            )
            assert root.attrib["role"] == "img"
            assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], text.attrib["id"]]


def test_a_chart_keeps_its_text() -> None:
    """Text stays text, Korean included, so that the browser's fonts draw it and a reader can search it."""
    histogram, scatter = (ElementTree.fromstring(both.wide) for both in drawn())
    assert {"점수", "학생 수", "중앙값"} <= {text.text for text in histogram.iter("text")}
    assert "q2.works" in {text.text for text in scatter.iter("text")}
    assert "q1.works" not in {text.text for text in scatter.iter("text")}


def test_a_chart_needs_no_style_of_its_own() -> None:
    """No style attribute or element is left, no colour that a scheme could not change, and no id stands twice."""
    ids: list[str] = []
    for both in drawn():
        for drawing in (both.wide, both.narrow):
            for element in ElementTree.fromstring(drawing).iter():
                assert element.tag not in ("style", "metadata", "script")
                assert "style" not in element.attrib
                assert not any(value.startswith("#0000") for value in element.attrib.values())
                ids += [element.attrib["id"]] if "id" in element.attrib else []
    assert len(ids) == len(set(ids))


def test_equal_numbers_give_equal_charts() -> None:
    """No date and no chance is in them."""
    assert drawn() == drawn()


def test_an_unknown_style_is_refused() -> None:
    """If matplotlib began to draw with something else, it would be seen here and not on a page that lacks it."""
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path style="mix-blend-mode: screen"/></svg>'
    with pytest.raises(ValueError, match="mix-blend-mode"):
        svg.themed(drawing, "x", "title", "text")
