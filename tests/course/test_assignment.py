"""Loading an assignment, and every contradiction it may hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.assignment import (
    Anchor,
    Assignment,
    GivenCell,
    limits_of,
    load,
    load_handout,
    released,
)
from autograder.course.config import Config, Course, Limits
from autograder.errors import AssignmentError, ConfigError
from tests.builders import (
    ANSWERS,
    CONV_GIVEN,
    LINEAR_GIVEN,
    SETTINGS,
    SETUP,
    STUB,
    code,
    course,
    given,
    notebook,
    question,
    source_cells,
    student_cells,
    text,
    write_course,
)


def test_questions_come_in_the_notebooks_order(tmp_path: Path) -> None:
    """Order is the notebook's, whatever order the tables of assignment.toml have."""
    head, *tables = SETTINGS.split("\n[questions")
    settings = "\n[questions".join([head, *reversed(tables)])
    assignment = course(tmp_path, settings)
    assert [item.id for item in assignment.questions] == ["linear", "conv", "model", "custom"]
    linear = assignment.questions[0]
    assert linear.defines == ("linear_layer", "output")
    assert (linear.title, linear.section) == ({"en": "Linear"}, "layers")
    assert assignment.title == {"en": "A tiny course"}
    assert assignment.languages == ("en",)


def test_the_first_given_cell_is_the_notebooks(tmp_path: Path) -> None:
    """It prepares every question; each of the others belongs to the question after it."""
    assignment = course(tmp_path)
    assert assignment.given == (
        GivenCell("setup", SETUP, None),
        GivenCell("linear-given", LINEAR_GIVEN, "linear"),
        GivenCell("conv-given", CONV_GIVEN, "conv"),
    )
    assert [item.given_cells for item in assignment.questions] == [("linear-given",), ("conv-given",), (), ()]


def test_hidden_tests_in_a_given_cell_are_not_given(tmp_path: Path) -> None:
    """A given cell runs beside students' code, which may read it: it is what `grader release` hands out."""
    hidden = f"{LINEAR_GIVEN}\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS"

    def made(name: str, source: str) -> Assignment:
        cells = [
            given(source, "linear-given") if cell["source"] == LINEAR_GIVEN else cell for cell in source_cells()
        ]
        return course(tmp_path / name, cells=cells)

    assert made("hidden", hidden).given == made("plain", LINEAR_GIVEN).given
    with pytest.raises(AssignmentError, match=r"cell 'linear-given': its `### BEGIN HIDDEN TESTS` and.*Close"):
        made("torn", f"{hidden}\n### END HIDDEN TESTS")


def test_text_cells_are_anchors_of_the_question_they_lead_up_to(tmp_path: Path) -> None:
    """Their white space is normalised; text after the last question leads up to none."""
    assignment = course(tmp_path, cells=[*source_cells(), text("Well\n done"), text(" ")])
    assert Anchor("### Convolution Make another.", "conv") in assignment.markdown
    assert assignment.markdown[-1] == Anchor("Well done", None)


def test_the_stub_is_what_students_get(tmp_path: Path) -> None:
    """The stub is the cell without its answer, the reference all of it."""
    cells = source_cells()
    cells[-1]["source"] = (
        "class Custom:\n    ### BEGIN SOLUTION\n    a = 1\n    ### END SOLUTION\nmodel = Custom()"
    )
    last = course(tmp_path, cells=cells).questions[-1]
    assert last.stub == "class Custom:\nmodel = Custom()"
    assert "a = 1" in last.reference


def test_an_answer_without_delimiters_is_taken_out_whole() -> None:
    """As nbgrader does it; delimiters that do not alternate are an error."""
    assert released("a = 1") == ""
    for wrong in ("### BEGIN SOLUTION\n", "### END SOLUTION", "### BEGIN SOLUTION\n### BEGIN SOLUTION"):
        with pytest.raises(ValueError, match="SOLUTION"):
            released(wrong)


def test_checks_are_those_that_exist(tmp_path: Path) -> None:
    """Public checks lie with the assignment, hidden ones with the solution."""
    write_course(tmp_path)
    assert load(tmp_path, "tiny").check_files == ()
    public, hidden = (
        tmp_path / "assignments/tiny/test_public.py",
        tmp_path / "solutions/tiny/test_hidden.py",
    )
    for path in (public, hidden):
        path.write_text("1")
    assignment = load(tmp_path, "tiny")
    assert assignment.check_files == ((public, "public"), (hidden, "hidden"))


