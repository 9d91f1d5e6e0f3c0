"""The layout of a run's files, and that a reader never sees half of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import results
from autograder.errors import GraderError
from autograder.results import Environment, Result, Submission, decode
from autograder.store import Store


@dataclass(frozen=True)
class Record:
    result: Result
    html: str = "<p>딥러닝</p>"
    markdown: str = "딥러닝"


def record(student: str = "kim", path: str = "submitted/kim/dl1/dl1.ko.ipynb", **more: str) -> Record:
    result = Result(
        assignment="dl1",
        student=student,
        status="graded",
        score=1.0,
        max_score=2.0,
        seed=1,
        language="ko",
        submission=Submission(path=path, sha256=""),
        assignment_digest="",
        environment=Environment(torch="", sandbox={}),
        timing={},
    )
    return Record(result, **more)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_record_is_three_files(tmp_path: Path) -> None:
    """Result and feedback lie where other programs look for them, and nothing else is left."""
    one = record()
    written = Store(tmp_path).write(one)
    assert files(tmp_path) == {
        "results/dl1/kim.json",
        "feedback/kim/dl1/dl1.ko.html",
        "feedback/kim/dl1/dl1.ko.md",
    }
    assert decode(written.result.read_bytes()) == one.result
    assert written.html.read_text("utf-8") == one.html
    assert written.markdown.read_text("utf-8") == one.markdown


def test_names_are_encoded(tmp_path: Path) -> None:
    """A name made to leave the folder stays in it; the result keeps the raw name."""
    written = Store(tmp_path).write(record("../../evil\n", "x/나.ipynb"))
    assert files(tmp_path) == {
        "results/dl1/%2E.%2F..%2Fevil%0A.json",
        "feedback/%2E.%2F..%2Fevil%0A/dl1/%EB%82%98.html",
        "feedback/%2E.%2F..%2Fevil%0A/dl1/%EB%82%98.md",
    }
    assert decode(written.result.read_bytes()).student == "../../evil\n"


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    """Grading again leaves the new files alone."""
    Store(tmp_path).write(record())
    written = Store(tmp_path).write(record(html="new"))
    assert written.html.read_text() == "new"
    assert len(files(tmp_path)) == 3


def test_a_lone_surrogate_does_not_stop_the_class(tmp_path: Path) -> None:
    """What UTF-8 cannot hold is replaced in the feedback."""
    assert Store(tmp_path).write(record(html="a\ud800b")).html.read_text() == "a?b"


def test_the_result_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut off between two files leaves feedback without result, never the reverse."""
    real = results.write_atomically

    def cut_off(path: Path, data: bytes) -> None:
        if path.suffix == ".md":
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr("autograder.store.write_atomically", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).write(record())
    assert files(tmp_path) == {"feedback/kim/dl1/dl1.ko.html"}


def test_results_are_read_back(tmp_path: Path) -> None:
    """Each result of the assignment, and no other's."""
    store = Store(tmp_path)
    store.write(record("kim"))
    store.write(record("lee"))
    assert [result.student for result in store.read("dl1")] == ["kim", "lee"]
    assert list(store.read("dl2")) == []


def test_a_file_that_is_no_result_is_named(tmp_path: Path) -> None:
    """It is not passed over: somebody's grade would be missing without a word."""
    written = Store(tmp_path).write(record())
    written.result.write_bytes(b'{"schema": "autograder/result/v0"}')
    with pytest.raises(GraderError, match=str(written.result)):
        list(Store(tmp_path).read("dl1"))
