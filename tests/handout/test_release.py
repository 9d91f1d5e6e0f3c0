"""Released notebooks: made from the one source, complete, and without a word of the answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nbformat import from_dict, validate
from nbgrader.nbgraderformat import MetadataValidator  # type: ignore[import-untyped]
from nbgrader.utils import compute_checksum  # type: ignore[import-untyped]

from autograder.cli.release import collected
from autograder.course.assignment import load
from autograder.errors import AssignmentError
from autograder.handout.release import POINTS_MARKER, is_question, release, write_release

COURSE = Path(__file__).parents[2]
SETTINGS = tomllib.loads((COURSE / "assignments/dl1/assignment.toml").read_text(encoding="utf-8"))
LANGUAGES: list[str] = SETTINGS["languages"]
SOURCE: dict[str, Any] = json.loads((COURSE / "solutions/dl1/dl1.ipynb").read_bytes())
OPENING = re.compile(r'<a id="([a-z-]+)"></a>\n\n#')


def released(lang: str) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads((COURSE / f"assignments/dl1/dl1.{lang}.ipynb").read_bytes())
    return notebook


def source_of(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def code_of(notebook: Mapping[str, Any]) -> str:
    return "\n".join(source_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")


def questions_of(notebook: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"] if is_question(cell)}


def points_of(notebook: Mapping[str, Any]) -> dict[str, float]:
    return {name: cell["metadata"]["nbgrader"]["points"] for name, cell in questions_of(notebook).items()}


def solutions() -> list[str]:
    return re.findall(r"### BEGIN SOLUTION\n(.*?)\n### END SOLUTION", code_of(SOURCE), re.DOTALL)


def code(source: str, name: str, **marks: Any) -> dict[str, Any]:
    """A question's cell; ``marks`` overrides its nbgrader metadata."""
    usual = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "points": 1}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": {"grade_id": name, **usual, **marks}},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def text(source: str, lang: str) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": f"text-{lang}",
        "metadata": {"tags": [f"lang-{lang}"]},
        "source": source,
    }


def course(folder: Path, *cells: dict[str, Any]) -> Path:
    """A course in ``folder`` whose assignment ``a1`` has these cells between an English and a Korean text."""
    source = folder / "solutions/a1/a1.ipynb"
    source.parent.mkdir(parents=True)
    everything = [text("Hello", "en"), *cells, text("안녕하세요", "ko")]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": everything}
    source.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def refusal(folder: Path, *cells: dict[str, Any], **arguments: Any) -> str:
    """What :func:`release` says when it refuses these cells."""
    with pytest.raises(AssignmentError) as refused:
        release(course(folder, *cells), "a1", arguments.pop("languages", ["en"]), **arguments)
    assert str(folder / "solutions/a1/a1.ipynb") in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("assignment", ["dl1", "cnn"])
def test_generated_notebooks_are_a_fresh_release(assignment: str) -> None:
    """What is in assignments/ is, byte for byte, what a release makes with the checks' points: 100 of them."""
    points, checks = collected(load(COURSE, assignment), COURSE)
    assert sum(points.values()) == 100
    for name, content in release(COURSE, assignment, LANGUAGES, points, checks).items():
        assert (COURSE / "assignments" / assignment / name).read_bytes() == content


def test_the_source_says_the_same_points() -> None:
    """The source's own points are the checks', so that nbgrader run on it agrees with the releases."""
    points, _ = collected(load(COURSE, "dl1"), COURSE)
    assert points_of(SOURCE) == points


def test_asks_the_questions_of_the_settings() -> None:
    """Source and releases have the questions that assignment.toml lists, in its order."""
    for notebook in (SOURCE, *map(released, LANGUAGES)):
        assert list(questions_of(notebook)) == list(SETTINGS["questions"])


def test_sections_exist_in_every_language() -> None:
    """Each release has the same anchors in the same order, and each question's section is one of them."""
    anchors = [OPENING.findall("\n".join(map(source_of, released(lang)["cells"]))) for lang in LANGUAGES]
    assert all(each == anchors[0] for each in anchors)
    assert {question["section"] for question in SETTINGS["questions"].values()} <= set(anchors[0])


def test_every_section_opens_with_an_anchor() -> None:
    """No text cell has a section's heading without an anchor in front of it for feedback to link to."""
    texts = [source_of(cell) for cell in SOURCE["cells"] if cell["cell_type"] == "markdown"]
    assert all(OPENING.match(text) for text in texts if re.search(r"^##? ", text, re.MULTILINE))