@pytest.mark.parametrize(
    "path",
    [
        "assignments/tiny/assignment.toml",
        "assignments/tiny/test_public.py",
        "assignments/tiny/data/numbers.csv",
        "solutions/tiny/tiny.ipynb",
        "solutions/tiny/test_hidden.py",
    ],
)
def test_the_digest_covers_whatever_a_verdict_depends_on(tmp_path: Path, path: str) -> None:
    """Loading twice gives one digest; a byte more in any file of the assignment another."""
    write_course(tmp_path)
    before = load(tmp_path, "tiny").digest
    assert before == load(tmp_path, "tiny").digest
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((file.read_bytes() if file.exists() else b"") + b"\n")
    assert load(tmp_path, "tiny").digest != before


def test_an_assignments_limits_stand_over_the_courses(tmp_path: Path) -> None:
    """What it names is its own, the rest the course's; a wrong one is an error that names file and key."""
    write_course(tmp_path, SETTINGS + "\n[limits]\nmemory_mib = 300\n")
    here = Course(tmp_path, Config(limits=Limits(memory_mib=900, threads=7)))
    assert limits_of(here, "tiny") == Limits(memory_mib=300, threads=7)
    (tmp_path / "assignments/tiny/assignment.toml").write_text(SETTINGS + "\n[limits]\nmemory_mb = 300\n")
    with pytest.raises(ConfigError, match=r"assignment\.toml: limits\.memory_mb: is not a setting"):
        limits_of(here, "tiny")


def test_the_lesson_may_have_an_address(tmp_path: Path) -> None:
    """It is https, in a language of the assignment; anything else is refused by its key."""
    said = '[lesson]\nen = "https://example.org/tiny"\n'
    assert course(tmp_path / "a", SETTINGS + said).lesson == {"en": "https://example.org/tiny"}
    for wrong in ('en = "http://example.org"', 'en = "https://example.org/ x"', 'xx = "https://example.org"'):
        with pytest.raises(ConfigError, match=rf"lesson\.{wrong[:2]}"):
            course(tmp_path / wrong[:30].replace("/", "-"), f"{SETTINGS}\n[lesson]\n{wrong}\n")


def test_limits_are_kept(tmp_path: Path) -> None:
    """An assignment may have limits of its own."""
    assert course(tmp_path, SETTINGS + "\n[limits]\ncell_seconds = 2.5\n").limits == {"cell_seconds": 2.5}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('languages = ["en"]', "", "languages"),
        ('languages = ["en"]', "languages = []", "languages"),
        ('languages = ["en"]', 'languages = "en"', "languages"),
        ('languages = ["en"]', 'languages = ["english please"]', "languages"),
        ('languages = ["en"]', 'languages = ["en", "ko"]', "questions.linear.title.ko"),
        ('languages = ["en"]', 'languages = ["en"]\nname = "x"', "name"),
        ('en = "A tiny course"', "en = 5", "title"),
        ('en = "A tiny course"', 'en = "x"\nko = "y"', "title.ko"),
        ('defines = ["model"]', "", "questions.model.defines"),
        ('defines = ["model"]', "defines = 5", "questions.model.defines"),
        ('defines = ["model"]', "defines = []", "questions.model.defines"),
        ('defines = ["model"]', 'defines = ["a b"]', "questions.model.defines"),
        ('defines = ["model"]', 'defines = ["model", "model"]', "questions.model.defines"),
        ('defines = ["model"]', 'defines = ["model"]\npoints = 5', "questions.model.points"),
        ("[questions.linear]", "[limits]\nmemory = true\n[questions.linear]", "limits.memory"),
        ("[questions.linear]", "[limits]\nmemory = 0\n[questions.linear]", "limits.memory"),
        ("[questions.linear]", "[limits]\nmemory = nan\n[questions.linear]", "limits.memory"),
        ("[questions.linear]", "[questions.linear", "file"),
        ("[questions.custom]", "[questions.other]", "questions.other"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    """The error carries the file and the key that has to be mended, and says how."""
    assert old in SETTINGS
    # The cell that has no table any more would be reported first.
    cells = source_cells()[:-1] if key == "questions.other" else None
    with pytest.raises(ConfigError) as caught:
        course(tmp_path, SETTINGS.replace(old, new, 1), cells)
    assert caught.value.path.endswith("assignment.toml")
    assert caught.value.key == key
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda cells: [*cells, question("x = 1", "extra")], "'extra'.* has no table"),
        (lambda cells: [*cells, given("y = 1", "setup")], "grade_id 'setup' is used before"),
        (lambda cells: [*cells, given("y = 1", "late")], "'late': is given after the last question"),
        (lambda cells: [*cells, code("y = 1", "", locked=True)], "cell 13: it has no grade_id"),
        (lambda cells: [*cells, code("assert model", "t", grade=True, locked=True)], "'t'.*half a question"),
        (
            lambda cells: [*cells[:-1], question("model = 1", "custom")],
            "'custom': its solution does not bind Custom",
        ),
        (lambda cells: [*cells[:-1], question("model = ", "custom")], "'custom': its solution is not Python"),
        (
            lambda cells: [
                *cells[:-1],
                code("### BEGIN SOLUTION\nx", "custom", grade=True, solution=True),
            ],
            "'custom': `### END SOLUTION` is missing",
        ),
    ],
)
def test_a_contradiction_in_the_notebook_is_named(
    tmp_path: Path, change: Callable[[object], list[dict[str, object]]], expected: str
) -> None:
    """The error names the notebook, the question or cell, and what is wrong with it."""
    with pytest.raises(AssignmentError, match=r"tiny\.ipynb: .*" + expected):
        course(tmp_path, cells=change(source_cells()))


