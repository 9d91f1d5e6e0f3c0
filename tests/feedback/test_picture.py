"""Two models side by side, drawn and in words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autograder.feedback.picture import MAX_CHARACTERS, PER_LINE, picture
from autograder.messages import catalogue
from autograder.results import Step

SVG = "{http://www.w3.org/2000/svg}"
STEPS = [
    Step("Linear(784, 128)", "Linear(784, 128)"),
    Step("ReLU", None, differs=True),
    Step("Softmax(dim=1)", "Softmax(dim=0)", differs=True),
    Step(None, "ReLU", differs=True),
]


def drawn(steps: list[Step], language: str = "en") -> ElementTree.Element:
    svg = str(picture(steps, catalogue(language)).svg)
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def frames(svg: ElementTree.Element) -> list[tuple[float, float, str]]:
    """(left, top, kind) of every step's frame."""
    found = []
    for frame in svg.iter(f"{SVG}rect"):
        found.append((float(frame.get("x", 0)), float(frame.get("y", 0)), frame.get("class", "")))
    return found


def test_each_step_stands_above_its_counterpart() -> None:
    """Two frames a step, one above the other; what is missing is a gap, what differs is marked."""
    placed = frames(drawn(STEPS[:3]))
    assert [kind for *_, kind in placed] == ["same", "other", "other", "same", "gap", "other"]
    assert [left for left, *_ in placed[:3]] == [left for left, *_ in placed[3:]]
    assert len({top for _, top, _ in placed}) == 2


def test_a_difference_has_a_sign_and_not_a_colour_alone() -> None:
    """Whoever sees no red sees the sign."""
    signs = [text for text in drawn(STEPS).iter(f"{SVG}text") if text.get("class") == "sign"]
    assert len(signs) == 4


def test_a_long_model_goes_on_in_the_next_line() -> None:
    """No picture is wider than a line of it, and none of its frames lies outside."""
    svg = drawn([Step(f"Linear({n}, {n})", f"Linear({n}, {n})") for n in range(10)])
    left, top, width, height = map(float, (svg.get("viewBox") or "").split())
    placed = frames(svg)
    assert len({x for x, *_ in placed}) == PER_LINE
    assert all(left <= x <= left + width and top <= y <= top + height for x, y, _ in placed)


def test_a_layer_of_many_settings_takes_two_lines_and_stays_in_its_box() -> None:
    """What a convolution is called with is longer than a box is wide; every box of a picture is as high."""
    long = "Conv2d(8, 8, kernel_size=3, padding=1, bias=False)"
    svg = drawn([Step(long, long.replace("bias=False", "bias=True")), Step("ReLU", "ReLU")])
    details = [text.text or "" for text in svg.iter(f"{SVG}text") if text.get("class") == "detail"]
    assert details[:2] == ["8, 8, kernel_size=3,", "padding=1, bias=False"]
    assert all(len(text) <= MAX_CHARACTERS for text in details)
    (height,) = {float(frame.get("height", 0)) for frame in svg.iter(f"{SVG}rect")}
    (low,) = {float(frame.get("height", 0)) for frame in drawn(STEPS).iter(f"{SVG}rect")}
    assert height > low


@pytest.mark.parametrize(("language", "word"), [("en", "Expected"), ("ko", "제출한 모델")])
def test_the_same_is_said_in_words(language: str, word: str) -> None:
    """For those who do not see it, and as the picture's own label."""
    shown = picture(STEPS, catalogue(language))
    assert word in shown.text
    assert "Linear(784, 128) → ReLU → Softmax(dim=1)" in shown.text
    assert "Linear(784, 128) → Softmax(dim=0) → ReLU" in shown.text
    assert drawn(STEPS, language).get("aria-label") == shown.text


def test_a_label_is_text_whatever_it_holds() -> None:
    """An operation's name is the student process's word."""
    evil = '<script>alert(1)</script>"\x1b[31m\u202e'
    svg = str(picture([Step("ReLU", evil, differs=True)], catalogue("en")).svg)
    assert "<script" not in svg
    assert "\x1b" not in svg
    assert "\u202e" not in svg
    assert "⟨U+001B⟩" in svg
