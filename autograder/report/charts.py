"""Charts, drawn by matplotlib and dressed in the page's own colours.

Each is drawn twice, for a wide and for a narrow page, because text in a picture shrinks with it. Nothing of a
student's is ever drawn: numbers, words of ours, and ids that a course's author chose.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from autograder.process.interrupts import held_back
from autograder.report import svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW = (9.6, 2.9), (3.4, 2.3)  # inches of 72 points, of which the page makes pixels
FONT_POINTS = 9.5


@dataclass(frozen=True, slots=True)
class Words:
    """What is written at a chart; ``alternative`` is for those who do not see it."""

    title: str
    alternative: str
    across: str
    up: str
    mark: str = ""


class Point(NamedTuple):
    difficulty: float
    discrimination: float
    id: str


@dataclass(frozen=True, slots=True)
class Drawings:
    wide: Markup
    narrow: Markup


def histogram(counts: Sequence[int], edges: Sequence[float], median: float, words: Words) -> Drawings:
    """Bars for the ``counts`` between the ``edges``, with a line where the median is."""

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        width = edges[1] - edges[0]
        axes.bar(edges[:-1], counts, width=width * 0.88, align="edge", color=svg.ACCENT)
        axes.axvline(median, color=svg.INK, linewidth=1, linestyle=(0, (3, 3)))
        right = median < (edges[0] + edges[-1]) / 2
        axes.annotate(
            words.mark,
            (median, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, 3),
            textcoords="offset points",
            ha="left" if right else "right",
            color=svg.INK,
        )
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, max(max(counts), 1) * 1.05)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.grid(axis="y", color=svg.RULE, linewidth=0.8)

    return _drawn("histogram", draw, words)


def scatter(points: Sequence[Point], words: Words) -> Drawings:
    """A dot for each check; those that tell students apart the wrong way are named and have another shape."""

    def draw(axes: Axes) -> None:
        right = [point for point in points if point.discrimination >= 0]
        wrong = [point for point in points if point.discrimination < 0]
        axes.axhline(0, color=svg.SOFT, linewidth=0.8)
        for marker, colour, some in (("o", svg.ACCENT, right), ("D", svg.WRONG, wrong)):
            axes.scatter(
                [point.difficulty for point in some],
                [point.discrimination for point in some],
                s=26,
                marker=marker,
                color=colour,
                alpha=0.85,
                linewidths=0,
            )
        for point in wrong:
            axes.annotate(
                point.id, (point.difficulty, point.discrimination), (6, -3), textcoords="offset points"
            )
        lowest = min(point.discrimination for point in points)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(
            min(-0.05, lowest - 0.08), max(1.0, max(point.discrimination for point in points) + 0.05)
        )
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}%")
        axes.grid(color=svg.RULE, linewidth=0.8)

    return _drawn("checks", draw, words)


@held_back()  # the first chart imports matplotlib, much of it C++
def _drawn(name: str, draw: Callable[[Axes], None], words: Words) -> Drawings:
    wide, narrow = (
        Markup(svg.themed(_figure(draw, words, size), f"{name}-{label}", words.title, words.alternative))
        for label, size in (("wide", WIDE), ("narrow", NARROW))
    )
    return Drawings(wide, narrow)


def _figure(draw: Callable[[Axes], None], words: Words, size: tuple[float, float]) -> bytes:
    """The chart as matplotlib's own SVG, text kept as text."""
    import io

    import matplotlib
    from matplotlib.figure import Figure

    with (
        matplotlib.rc_context(
            {"svg.fonttype": "none", "svg.hashsalt": "autograder", "font.size": FONT_POINTS}
        ),
        warnings.catch_warnings(),
    ):
        # The reader's browser draws the text, with fonts of its own; matplotlib's lack Korean, and say so.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure = Figure(figsize=size)
        figure.patch.set_visible(False)
        axes = figure.add_axes(
            (44 / 72 / size[0], 40 / 72 / size[1], 1 - 54 / 72 / size[0], 1 - 60 / 72 / size[1])
        )
        axes.patch.set_visible(False)
        axes.set_axisbelow(True)
        draw(axes)
        axes.set_xlabel(words.across, color=svg.SOFT, labelpad=5)
        axes.set_title(words.up, loc="left", color=svg.SOFT, fontsize=FONT_POINTS, pad=7)
        axes.tick_params(length=0, colors=svg.SOFT)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(svg.RULE)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return file.getvalue()
