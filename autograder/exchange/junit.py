"""Results as JUnit XML, which CI services and editors show test by test.

A suite is a submission and a test is a check: ``classname`` is ``<assignment>.<question>``, ``name`` the check's
own. ``<failure>`` is the student's, ``<error>`` ours, ``<skipped>`` not answered. The points are properties of the
suite, as Jenkins's schema (``junit-10.xsd``) knows none of a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from autograder.escaping import visible
from autograder.messages import Catalogue, catalogue
from autograder.messages.told import finding_lines
from autograder.results import CheckResult, Outcome, Result

_ELEMENTS = {Outcome.GRADER_ERROR: "error", Outcome.NOT_ANSWERED: "skipped"}
_SUBMISSION = "submission"  # the test that stands for one whose file could not be graded


def junit_xml(results: Sequence[Result], graded_at: datetime, hostname: str) -> bytes:
    """The results as one UTF-8 document, in their order; ``graded_at`` with its time zone."""
    root = Element("testsuites")
    for result in results:
        root.append(_suite(result, graded_at, hostname))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(result: Result, graded_at: datetime, hostname: str) -> Element:
    words = catalogue(result.language)
    suite = Element("testsuite", name=visible(f"{result.assignment}: {result.student}"))
    properties = SubElement(suite, "properties")
    for name, value in _properties(result):
        SubElement(properties, "property", name=name, value=visible(value))
    if result.ungraded is not None:
        fault = "error" if result.ungraded.fault == "grader" else "failure"
        text = words.text(result.ungraded.code, **result.ungraded.facts)
        body = [text, words.help(result.ungraded.code, **result.ungraded.facts)]
        case = SubElement(suite, "testcase", classname=result.assignment, name=_SUBMISSION)
        _say(case, fault, result.ungraded.code, text, body)
    for question in result.questions:
        for check in question.checks:
            classname, name = f"{result.assignment}.{question.id}", check.id.removeprefix(f"{question.id}.")
            case = SubElement(suite, "testcase", classname=visible(classname), name=visible(name))
            if check.id in result.durations:
                case.set("time", _seconds(result.durations[check.id]))
            if check.outcome is not Outcome.PASSED:
                _judge(case, check, words)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(element) is not None for case in cases)))
    suite.set("time", _seconds(result.timing.get("total", 0.0)))
    suite.set("timestamp", graded_at.isoformat(timespec="seconds"))
    suite.set("hostname", visible(hostname))
    return suite


def _properties(result: Result) -> Iterator[tuple[str, str]]:
    yield "student", result.student
    yield "file", result.submission.path
    yield "seed", str(result.seed)
    if result.score is not None:
        yield "score", f"{result.score:g}"
    yield "max_score", f"{result.max_score:g}"
    for question in result.questions:
        for check in question.checks:
            yield f"points {visible(check.id)}", f"{check.points:g} of {check.max_points:g}"


def _judge(case: Element, check: CheckResult, words: Catalogue) -> None:
    lines = [line for finding in check.findings for line in finding_lines(finding, words)]
    verdict = words.ui(f"outcome_{check.outcome.value}")
    kind = _ELEMENTS.get(check.outcome, "failure")
    _say(case, kind, check.outcome.value, lines[0] if lines else verdict, lines or [verdict])


def _say(case: Element, kind: str, type_: str, message: str, lines: Sequence[str]) -> None:
    element = SubElement(case, kind, type=type_, message=visible(message))
    element.text = visible("\n".join(line for line in lines if line))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
