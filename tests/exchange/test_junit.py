"""JUnit XML: what Jenkins's schema allows, whose fault it was, and text that stays text."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from autograder.exchange.junit import junit_xml
from autograder.results import Finding, Outcome, Result, Ungraded
from tests.exchange.results import check, graded, question
from tests.payloads import HOSTILE

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

# Jenkins's junit-10.xsd: an element's attributes and children
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase", "system-out"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"skipped", "error", "failure"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}


def written(*results: Result) -> Element:
    return ElementTree.fromstring(junit_xml(results, NOON, "runner"))


def test_only_what_the_schema_allows() -> None:
    """Every element, attribute and child is one that Jenkins's schema has."""
    findings = [Finding("wrong_shape", "(1, 5)", "(1, 4)", {"name": "output"})]
    every = [check(f"q.{outcome.value}", outcome, *findings) for outcome in Outcome]
    root = written(graded(question("q", *every), durations={"q.passed": 0.25}), graded())
    for element in root.iter():
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


def test_counts_and_faults() -> None:
    """Ours is an error, unanswered is skipped, everything else not passed is a failure."""
    every = [check(f"q.{outcome.value}", outcome) for outcome in Outcome]
    suite = written(graded(question("q", *every)))[0]
    assert {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")} == {
        "grader_error": ["error"],
        "not_answered": ["skipped"],
        **{name: ["failure"] for name in ("timeout", "out_of_memory", "crashed", "cell_error", "failed")},
        "passed": [],
    }
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "8", "failures": "5", "errors": "1", "skipped": "1"}


def test_words_and_points() -> None:
    """A failure says what was seen, expected and found; the suite has the points, a test its time."""
    seen = Finding("wrong_shape", "(1, 5)", "(1, 4)", {"name": "output"})
    result = graded(
        question("linear", check("linear.shape", Outcome.FAILED, seen)), durations={"linear.shape": 0.25}
    )
    suite = written(result)[0]
    case = suite.find("testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name"), case.get("time")) == ("dl1.linear", "shape", "0.250")
    failure = case.find("failure")
    assert failure is not None
    assert "output" in (failure.get("message") or "")
    assert "Expected: (1, 5)\nFound: (1, 4)\n" in (failure.text or "")
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["points linear.shape"] == "0 of 2"
    assert (properties["score"], properties["max_score"]) == ("0", "2")
    assert (suite.get("time"), suite.get("timestamp")) == ("0.500", "2026-11-24T12:00:00+00:00")


@pytest.mark.parametrize(("fault", "element"), [("submission", "failure"), ("grader", "error")])
def test_an_ungraded_submission_is_a_test_of_its_own(fault: str, element: str) -> None:
    """A file that cannot be read, or a fault of ours, is never an empty suite that looks green."""
    code = "notebook_empty" if fault == "submission" else "grader_fault"
    why = Ungraded(code, "submission" if fault == "submission" else "grader")
    suite = written(graded(status="ungraded", score=None, ungraded=why))[0]
    assert [child.tag for case in suite.iter("testcase") for child in case] == [element]


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_stays_text(payload: str) -> None:
    """Whatever a student writes, the document parses to the same elements and holds no character XML forbids."""
    seen = Finding("check_said", payload, payload, {"sentence": payload})
    result = graded(question("q", check("q.one", Outcome.FAILED, seen)), student=payload or "x")
    plain = written(graded(question("q", check("q.one", Outcome.FAILED, Finding("check_failed", "x", "x")))))
    assert [element.tag for element in written(result).iter()] == [element.tag for element in plain.iter()]