@pytest.mark.parametrize("lang", ["source", *LANGUAGES])
def test_is_valid_for_nbgrader(lang: str) -> None:
    """Source and releases are valid notebooks with valid nbgrader v3 metadata and unique grade ids."""
    notebook = from_dict(SOURCE if lang == "source" else released(lang))  # type: ignore[no-untyped-call]
    validate(notebook)
    MetadataValidator().validate_nb(notebook)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checksums_are_nbgraders(lang: str) -> None:
    """nbgrader sees a release's cells as untouched, and students can delete none of them."""
    for cell in from_dict(released(lang)).cells:  # type: ignore[no-untyped-call]
        assert cell.metadata["deletable"] is False
        if marks := cell.metadata.get("nbgrader"):
            cell["source"] = source_of(cell)
            assert marks["checksum"] == compute_checksum(cell)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_has_one_language(lang: str) -> None:
    """Every text cell of a release is of its language, and none of that language's is missing."""
    texts = [cell for cell in released(lang)["cells"] if cell["cell_type"] == "markdown"]
    wanted = [cell for cell in SOURCE["cells"] if f"lang-{lang}" in cell["metadata"].get("tags", [])]
    differing = [
        i
        for i, (cell, other) in enumerate(zip(texts, wanted, strict=True))
        if source_of(cell) != source_of(other)
    ]
    assert differing == [i for i, cell in enumerate(wanted) if POINTS_MARKER in source_of(cell)]
    assert len(texts) * len(LANGUAGES) == sum(cell["cell_type"] == "markdown" for cell in SOURCE["cells"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hides_the_answers(lang: str) -> None:
    """No line of an answer stands in a release's code; none that binds a name stands in its text either."""
    notebook = released(lang)
    everything = "\n".join(map(source_of, notebook["cells"]))
    lines = [line for solution in solutions() for line in solution.split("\n") if line.strip()]
    assert lines
    assert not [line for line in lines if line in code_of(notebook).split("\n")]
    answers = [line for line in lines if re.match(r"\w+ = (?!CustomModel\(\)$)|class ", line)]
    assert not [line for line in answers if line in everything]
    assert not re.search("BEGIN|END|HIDDEN", code_of(notebook))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_runs_as_it_is(lang: str) -> None:
    """An untouched release runs from top to bottom without raising, and answers nothing."""
    names: dict[str, Any] = {}
    exec(code_of(released(lang)), names)
    asked = {name for question in SETTINGS["questions"].values() for name in question["defines"]}
    assert not asked & names.keys()


def test_reference_defines_every_name() -> None:
    """The source runs, and each question's cell binds all the names that the question asks for."""
    names: dict[str, Any] = {}
    for cell in SOURCE["cells"]:
        if cell["cell_type"] != "code":
            continue
        before = dict(names)
        exec(source_of(cell), names)
        if is_question(cell):
            asked = SETTINGS["questions"][cell["metadata"]["nbgrader"]["grade_id"]]["defines"]
            assert all(names[name] is not before.get(name) for name in asked)


def test_says_what_it_is() -> None:
    """A release names its assignment and language, and its version changes when its content does."""
    first, second = (
        json.loads(release(COURSE, "dl1", ["en"], points)["dl1.en.ipynb"])["metadata"]["autograder"]
        for points in (dict.fromkeys(SETTINGS["questions"], worth) for worth in (1, 2))
    )
    assert (first["assignment"], first["lang"]) == ("dl1", "en")
    assert first["version"] != second["version"]


def test_takes_out_what_students_must_not_see(tmp_path: Path) -> None:
    """Answers, hidden tests and outputs go; the code around them and the indentation stay."""
    cell = code(
        "def f():\n    ### BEGIN SOLUTION\n    return 'secret'\n    ### END SOLUTION\n"
        "print(1)\n### BEGIN HIDDEN TESTS\nassert f() == 'secret'\n### END HIDDEN TESTS",
        "f",
    )
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "secret"}]
    content = release(course(tmp_path, cell), "a1", ["ko"])["a1.ko.ipynb"]
    assert b"secret" not in content
    assert code_of(json.loads(content)) == "def f():\n    # 여기에 코드를 작성하세요\nprint(1)"


def test_writes_points(tmp_path: Path) -> None:
    """Given points replace the source's in every language; without them the source's stay."""
    root = course(tmp_path, code("", "f"), code("", "g"))
    for points, expected in ((None, {"f": 1, "g": 1}), ({"f": 2.5, "g": 4.0}, {"f": 2.5, "g": 4})):
        for content in release(root, "a1", ["ko", "en"], points).values():
            assert points_of(json.loads(content)) == expected


