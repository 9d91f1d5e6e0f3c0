"""Sections that assignment.toml names and the notebook has not."""

from __future__ import annotations

from pathlib import Path

from autograder.course.assignment import load
from autograder.course.sections import missing
from tests.builders import SETTINGS, course, source_cells, text

COURSE = Path(__file__).parents[2]
LAYERS = '<a id="layers"></a>\n## Layers'


def test_a_section_without_an_anchor_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    """And with what to write where."""
    assert missing(course(tmp_path, cells=[text(LAYERS), *source_cells()])) == [
        f"questions.{question}.section: no heading of tiny.ipynb has the anchor 'models'. "
        'Write <a id="models"></a> above one, or name one of these: layers'
        for question in ("model", "custom")
    ]


def test_a_notebook_without_sections_is_told_how_to_have_one(tmp_path: Path) -> None:
    """There is none to name instead."""
    first, *_ = missing(course(tmp_path))
    assert first.endswith('Write <a id="layers"></a> above one')


def test_a_section_is_wanted_in_every_language(tmp_path: Path) -> None:
    """One that a translation has not is named with the language."""
    settings = SETTINGS.replace('["en"]', '["en", "ko"]').replace('en = "', 'ko = "x", en = "')
    settings = settings.replace('ko = "x", en = "A tiny course"', 'ko = "x"\nen = "A tiny course"')
    cells = [*source_cells(), text(LAYERS.replace("layers", "models")), text(LAYERS)]
    cells[-1]["metadata"] = {"tags": ["lang-en"]}
    first, second = missing(course(tmp_path, settings, cells))
    assert "linear" in first
    assert "no heading of tiny.ipynb in ko has the anchor 'layers'" in first
    assert "conv" in second


def test_sections_of_a_page_on_the_web_are_not_looked_for(tmp_path: Path) -> None:
    """Where the lesson has an address, the anchors may be there alone."""
    assert missing(course(tmp_path, f'{SETTINGS}\n[lesson]\nen = "https://example.org/tiny"\n')) == []


def test_this_repositorys_assignments_lack_none() -> None:
    """Every question of them sends students to a heading."""
    names = sorted(path.parent.name for path in COURSE.glob("assignments/*/assignment.toml"))
    assert {name: missing(load(COURSE, name)) for name in names} == {"cnn": [], "dl1": []}
