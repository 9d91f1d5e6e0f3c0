"""The layout of a run's files, and that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from autograder import results
from autograder.errors import GraderError, OutputBusy
from autograder.records.store import SCRATCH, Brief, Store, Written
from autograder.results import Result, Submission, decode, write_atomically
from tests.exchange.results import graded


@dataclass(frozen=True)
class Record:
    result: Result
    html: str = "<p>딥러닝</p>"
    markdown: str = "딥러닝"


def record(student: str = "kim", path: str = "submitted/kim/dl1/dl1.ko.ipynb", **more: str) -> Record:
    submission = Submission(path, sha256="")
    return Record(graded(student=student, submission=submission, score=1.0, max_score=2.0), **more)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".lock"}


def write(folder: Path, one: Record) -> Written:
    with Store(folder).locked():
        return Store(folder).write(one)


def test_a_record_is_three_files(tmp_path: Path) -> None:
    """Result and feedback lie where other programs look for them, and nothing else is left."""
    one = record()
    written = write(tmp_path, one)
    assert files(tmp_path) == {
        "results/dl1/kim.json",
        "feedback/kim/dl1/dl1.ko.html",
        "feedback/kim/dl1/dl1.ko.md",
    }
    result = decode(written.result.read_bytes())
    assert msgspec.structs.replace(result, pages={}) == one.result
    assert set(result.pages) == {"html", "md"}
    assert written.html.read_text("utf-8") == one.html
    assert written.markdown.read_text("utf-8") == one.markdown


def test_what_is_told_of_a_result_in_brief(tmp_path: Path) -> None:
    """Whose it is, with which checks and seed it was decided; a file that is no result is passed over."""
    result = write(tmp_path, record()).result
    result.with_name("torn.json").write_bytes(result.read_bytes()[:100])
    known = decode(result.read_bytes())
    brief = Brief("kim", known.assignment_digest, known.seed, known.submission)
    assert list(Store(tmp_path).briefs("dl1")) == [brief]


def test_names_are_encoded(tmp_path: Path) -> None:
    """A name made to leave the folder stays in it; the result keeps the raw name."""
    written = write(tmp_path, record("../../evil\n", "x/나.ipynb"))
    assert files(tmp_path) == {
        "results/dl1/%2E.%2F..%2Fevil%0A.json",
        "feedback/%2E.%2F..%2Fevil%0A/dl1/%EB%82%98.html",
        "feedback/%2E.%2F..%2Fevil%0A/dl1/%EB%82%98.md",
    }
    assert decode(written.result.read_bytes()).student == "../../evil\n"


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    """Grading again leaves the new files alone."""
    write(tmp_path, record())
    written = write(tmp_path, record(html="new"))
    assert written.html.read_text() == "new"
    assert len(files(tmp_path)) == 3


def test_a_lone_surrogate_does_not_stop_the_class(tmp_path: Path) -> None:
    """What UTF-8 cannot hold is replaced in the feedback."""
    assert write(tmp_path, record(html="a\ud800b")).html.read_text() == "a?b"


def test_the_result_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut off between two files leaves feedback without result, never the reverse."""
    real = results.write_atomically

    def cut_off(path: Path, data: bytes, scratch: Path, lasting: bool) -> None:
        if path.suffix == ".md":
            raise KeyboardInterrupt
        real(path, data, scratch, lasting)

    monkeypatch.setattr("autograder.records.store.write_atomically", cut_off)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, record())
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


def test_a_result_stands_with_the_pages_it_was_written_with(tmp_path: Path) -> None:
    """Another page in the place of one, an empty one as after a power cut, or none: the result is not whole."""
    store, written = Store(tmp_path), write(tmp_path, record())
    result = store.standing("dl1", "kim")
    assert result is not None
    assert store.is_whole(result)
    whole = written.html.read_bytes()
    for change in (
        lambda: written.html.write_bytes(whole + b" "),
        lambda: written.html.write_bytes(b""),
        written.html.unlink,
    ):
        change()
        assert not store.is_whole(result)


@pytest.mark.parametrize(
    ("damage", "stands"),
    [
        (lambda data: data, True),
        (lambda data: data[: len(data) // 2], False),
        (lambda data: b"", False),
        (lambda data: data.replace(b'"kim"', b'"lee"'), False),
        (lambda data: data.replace(b"autograder/result/v1", b"autograder/result/v0"), False),
        (lambda data: b"[" * 100_000, False),
    ],
)
def test_what_is_no_result_of_this_student_does_not_stand(
    tmp_path: Path, damage: Callable[[bytes], bytes], stands: bool
) -> None:
    """A torn file, another student's and one of another schema are none."""
    path = write(tmp_path, record()).result
    path.write_bytes(damage(path.read_bytes()))
    assert (Store(tmp_path).standing("dl1", "kim") is not None) == stands


def test_a_second_run_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    """While one writes; afterwards the folder is free, and nothing of the first is left but its results."""
    with Store(tmp_path).locked():
        with (
            pytest.raises(OutputBusy, match=f"process {os.getpid()} on .*another --out"),
            Store(tmp_path).locked(),
        ):
            pass
        assert (tmp_path / SCRATCH).is_dir()
    with Store(tmp_path).locked():
        pass
    assert files(tmp_path) == set()


def test_a_killed_runs_lock_and_half_written_files_go_with_it(tmp_path: Path) -> None:
    """SIGKILL leaves a lock file, which nobody holds, and a scratch file, which the next run clears away."""
    program = (
        "import sys, time, pathlib; from autograder.records.store import Store\n"
        f"with Store(pathlib.Path({str(tmp_path)!r})).locked():\n"
        f"    (pathlib.Path({str(tmp_path)!r}) / {SCRATCH!r} / 'half').touch(); print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(OutputBusy), Store(tmp_path).locked():
            pass
        process.kill()
    assert files(tmp_path) == {f"{SCRATCH}/half"}
    with Store(tmp_path).locked():
        assert files(tmp_path) == set()


def test_what_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is noticed by a call that knows no name."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(tmp_path / "kim.json", b"1")
    assert caught.value.filename == str(tmp_path / "kim.json")
    assert list(tmp_path.iterdir()) == []
