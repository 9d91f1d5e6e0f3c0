"""``grader check``: what a student sees of the public checks, in a folder that was handed out and nothing else."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from autograder.cli import main
from autograder.errors import UnreadableNotebook

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, stdout and stderr of ``grader`` with these arguments, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        sys.modules.pop(
            "test_public", None
        )  # Python keeps imported checks by name, and each folder has its own
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        code = caught.value.code
        return (code if isinstance(code, int) else 0 if code is None else 1), out, err

    return run


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the real release of dl1 hands out; the course it comes from is gone."""
    root = tmp_path_factory.mktemp("course")
    for part in ("grader.toml", "assignments/dl1", "solutions/dl1/dl1.ipynb", "solutions/dl1/test_hidden.py"):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, root / part)
    target = tmp_path_factory.mktemp("students") / "dl1"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr(sys, "argv", ["grader", "release", "dl1", "--handout", str(target)])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code in (None, 0)
    shutil.rmtree(root)
    return target


@pytest.fixture
def handout(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's copy, in a folder with a space and Hangul; the process stands elsewhere."""
    folder = tmp_path / "딥러닝 과제 1"
    shutil.copytree(released, folder)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


def answered(path: Path, student: str = "perfect", **answers: str) -> Path:
    """Put the answers of a sample submission into the released notebook ``path``, ``answers`` over them."""
    sample = json.loads((ROOT / "submitted" / student / "dl1/dl1.ipynb").read_bytes())
    given = {name: cell["source"] for cell in sample["cells"] if (name := grade_id(cell))}
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name in given and cell["metadata"]["nbgrader"].get("solution"):
            cell["source"] = answers.get(name, given[name])
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return path


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_perfect_notebook_passes_and_stays_as_it_was(handout: Path, run: Run) -> None:
    """Exit code 0, every question on its line, and not a file changed or added."""
    notebook = answered(handout / "dl1.ko.ipynb")
    before = contents(handout)
    code, out, err = run("check", notebook)
    assert (code, err) == (0, "")
    assert out.count("✓") == 11
    assert "공개 검사" in out
    assert contents(handout) == before


def test_a_notebook_alone_under_any_name(handout: Path, run: Run) -> None:
    """The student's own file is the only notebook there, with a name of its own."""
    notebook = answered(handout / "dl1.en.ipynb").rename(handout / "김 하나 (final) [2].ipynb")
    (handout / "dl1.ko.ipynb").unlink()
    code, out, _ = run("check", notebook)
    assert code == 0
    assert "A linear layer" in out
    assert "김 하나 (final) [2].ipynb" in out


def test_a_notebook_that_has_left_its_folder(handout: Path, run: Run, tmp_path: Path) -> None:
    """Wherever it is, it carries its public checks; without them, what to do is said."""
    alone = tmp_path / "alone"
    alone.mkdir()
    notebook = answered(handout / "dl1.en.ipynb").rename(alone / "mine.ipynb")
    code, out, _ = run("check", notebook)
    assert (code, out.count("✓")) == (0, 11)
    stripped = json.loads(notebook.read_bytes())
    del stripped["metadata"]["autograder"]["carries"]
    notebook.write_text(json.dumps(stripped), "utf-8")
    code, _, err = run("check", notebook)
    assert code == 2
    assert "carries no checks" in err


def test_a_wrong_answer_names_its_question(handout: Path, run: Run) -> None:
    """Expected stands beside found, the hint below, and the other questions are passed."""
    wrong = (
        "import torch.nn as nn\nlinear_layer = nn.Linear(10, 4)\noutput_tensor = linear_layer(input_tensor)"
    )
    code, out, _ = run("check", answered(handout / "dl1.en.ipynb", linear=wrong))
    assert code == 1
    head = next(line for line in out.splitlines() if "A linear layer" in line)
    assert "2 of 4" in head
    assert "(1, 5)" in out
    assert "(1, 4)" in out
    assert "Hint:" in out
    assert out.count("✓") == 10


def test_an_error_says_its_cell_and_line(handout: Path, run: Run) -> None:
    """And the error's own words, whatever they are made of, as text on the screen."""
    wrong = "linear_layer = 1\nraise ValueError('[red]x\\x1b[31m 한글')"
    code, out, _ = run("check", answered(handout / "dl1.en.ipynb", linear=wrong))
    assert code == 1
    assert "ValueError" in out
    assert "ine 2" in out
    assert "[red]x" in out
    assert "\x1b" not in out


def test_an_untouched_notebook_answers_nothing(handout: Path, run: Run) -> None:
    """One line a question and no reproach below any."""
    code, out, _ = run("check", handout / "dl1.en.ipynb")
    assert code == 1
    assert out.count("Not answered") == 11
    assert "Hint" not in out


def test_an_endless_loop_is_interrupted_and_the_rest_is_checked(handout: Path, run: Run) -> None:
    """The assignment's own limit holds, which the other questions never reach, however busy the machine; they pass."""
    settings = handout / "assignment.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("[title]", "[limits]\ncell_seconds = 4.0\n\n[title]", 1), encoding="utf-8"
    )
    code, out, _ = run(
        "check", answered(handout / "dl1.en.ipynb", linear="while True:\n    linear_layer = 1")
    )
    assert code == 1
    assert "Took too long" in out
    assert "4 seconds" in out
    assert out.count("✓") == 10