@pytest.mark.parametrize("tag", ["lang_en", "lang-kr", "lang-", "lang", "Lang-en", "lang:en", "lang en", "lang-en-"])
def test_a_tag_of_no_language_is_named(tmp_path: Path, tag: str) -> None:
    """Its cell would be in no notebook, or in all of them: the error says which cell, and which tags there are."""
    cells = source_cells()
    cells[0]["metadata"] = {"tags": ["lang-en"]}
    cells[2] |= {"id": "about-linear", "metadata": {"tags": ["slides", tag]}}
    with pytest.raises(AssignmentError) as caught:
        course(tmp_path, cells=cells)
    assert str(caught.value).endswith(
        f"tiny.ipynb: cell 3 (about-linear): its tag {tag!r} is no language of the assignment. Known here: lang-en"
    )


@pytest.mark.parametrize("tag", ["language", "langsam", "slang-en", "lang-en"])
def test_other_tags_are_the_authors_own(tmp_path: Path, tag: str) -> None:
    """Only what was meant for a language is looked at."""
    cells = source_cells()
    cells[0]["metadata"] = {"tags": [tag]}
    assert course(tmp_path, cells=cells).questions


def without_solution(root: Path) -> None:
    (root / "solutions/tiny/tiny.ipynb").unlink()
    (root / "solutions/tiny").rmdir()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (without_solution, r"solutions/tiny: the folder is missing"),
        (lambda root: (root / "solutions/tiny/tiny.ipynb").unlink(), r"tiny\.ipynb: cannot be read"),
        (
            lambda root: (root / "solutions/tiny/tiny.ipynb").write_text("{"),
            r"tiny\.ipynb: cannot be read as",
        ),
        (
            lambda root: (root / "assignments/tiny/assignment.toml").unlink(),
            r"assignment\.toml: cannot be read",
        ),
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, damage: Callable[[Path], object], expected: str) -> None:
    """An assignment of which a part is gone says which."""
    damage(write_course(tmp_path))
    with pytest.raises(AssignmentError, match=expected):
        load(tmp_path, "tiny")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"nbformat": 4, "metadata": {}}',
        '{"nbformat": 4, "cells": []}',
        '{"nbformat": 4, "metadata": {}, "cells": [1]}',
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}}]}',
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": [], "source": "x"}]}',
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": [1]}]}',
        '{"nbformat": 5, "metadata": {}, "cells": []}',
    ],
)
def test_a_source_of_another_shape_is_no_notebook(tmp_path: Path, text: str) -> None:
    """Whatever its notebook lacks, the author is told which file it is."""
    write_course(tmp_path)
    (tmp_path / "solutions/tiny/tiny.ipynb").write_text(text)
    with pytest.raises(AssignmentError, match=r"tiny\.ipynb: cannot be read as a notebook"):
        load(tmp_path, "tiny")


def test_a_source_is_read_as_nbformat_reads_it(tmp_path: Path) -> None:
    """Text in one piece or in lines, and a notebook of format 3, are the same assignment."""
    write_course(tmp_path)
    path = tmp_path / "solutions/tiny/tiny.ipynb"
    whole = load(tmp_path, "tiny")
    read = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    texts = [
        nbformat.writes(read, split_lines=lines) for lines in (True, False)  # type: ignore[no-untyped-call]
    ]
    texts.append(nbformat.writes(nbformat.convert(read, 3), version=3))  # type: ignore[no-untyped-call]
    assert len(set(texts)) == 3
    for written in texts:
        path.write_text(written, encoding="utf-8")
        other = load(tmp_path, "tiny")
        assert (other.questions, other.given, other.markdown) == (whole.questions, whole.given, whole.markdown)