def test_writes_every_language_or_none(tmp_path: Path) -> None:
    """A release that fails in one language leaves no file behind in another."""
    root = course(tmp_path, code("", "f"))
    with pytest.raises(AssignmentError):
        write_release(root, "a1", ["en", "de"])
    assert not (root / "assignments").exists()
    assert [path.name for path in write_release(root, "a1", ["en", "ko"])] == ["a1.en.ipynb", "a1.ko.ipynb"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("### BEGIN SOLUTION\nx = 1", "1 lines say BEGIN SOLUTION and 0 say END SOLUTION"),
        ("### BEGIN SOLUTION\n### END SOLUTION\n### BEGNI SOLUTION\n### END SOLUTION", "2 say END SOLUTION"),
        ("### BEGIN SOLUTION\n" * 2 + "### END SOLUTION\n" * 2, "nested"),
        ("x = 1\n### END HIDDEN TESTS", "0 lines say BEGIN HIDDEN TESTS"),
    ],
)
def test_refuses_torn_regions(tmp_path: Path, source: str, complaint: str) -> None:
    """A region without its end or its beginning is refused, with the cell's number and id, not handed out."""
    said = refusal(tmp_path, code(source, "f"))
    assert "cell 2 (f)" in said
    assert complaint in said


@pytest.mark.parametrize(
    ("marks", "complaint"),
    [
        ({"schema_version": 2}, "Outdated schema version"),
        ({"points": -1}, "less than the minimum"),
        ({"grade_id": "a b"}, "does not match"),
        ({"surprise": 1}, "Additional properties"),
        ({"grade": False, "solution": False, "locked": True}, "region detected in a non-solution cell"),
    ],
)
def test_refuses_wrong_metadata(tmp_path: Path, marks: dict[str, Any], complaint: str) -> None:
    """Metadata that nbgrader would not accept is refused in its own words, with the cell's number."""
    said = refusal(tmp_path, code("### BEGIN SOLUTION\n### END SOLUTION", "f", **marks))
    assert "cell 2 (" in said
    assert complaint in said
    assert "\n" not in said


def test_refuses_a_grade_id_twice(tmp_path: Path) -> None:
    """Two cells with one grade id are refused, and the second is named."""
    said = refusal(tmp_path, code("", "f"), code("", "g", grade_id="f"))
    assert "cell 3 (f): its grade_id is used twice" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"points": {"f": 1, "g": 1}}, "no question `g`"),
        ({"points": {}}, "nothing is worth points in `f`"),
        ({"points": {"f": -1}}, "less than the minimum"),
        ({"languages": ["fr"]}, "'fr'"),
    ],
)
def test_refuses_what_does_not_fit(tmp_path: Path, arguments: dict[str, Any], complaint: str) -> None:
    """Points for other questions than the notebook's and a language it lacks are refused by name."""
    assert complaint in refusal(tmp_path, code("", "f"), **arguments)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "\udcff", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"id": "a"}]}']
)
def test_refuses_what_is_no_notebook(tmp_path: Path, content: str) -> None:
    """A source that cannot be read is an error that names the file; nothing else escapes."""
    (course(tmp_path) / "solutions/a1/a1.ipynb").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(AssignmentError, match=r"a1\.ipynb: "):
        release(tmp_path, "a1", ["en"])


def test_refuses_cells_without_ids(tmp_path: Path) -> None:
    """Cell ids that would have to be drawn at random are refused: releases would differ from run to run."""
    cell = code("", "f")
    del cell["id"]
    assert "ids of their own" in refusal(tmp_path, cell)


def test_import_is_cheap() -> None:
    """Importing autograder.handout.release imports neither nbgrader nor nbformat nor torch."""
    script = "import sys, autograder.handout.release; print({'nbgrader', 'nbformat', 'torch'} & set(sys.modules))"
    output = subprocess.check_output([sys.executable, "-c", script], cwd=COURSE, text=True)
    assert output == "set()\n"


def test_an_answer_in_text_keeps_its_points(tmp_path: Path) -> None:
    """A person grades it: no check is asked for, its answer goes, its points and nbgrader's marks stay."""
    essay = code("### BEGIN SOLUTION\nBecause.\n### END SOLUTION", "essay", points=5) | {"cell_type": "markdown"}
    del essay["outputs"], essay["execution_count"]
    place = course(tmp_path, code("x = 1", "coded"), essay)
    cells = json.loads(release(place, "a1", ["ko"], {"coded": 3})["a1.ko.ipynb"])["cells"]
    (written,) = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "essay"]
    assert written["metadata"]["nbgrader"]["points"] == 5
    assert source_of(written) == "여기에 답을 적으세요"