def test_nothing_hidden_is_near(run: Run) -> None:
    """In the whole course too: no hidden check's text or points are shown, and no solution is even read."""
    source = (ROOT / "solutions/dl1/test_hidden.py").read_text("utf-8")
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open":
            opened.append(str(arguments[0]))

    sys.addaudithook(watch)
    code, out, _ = run("check", ROOT / "submitted/dropout-always-on/dl1/dl1.ipynb", "--lang", "en")
    watching = False
    assert code in (0, 1)
    assert "38 points" in out
    assert "100" not in out
    assert any(path.endswith("test_public.py") for path in opened)
    assert not [path for path in opened if "/solutions/" in path]
    public = (ROOT / "assignments/dl1/test_public.py").read_text("utf-8")
    hidden_abouts = {
        line.partition('"en": "')[2].rstrip('",') for line in source.splitlines() if '"en": "' in line
    }
    assert hidden_abouts
    assert not [about for about in hidden_abouts if about not in public and about in out]


def test_lines_fit_eighty_columns_in_korean(handout: Path, run: Run) -> None:
    """Korean letters take two columns each; nothing runs over, whatever failed."""
    wrong = "linear_layer = 1\noutput_tensor = 2"
    _, out, _ = run("check", answered(handout / "dl1.ko.ipynb", "size-formula-from-memory", linear=wrong))
    assert max(map(cell_len, out.splitlines())) <= 80


def test_the_language_can_be_chosen(handout: Path, run: Run) -> None:
    """``--lang`` is over the notebook's own."""
    assert "Public checks" in run("check", handout / "dl1.ko.ipynb", "--lang", "en")[1]
    assert "공개 검사" in run("check", handout / "dl1.ko.ipynb")[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.ko.ipynb", b"<!DOCTYPE html><html>", "HTML"),
        ("x.en.ipynb", b"", "The file is empty."),
        ("x.ipynb", b"PK\x03\x04", "zip"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_is(
    handout: Path, run: Run, name: str, content: bytes, said: str
) -> None:
    """Exit code 1, in the student's language as far as it is known, with what to do."""
    (handout / name).write_bytes(content)
    code, out, err = run("check", handout / name)
    assert (code, err) == (1, "")
    assert said in out
    assert ("What to do" if ".en." in name else "할 일") in out


def test_a_file_that_the_system_does_not_open_is_not_to_be_handed_in(
    handout: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its student has handed in nothing yet: why it is not opened, and where to look."""

    def refused(path: Path, max_bytes: int) -> bytes:
        raise UnreadableNotebook("file_not_readable", why="Permission denied")

    monkeypatch.setattr("autograder.notebooks.notebook.read_file", refused)
    code, out, err = run("check", handout / "dl1.en.ipynb")
    assert (code, err) == (1, "")
    assert "Permission denied" in out
    assert "in again" not in out


def test_another_assignments_notebook_is_the_students_to_mend(handout: Path, run: Run) -> None:
    """It can be read and has none of the questions."""
    stranger = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "metadata": {},
                "source": "print(1)",
                "outputs": [],
                "execution_count": None,
            }
        ],
    }
    (handout / "x.en.ipynb").write_text(json.dumps(stranger))
    code, out, _ = run("check", handout / "x.en.ipynb", "--lang", "en")
    assert code == 1
    assert "does not belong to this assignment" in out


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            lambda folder: (folder / "test_public.py").unlink(),
            "test_public.py, the public checks, is missing",
        ),
        (lambda folder: (folder / "dl1.ko.ipynb").rename(folder.parent / "x.ipynb"), "does not exist"),
    ],
    ids=["checks", "notebook"],
)
def test_what_is_missing_is_named(
    handout: Path, run: Run, damage: Callable[[Path], object], said: str
) -> None:
    """Exit code 2: no verdict could be reached, and this is why."""
    damage(handout)
    code, _, err = run("check", handout / "dl1.ko.ipynb")
    assert code == 2
    assert said in " ".join(err.split())


def test_a_check_that_fails_itself_is_not_the_students_fault(handout: Path, run: Run) -> None:
    """Exit code 2, with the traceback."""
    checks = handout / "test_public.py"
    before = 'assert_shape(answer.tensor("output_tensor"), (1, 5))'
    text = checks.read_text(encoding="utf-8")
    assert before in text
    checks.write_text(text.replace(before, "1 / 0"), encoding="utf-8")
    code, _, err = run("check", answered(handout / "dl1.en.ipynb"))
    assert code == 2
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_ctrl_c_ends_it(handout: Path, run: Run, number: str) -> None:
    """With the exit code that shells give it, and no traceback; so does whoever terminates it."""
    interrupt = f"import signal, threading\nsignal.raise_signal(signal.{number})\nlinear_layer = 1"
    code, out, err = run("check", answered(handout / "dl1.en.ipynb", linear=interrupt))
    assert (code, out, err) == (130, "", "interrupted\n")


def test_in_the_sandbox(handout: Path, run: Run) -> None:
    """``--sandbox`` gives the same verdicts, from a confined process."""
    plain = run("check", answered(handout / "dl1.en.ipynb"))
    confined = run("check", handout / "dl1.en.ipynb", "--sandbox")
    assert confined[:2] == plain[:2]