def test_loading_is_cheap(tmp_path: Path) -> None:
    """Every process that grades loads an assignment: nbformat, with what it drags in, is not needed for that."""
    write_course(tmp_path)
    program = (
        "import sys, pathlib, autograder.course.assignment as a; a.load(pathlib.Path(sys.argv[1]), 'tiny')\n"
        "print(*[name for name in ('torch', 'nbgrader', 'nbformat', 'jsonschema') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize("name", ["huge", "../tiny", "", ".", "tiny/data"])
def test_an_unknown_name_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    """A misspelt name, or one that leads elsewhere, is answered with the names there are."""
    write_course(tmp_path)
    with pytest.raises(AssignmentError, match="There are: tiny"):
        load(tmp_path, name)


def test_every_answer_of_the_builders_course_is_in_its_notebook(tmp_path: Path) -> None:
    """The course that the other tests use is free of contradictions."""
    assignment: Assignment = course(tmp_path)
    assert all(ANSWERS[item.id] in item.reference for item in assignment.questions)


def handout(root: Path, cells: list[dict[str, Any]], name: str = "tiny.en.ipynb") -> Path:
    """A handed-out folder at ``root`` with this notebook in it."""
    root.mkdir(exist_ok=True)
    (root / "assignment.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "test_public.py").touch()
    (root / name).write_bytes(notebook(cells, {"autograder": {"assignment": "tiny", "lang": "en"}}))
    return root


def released_cells(**answers: str) -> list[dict[str, Any]]:
    """The tiny notebook's cells with nbgrader's own checksums, then ``answers`` in place of its stubs."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum  # type: ignore[import-untyped]

    cells = student_cells(dict.fromkeys(ANSWERS, STUB))
    for cell in cells:
        if about := cell["metadata"].get("nbgrader"):
            about["checksum"] = compute_checksum(from_dict(cell))  # type: ignore[no-untyped-call]
            cell["source"] = answers.get(about["grade_id"], cell["source"])
    return cells


def test_a_students_own_tags_are_no_contradiction(tmp_path: Path) -> None:
    """What was handed out may be tagged in any way."""
    cells = released_cells()
    cells[0]["metadata"]["tags"] = ["lang_en"]
    assert load_handout(handout(tmp_path / "out", cells)).questions


def test_a_handout_is_the_assignment_without_its_secrets(tmp_path: Path) -> None:
    """Questions, given cells and text are the source's; there is no answer, and no hidden check."""
    whole = course(tmp_path)
    part = load_handout(handout(tmp_path / "out", released_cells()))
    assert (part.name, part.whole, whole.whole) == ("tiny", False, True)
    assert (part.given, part.markdown, part.title) == (whole.given, whole.markdown, whole.title)
    for mine, full in zip(part.questions, whole.questions, strict=True):
        assert (mine.id, mine.defines, mine.given_cells) == (full.id, full.defines, full.given_cells)
        assert (mine.stub, mine.reference) == (STUB, "")
    assert part.check_files == ((tmp_path / "out/test_public.py", "public"),)


def test_a_handout_whose_only_notebook_was_worked_in(tmp_path: Path) -> None:
    """The cells that were worked in have no stub any more; a pristine copy beside gives it back."""
    worked = released_cells(linear="linear_layer = 1", conv="conv_layer = 2")
    folder = handout(tmp_path / "out", worked, "a mine.ipynb")
    assert [item.stub for item in load_handout(folder).questions] == ["", "", STUB, STUB]
    (folder / "b.ipynb").write_bytes(b'{"grade_id"')
    handout(folder, released_cells(), "tiny.en.ipynb")
    assert [item.stub for item in load_handout(folder).questions] == [STUB] * 4


def test_a_handout_without_its_given_cells_names_them(tmp_path: Path) -> None:
    """A notebook whose given cells were changed cannot stand for the released one."""
    cells = released_cells()
    cells[3]["source"] = "x = 5"
    with pytest.raises(AssignmentError, match=r"given cells were changed \(linear-given\).*handed out"):
        load_handout(handout(tmp_path / "out", cells))


@pytest.mark.parametrize("file", ["assignment.toml", "test_public.py", "tiny.en.ipynb"])
def test_what_a_handout_lacks_is_named(tmp_path: Path, file: str) -> None:
    """And how to get it back."""
    folder = handout(tmp_path / "out", released_cells())
    (folder / file).unlink()
    missing = "released notebook" if file.endswith(".ipynb") else file
    with pytest.raises(AssignmentError, match=rf"{missing}.*handed out"):
        load_handout(folder)
