"""Two models as two aligned rows of steps, an ``<svg>`` with the same in words.

Steps that are each other's stand above each other; where one model has none, a dashed place is left. What differs has
a frame and a sign, not a colour alone. A long model goes on in the next line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.escaping import visible
from autograder.messages import Catalogue
from autograder.results import Step

PER_LINE = 3
BOX_WIDTH, BOX_HEIGHT, GAP = 188, 42, 20
WORD_HEIGHT, BETWEEN_ROWS, BETWEEN_LINES = 18, 6, 18
DETAIL_HEIGHT = 16  # of a second line of settings
MAX_CHARACTERS = 25  # of one line of a box


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ours, styled by the page, and what it shows in words."""

    svg: Markup
    text: str


def picture(steps: Sequence[Step], words: Catalogue) -> Picture:
    """The expected and the found model's steps, side by side."""
    lines = [steps[start : start + PER_LINE] for start in range(0, len(steps), PER_LINE)]
    width = min(len(steps), PER_LINE) * (BOX_WIDTH + GAP) - GAP + 2
    texts = [text for step in steps for text in (step.expected, step.found) if text is not None]
    box = BOX_HEIGHT + DETAIL_HEIGHT * any(len(_written(text)) > 2 for text in texts)
    line_height = 2 * (WORD_HEIGHT + box) + BETWEEN_ROWS
    height = len(lines) * (line_height + BETWEEN_LINES) - BETWEEN_LINES + 2
    text = words.ui(
        "models_in_words",
        expected=" → ".join(one.expected for one in steps if one.expected) or "—",
        found=" → ".join(one.found for one in steps if one.found) or "—",
    )
    drawn = Markup("").join(
        _line(line, number * (line_height + BETWEEN_LINES), box, number == len(lines) - 1, words)
        for number, line in enumerate(lines)
    )
    svg = Markup(
        '<svg class="models" role="img" aria-label="{text}" viewBox="-1 -1 {width} {height}" '
        'width="{width}" height="{height}">{drawn}</svg>'
    ).format(text=visible(text), width=width, height=height, drawn=drawn)
    return Picture(svg, text)


def _line(steps: Sequence[Step], top: int, box: int, last: bool, words: Catalogue) -> Markup:
    """Up to ``PER_LINE`` steps of both models, boxes ``box`` high; an arrow behind the last where the models go on."""
    parts: list[Markup] = []
    for label, texts in (
        ("expected", [step.expected for step in steps]),
        ("found", [step.found for step in steps]),
    ):
        parts.append(_text(words.ui(label), 0, top + 12, "row"))
        top += WORD_HEIGHT
        for place, (step, text) in enumerate(zip(steps, texts, strict=True)):
            left = place * (BOX_WIDTH + GAP)
            parts.append(_box(text, step.differs, left, top, box))
            if place < len(steps) - 1 or not last:
                parts.append(_arrow(left + BOX_WIDTH, top + box // 2, place == PER_LINE - 1))
        top += box + BETWEEN_ROWS
    return Markup("").join(parts)


def _box(text: str | None, differs: bool, left: int, top: int, height: int) -> Markup:
    kind = "gap" if text is None else "other" if differs else "same"
    frame = Markup('<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>').format(
        kind=kind, x=left, y=top, w=BOX_WIDTH, h=height
    )
    if text is None:
        return frame
    lines = _written(text)
    baseline = top + (18 if len(lines) > 1 else 26)
    parts = [frame, _text(lines[0], left + 10, baseline, "name")]
    parts += [
        _text(line, left + 10, baseline + DETAIL_HEIGHT * number, "detail")
        for number, line in enumerate(lines[1:], 1)
    ]
    if differs:
        parts.append(_text("≠", left + BOX_WIDTH - 18, top + 18, "sign"))
    return Markup("<g><title>{}</title>{}</g>").format(visible(text), Markup("").join(parts))


def _written(text: str) -> list[str]:
    """A step's name and what it is called with, in two lines where one does not hold it."""
    name, _, rest = text.partition("(")
    if not rest or not name:
        return [text]
    settings = rest.removesuffix(")")
    if len(settings) <= MAX_CHARACTERS:
        return [name, settings]
    cut = settings.rfind(" ", 0, MAX_CHARACTERS + 1)
    return [name, settings[:cut], settings[cut + 1 :]] if cut > 0 else [name, settings]


def _arrow(left: int, middle: int, short: bool) -> Markup:
    """To the next step; at a line's end a short one that points on."""
    length = GAP // 2 if short else GAP
    return Markup('<path class="arrow" d="M{} {}h{}m-4 -3l4 3l-4 3"/>').format(
        left + 3, middle, length - (3 if short else 6)
    )


def _text(text: str, left: int, baseline: int, kind: str) -> Markup:
    shown = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, left, baseline, visible(shown))
