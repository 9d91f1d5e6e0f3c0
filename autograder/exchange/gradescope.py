"""Gradescope: a submission's ``results.json``.

From the specification that Gradescope publishes for autograders. The score is given at the top, so that what
Gradescope adds up of its own can never differ. Every check is a test; a check that could not be decided through
a fault of ours makes the whole result an error without a score, not a zero.
"""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.escaping import markdown_words, visible
from autograder.exchange.standing import Standing
from autograder.messages import Catalogue, catalogue
from autograder.messages.told import findings_markdown, phrase_markdown
from autograder.results import CheckResult, Outcome, QuestionResult, Result


def results_json(standing: Standing, language: str | None = None) -> bytes | None:
    """The file for one student, in the feedback's language; None where there is no submission."""
    result = standing.result
    if result is None:
        return None
    words = catalogue(language or result.language)
    document: dict[str, Any] = {
        "output": _summary(standing, result, words),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # what is printed while grading is for instructors
        "tests": [
            _test(f"{number}.{place}", question, check, words)
            for number, question in enumerate(result.questions, start=1)
            for place, check in enumerate(question.checks, start=1)
        ],
        "extra_data": {"sha256": result.submission.sha256, "seed": str(result.seed)},
    }
    if standing.points is not None:
        document["score"] = round(standing.points, 2)
    elif result.ungraded is not None and result.ungraded.fault == "grader":
        document["tests"] = []  # with tests and no score Gradescope would add these up
    else:
        document |= {"tests": [], "score": 0.0}  # a file that cannot be read: Gradescope knows no "ungraded"
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _summary(standing: Standing, result: Result, words: Catalogue) -> str:
    parts = []
    if result.ungraded is not None:
        reason = result.ungraded
        parts = [
            phrase_markdown(words.text_phrase(reason.code, reason.facts)),
            phrase_markdown(words.help_phrase(reason.code, reason.facts)),
        ]
    elif standing.penalty:
        counted = standing.points or 0.0
        late = words.ui("late_penalty", late_points=standing.penalty, counted_points=counted)
        parts = [markdown_words(late)]
    for remark in result.remarks:
        facts = {"question": remark.question or "", **remark.facts}
        parts.append(f"- {phrase_markdown(words.text_phrase(remark.code, facts))}")
    return "\n\n".join(part for part in parts if part)


def _test(number: str, question: QuestionResult, check: CheckResult, words: Catalogue) -> dict[str, Any]:
    title = words.among(question.title, question.id)
    about = words.among(check.about, check.id)
    return {
        "number": number,
        "name": visible(f"{title}: {about}"),
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.outcome is Outcome.PASSED else "failed",
        "output": "\n\n".join(
            [
                markdown_words(words.ui(f"outcome_{check.outcome.value}")),
                *findings_markdown(check.findings, words),
            ]
        ),
        "visibility": "visible",
        "tags": [question.id],
    }
