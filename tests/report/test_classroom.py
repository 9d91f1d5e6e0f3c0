"""Reading a class: what is kept of results, and what is not taken for one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from autograder.errors import GraderError
from autograder.records.store import Store
from autograder.report import classroom
from autograder.results import Outcome
from tests.report.classes import FAILED, PASSED, Record, stored, student, ungraded


def test_a_class_is_read(tmp_path: Path) -> None:
    """Students by name, each with score, lost points, shares and outcomes; questions from the newest result."""
    store = stored(tmp_path, [student("lee", PASSED, FAILED), student("kim", PASSED, PASSED)])
    read = classroom.read(store, "dl1")
    kim, lee = read.entries
    assert (kim.student, kim.score, kim.lost) == ("kim", 20, {})
    assert (lee.score, lee.lost, lee.shares["q2.works"]) == (10, {"q2": 10.0}, 0.0)
    assert lee.outcomes == {"q1.works": PASSED, "q2.works": FAILED}
    assert [seen.finding.code for seen in lee.seen] == ["bias_missing"]
    assert [question.id for question in read.questions] == ["q1", "q2"]
    assert read.max_score == 20
    assert read.newest.timestamp() == 1_790_000_001


def test_a_link_leads_to_the_students_page(tmp_path: Path) -> None:
    """From the class page, through whatever a student's name is encoded as, to the file that was written."""
    names = ["kim", "Kim", "../../x", "100%", "이 학생", "a?b#c"]
    store = Store(tmp_path)
    for name in names:
        store.write(Record(student(name, PASSED)))
    for entry in classroom.read(store, "dl1").entries:
        assert not set("?#: ") & set(entry.href)
        assert (store.report("dl1").parent / unquote(entry.href)).resolve().is_file()


def test_what_is_no_result_is_named(tmp_path: Path) -> None:
    """A torn or foreign file costs the others nothing."""
    store = stored(tmp_path, [student("kim", PASSED)])
    (store.results("dl1") / "torn.json").write_text('{"schema": "autogr')
    (store.results("dl1") / "foreign.json").write_text("[]")
    read = classroom.read(store, "dl1")
    assert read.unreadable == ("foreign.json", "torn.json")
    assert [entry.student for entry in read.entries] == ["kim"]


def test_without_results_there_is_no_class(tmp_path: Path) -> None:
    """The error names the folder and the way out."""
    with pytest.raises(GraderError, match=r"results/dl1: holds no results\. Grade first: grader grade dl1"):
        classroom.read(Store(tmp_path), "dl1")


def test_who_has_a_score(tmp_path: Path) -> None:
    """No figure rests on a file nobody could read, or on a check that failed itself."""
    undecided = student("oh", PASSED, Outcome.GRADER_ERROR)
    results = [ungraded("a"), ungraded("b", "grader_fault", "grader"), undecided, student("kim", FAILED)]
    read = classroom.read(stored(tmp_path, results), "dl1")
    assert [entry.student for entry in read.graded] == ["kim"]
    assert [entry.student for entry in read.entries if entry.ours] == ["b", "oh"]


def test_results_of_another_version_are_known(tmp_path: Path) -> None:
    """Those count as outdated that the newest result's assignment did not grade."""
    results = [student("kim", PASSED, assignment_digest="old"), student("lee", PASSED)]
    assert [entry.student for entry in classroom.read(stored(tmp_path, results), "dl1").outdated] == ["kim"]
