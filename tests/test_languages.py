"""Adding a language is adding one file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import autograder
from autograder.languages import LANGUAGES, translation
from autograder.messages.catalogue import msgids
from autograder.messages.template import template
from tests.builders import SETTINGS, write_course

PACKAGE = Path(autograder.__file__).parent

PROGRAM = """
import datetime, sys
from pathlib import Path
from autograder.course.config import find_course
from autograder.messages import catalogue
from autograder.handout.release import write_release

words = catalogue(find_course(Path(sys.argv[1])).config.course.language)
print(words.language, words.text("missing_name", name="x"))
print(words.ui("students_count", count=1), words.ui("students_count", count=2))
print(words.points(1234.5), words.duration(1.3), words.moment(datetime.datetime(2026, 11, 24, 14, 5)))
write_release(Path(sys.argv[1]), "tiny", ["de"])
"""


def test_a_template_has_every_text() -> None:
    """A translation begins with all there is to translate, and one that exists keeps what it has."""
    new = read_po(template("de").decode().splitlines(keepends=True), locale="de")
    assert [entry.id for entry in new if entry.id] == [
        text if isinstance(text, str) else tuple(text) for text in dict.fromkeys(text for _, text in msgids())
    ]
    assert not any(entry.string and any(entry.string) for entry in new if entry.id)
    with translation("ko").open("rb") as file:
        there = {str(entry.id): entry.string for entry in read_po(file) if entry.id}
    kept = read_po(template("ko").decode().splitlines(keepends=True), locale="ko")
    assert {str(entry.id): entry.string for entry in kept if entry.id} == there


def test_what_is_no_language_is_refused() -> None:
    """The error says what a language is."""
    with pytest.raises(ValueError, match="is no language that Babel knows"):
        template("../../x")


def test_one_file_makes_a_language(tmp_path: Path) -> None:
    """With a German file beside the Korean one, settings, texts, plurals, numbers, dates and releases know German."""
    shutil.copytree(PACKAGE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / translation("de").relative_to(PACKAGE.parent)
    path.parent.mkdir(parents=True)
    text = template("de").decode()
    text = re.sub(
        r'^msgid_plural "(.*)"\nmsgstr\[0\] ""\nmsgstr\[1\] ""',
        r'msgid_plural "\1"\nmsgstr[0] "eins \1"\nmsgstr[1] "viele \1"',
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r'^msgid "(.+)"\nmsgstr ""', r'msgid "\1"\nmsgstr "deutsch: \1"', text, flags=re.MULTILINE)
    path.write_text(text, "utf-8")
    settings = SETTINGS.replace('["en"]', '["de"]').replace("en = ", "de = ")
    root = write_course(tmp_path / "course", settings)
    (root / "grader.toml").write_text('[course]\nlanguage = "de"\n')
    source = root / "solutions/tiny/tiny.ipynb"
    document = json.loads(source.read_bytes()) | {"nbformat_minor": 5}
    for number, cell in enumerate(document["cells"]):
        cell["id"] = f"cell-{number}"
        if cell["cell_type"] == "markdown":
            cell["metadata"]["tags"] = ["lang-de"]
    source.write_text(json.dumps(document))

    def run(*arguments: str) -> str:
        command = [
            sys.executable,
            "-P",
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{arguments[0]}",
            *arguments[1:],
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert run(PROGRAM, str(root)).splitlines() == [
        "de deutsch: `x` is not defined in this question's cells.",
        "eins 1 students viele 2 students",
        "1.234,5 1,3 Sek. 24. November 2026, 14:05",
    ]
    assert "# deutsch: Write your code here" in (root / "assignments/tiny/tiny.de.ipynb").read_text("utf-8")
    assert "de|ko" in run(
        "sys.argv[1:] = ['grade', '--help']\nfrom autograder.cli import app; app()"
    ).replace("\n", "")


def test_the_source_language_comes_first() -> None:
    """English, which is in no file, and then those that are."""
    assert LANGUAGES[0] == "en"
    assert "ko" in LANGUAGES
