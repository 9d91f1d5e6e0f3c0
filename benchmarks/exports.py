"""A class of 1,000 through the gradebook and every export; exits with 1 if that takes more than 30 s of processor time.

    .venv/bin/python benchmarks/exports.py [STUDENTS]

Two of the course's sample submissions are graded, and their results, pages and notebooks are given to everybody, as
work that came from Canvas and from Moodle. Then `grader export` runs once for each system, a process of its own as
for anybody, with a roster, a gradebook and a downloaded file to fill in. Written are some 7,000 files.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from autograder.engine.options import Record
from autograder.records.store import Store
from autograder.results import Submission
from autograder.submissions import receipts
from autograder.submissions.receipts import Receipt

ROOT = Path(__file__).parents[1]
GRADER = (str(Path(sys.executable).with_name("grader")),)
SAMPLES = ("no-bias", "perfect")
LIMIT_SECONDS = 30.0
SETTINGS = "\n[gradebook]\n[due]\ndl1 = 2026-10-01T23:59:00+09:00\n"


class Took(NamedTuple):
    """Seconds by the clock, and of processor time, which other programs on the machine do not change."""

    clock: float
    processor: float


def main() -> int:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        course = Path(folder)
        prepare(course, students)
        took_by_system = {
            "nbgrader": timed(course, "--to", "nbgrader"),
            "canvas": timed(course, "--to", "canvas", "--fill", "gradebook.csv", "--column", "dl1"),
            "moodle": timed(course, "--to", "moodle", "--fill", "worksheet.csv"),
        }
        took_by_system |= {
            one: timed(course, "--to", one) for one in ("gradescope", "classroom50", "junit", "csv")
        }
        check(course, students)
        again = timed(course, "--to", "nbgrader")
    print(f"{'':<12} {'clock':>8} {'processor':>10} {'a student':>12}")
    for system, took in [*took_by_system.items(), ("once more", again)]:
        each = 1000 * took.processor / students
        print(f"{system:<12} {took.clock:6.1f} s {took.processor:8.1f} s {each:9.2f} ms")
    clock, processor = (sum(column) for column in zip(*took_by_system.values(), strict=True))
    print(
        f"{students} students through every export: {clock:.1f} s by the clock, {processor:.1f} s of processor time"
    )
    return int(processor > LIMIT_SECONDS)


def prepare(course: Path, students: int) -> None:
    """A course whose results are there already."""
    for name in ("assignments", "solutions"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("right", "wrong"))
    settings = (ROOT / "grader.toml").read_text().replace('file = ""', 'file = "roster.csv"')
    (course / "grader.toml").write_text(settings)
    people = [f"student{number:04}" for number in range(students)]
    rows = [f"{one},Family{one} Given,{one}@example.org,{n},{n}\n" for n, one in enumerate(people, 1000)]
    (course / "roster.csv").write_text("student,name,email,canvas_id,moodle_id\n" + "".join(rows))
    (course / "submitted").mkdir()
    for sample in SAMPLES:
        shutil.copytree(ROOT / "submitted" / sample, course / "submitted" / sample)
    run(course, "grade", "dl1", "--seed", "1", "--out", "samples")
    (course / "grader.toml").write_text(settings + SETTINGS)
    source, store = Store(course / "samples"), Store(course / "graded")
    graded = {result.student: result for result in source.read("dl1")}
    for sample in SAMPLES:
        shutil.rmtree(course / "submitted" / sample)
    for number, student in enumerate(people):
        result = graded[SAMPLES[number % len(SAMPLES)]]
        pages = source.files(result)
        notebook = course / "submitted" / student / "dl1" / "dl1.ipynb"
        notebook.parent.mkdir(parents=True)
        shutil.copyfile(ROOT / result.submission.path, notebook)
        own = Submission(notebook.relative_to(course).as_posix(), result.submission.sha256)
        own_result = msgspec.structs.replace(result, student=student, submission=own)
        store.write(Record(own_result, pages.html.read_text(), pages.markdown.read_text()))
        lms = {"user_id": str(1000 + number), "file": f"{student}_{1000 + number}_{number}_dl1.ipynb"}
        receipts.write(course, "dl1", student, Receipt(own.sha256, "canvas", lms=lms))
    head = "Student,ID,SIS User ID,SIS Login ID,Section,dl1 (7)\n    Points Possible,,,,,100\n"
    rows = [f'"{one}, G",{n},,{one},A,\n' for n, one in enumerate(people, 1000)]
    (course / "gradebook.csv").write_text(head + "".join(rows))
    head = "Identifier,Full name,Status,Grade,Maximum grade,Last modified (grade)\n"
    rows = [f"Participant {n},{one},x,,100.00,-\n" for n, one in enumerate(people, 1000)]
    (course / "worksheet.csv").write_text(head + "".join(rows))


def timed(course: Path, *arguments: str) -> Took:
    """What the command took, its process and all."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run(course, "export", "dl1", *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - start, processor)


def run(course: Path, *arguments: str) -> None:
    done = subprocess.run([*GRADER, *arguments], cwd=course, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"grader {' '.join(arguments)}:\n{done.stderr}")


def check(course: Path, students: int) -> None:
    """Everybody is everywhere: a fast export that left somebody out would be none."""
    exported = course / "graded/export/dl1"
    counts = {
        "autograded": len(list(course.glob("autograded/*/dl1/dl1.ipynb"))),
        "feedback": len(list(course.glob("feedback/*/dl1/dl1.html"))),
        "gradescope": len(list(exported.glob("gradescope/*.json"))),
        "classroom50": len(list(exported.glob("classroom50/*.json"))),
        "junit": (exported / "junit.xml").read_bytes().count(b"<testsuite "),
        "csv": (exported / "scores.csv").read_text("utf-8-sig").count(",graded,"),
        "canvas": (exported / "canvas-gradebook.csv").read_text().count(",A,100\n"),
        "moodle": (exported / "moodle-worksheet.csv").read_text().count(",x,100,"),
    }
    halves = {name: 2 * counts[name] for name in ("canvas", "moodle")}  # every second one has all the points
    short = {name: count for name, count in (counts | halves).items() if count != students}
    if short:
        raise SystemExit(f"left out: {short}")


if __name__ == "__main__":
    sys.exit(main())
