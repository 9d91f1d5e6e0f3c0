"""nbgrader's formgrader, really started, on a course that was graded here."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.course.config import Course
from autograder.engine.options import Record
from autograder.gradebook import put, write_trees
from autograder.records.store import Store
from tests.browser.jupyterlab import TOKEN, Lab, started
from tests.builders import code, text
from tests.gradebook.courses import course, released, result, submit


@dataclass(frozen=True)
class Room:
    """The course, and the server that shows it."""

    course: Course
    lab: Lab

    def grade(self, **linear: float) -> None:
        """What grading and ``--to nbgrader`` do, with these points in the first question."""
        results = [
            result(student, points, submit(self.course, student, stamp="2026-10-02 12:00:00 UTC"), 10)
            for student, points in linear.items()
        ]
        store = Store(self.course.root / "graded")
        for one in results:
            store.write(Record(one, "<p>page", "page"))
        put(self.course, "dl1", results, {})
        assert write_trees(self.course, "dl1", results, store) == {}

    def open(self, page: Page, path: str) -> None:
        page.goto(f"{self.lab.address}/formgrader/{path}")


@pytest.fixture
def room(tmp_path: Path, page: Page) -> Iterator[Room]:
    """kim has 3 + 6 of 10 points, lee all of them; 8 more are a person's to give."""
    here = course(tmp_path / "course")
    with started(here.root, tmp_path / "private") as lab:
        page.goto(f"{lab.address}/tree?token={TOKEN}")  # logs in
        made = Room(here, lab)
        made.grade(kim=3.0, lee=4.0)
        yield made


def submission(page: Page, room: Room, student: str) -> None:
    """Open the student's work as formgrader's list leads to it."""
    room.open(page, "gradebook/dl1/dl1")
    found = page.evaluate(
        "fetch(base_url + '/formgrader/api/submitted_notebooks/dl1/dl1').then(answer => answer.json())"
    )
    (identity,) = [one["id"] for one in found if one["student"] == student]
    room.open(page, f"submissions/{identity}/")


def exported(room: Room) -> dict[str, tuple[float, float]]:
    """What ``nbgrader export`` says: each student's raw score, and the score that counts."""
    path = room.course.root / "grades.csv"
    bin_folder = str(Path(sys.executable).parent)
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", str(path)],
        cwd=room.course.root,
        env=os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    with path.open(newline="") as file:
        return {
            row["student_id"]: (float(row["raw_score"]), float(row["score"])) for row in csv.DictReader(file)
        }


def test_grades_are_shown_and_a_persons_score_survives_a_regrade(room: Room, page: Page) -> None:
    """Scores in the list; findings and scores with the work; a score typed there counts, also after a regrade."""
    room.open(page, "manage_submissions/dl1")
    row = page.get_by_role("row", name=re.compile("kim"))
    expect(row).to_contain_text("9 / 18")
    expect(row).to_contain_text("needs manual grading")

    submission(page, room, "kim")
    score = page.locator("input.score#linear")
    expect(score).to_have_attribute("placeholder", "3")
    expect(page.locator("input.score")).to_have_count(4)
    expect(page.locator("textarea.comment").first).to_have_attribute("placeholder", re.compile(r"\(1, 5\)"))
    expect(page.get_by_text("0 of 4")).to_be_visible()

    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.fill("1.5")
        score.press("Tab")
    assert exported(room) == {"kim": (7.5, 6.5), "lee": (10.0, 9.0)}

    room.grade(kim=2.0, lee=3.0)
    submission(page, room, "kim")
    expect(score).to_have_value("1.5")
    expect(score).to_have_attribute("placeholder", "2")
    assert exported(room) == {"kim": (7.5, 6.5), "lee": (9.0, 8.0)}


def test_nothing_of_a_students_acts_in_the_instructors_browser(room: Room, page: Page) -> None:
    """Scripts in text cells, outputs and printed text are there to be read."""
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    output = {"output_type": "display_data", "data": {"text/html": attack}, "metadata": {}}
    cells = [text(attack), code(f"print({attack!r})") | {"outputs": [output]}, *released()]
    data = submit(room.course, "kim", cells)
    (room.course.root / "submitted/kim/dl1/timestamp.txt").unlink()
    graded = result("kim", 3.0, data)
    store = Store(room.course.root / "graded")
    store.write(Record(graded, "<p>page", "page"))
    put(room.course, "dl1", [graded], {})
    assert write_trees(room.course, "dl1", [graded], store) == {}
    submission(page, room, "kim")
    expect(page.get_by_text("<img src=x").first).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0
