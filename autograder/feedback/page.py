"""One language's view of a result: every word chosen, every number written, nothing escaped yet.

The renderers turn a :class:`Page` into HTML or Markdown and decide nothing: an empty field is not shown.
Texts are plain strings or phrases (rows of spans, see :mod:`..messages`); drawings and coloured code are HTML already.

What checks say of a question is often the same for many students. Such a view is made once, and the very same one is
in all their pages, so that renderers need to render it once; what a student wrote stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, urldefrag

import msgspec

from autograder.escaping import is_harmless_link
from autograder.feedback import blocks, verdict
from autograder.feedback.blocks import Block
from autograder.feedback.picture import picture
from autograder.feedback.sheet import labelled, language_tag
from autograder.feedback.views import (
    CheckView,
    FindingView,
    Page,
    QuestionView,
    RemarkView,
    ScoreView,
    UngradedView,
)
from autograder.messages import Catalogue, Phrase, Span, catalogue
from autograder.results import (
    CheckResult,
    Finding,
    HandIn,
    Outcome,
    QuestionResult,
    Remark,
    Result,
    Ungraded,
)

MAX_FACT_CHARACTERS = 1_000
MAX_PLACES = 6  # of one remark
MAX_REMEMBERED_BYTES = 4_096  # of what is known of a question; of dl1's they are 600 to 1,700

_LABELS = (
    *("student", "file", "open_lesson", "score", "score_made_of", "question", "verdict", "points"),
    *("expected", "found", "hint", "hidden_check", "in_words", "read_in_notebook"),
    *("remarks", "remarks_cost_nothing", "what_to_do", "how_graded", "fingerprint"),
)


def build(result: Result, language: str) -> Page:
    """The page that says what ``result`` does, in ``language`` (English where that is unknown)."""
    words = catalogue(language)
    lesson = result.lesson if result.lesson.startswith("https://") and is_harmless_link(result.lesson) else ""
    questions = [
        _question(number, question, result.headlines, lesson, words)
        for number, question in enumerate(result.questions, 1)
    ]
    return Page(
        language=language_tag(words),
        heading=words.ui("feedback_on", assignment=result.assignment),
        student=result.student,
        path=result.submission.path,
        lesson_href=lesson,
        arrival=_arrival(result.handed_in, words) if result.handed_in else [],
        score=None if result.ungraded else _score(result, words),
        ungraded=_ungraded(result.ungraded, bool(result.questions), words) if result.ungraded else None,
        remarks=_remarks(result, words),
        questions=questions,
        blocks={
            view.anchor: _blocks(question, view.error_place, words)
            for view, question in zip(questions, result.questions, strict=True)
        },
        environment=words.ui("graded_with", torch=result.environment.torch),
        fingerprint=result.submission.sha256,
        labels=labelled(_LABELS, words),
    )


def _score(result: Result, words: Catalogue) -> ScoreView | None:
    if result.score is None:
        return None
    outcomes = [check.outcome for question in result.questions for check in question.checks]
    share = result.score / result.max_score if result.max_score > 0 else 0.0
    return ScoreView(
        points=words.points(result.score),
        of_points=words.ui("of_points", max_points=result.max_score),
        checks_passed=words.ui("checks_passed", passed=outcomes.count(Outcome.PASSED), count=len(outcomes)),
        filled=round(100 * min(max(share, 0.0), 1.0), 2),
        late=words.ui(
            "late_penalty", late_points=result.penalty, counted_points=result.score - result.penalty
        )
        if result.penalty
        else "",
    )


def _arrival(handed_in: HandIn, words: Catalogue) -> list[tuple[str, str]]:
    shown = []
    if handed_in.at:
        at = _moment(handed_in.at)
        shown.append((words.ui("handed_in"), words.ui("late", time=at) if handed_in.late_seconds else at))
    if handed_in.due:
        shown.append((words.ui("due"), _moment(handed_in.due)))
    if handed_in.attempts > 1:
        which = words.ui("attempt_of", attempt=handed_in.attempt, attempts=handed_in.attempts)
        shown.append((words.ui("attempt"), which))
    return shown


def _moment(written: str) -> str:
    """``2026-10-01 23:59 (UTC+09:00)`` for ``2026-10-01T23:59:00+09:00``."""
    return f"{written[:10]} {written[11:16]} (UTC{written[19:]})"


def _ungraded(reason: Ungraded, any_checked: bool, words: Catalogue) -> UngradedView:
    facts = _short(reason.facts)
    return UngradedView(
        heading=words.ui("not_graded"),
        fault="" if reason.code == "grader_fault" else words.ui(f"fault_{reason.fault}"),
        text=words.text_phrase(reason.code, facts),
        help=words.help_phrase(reason.code, facts),
        checked_so_far=words.ui("checked_so_far") if any_checked else "",
        ours=reason.fault == "grader",
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Names cells so that a reader finds them: a notebook shows no cell's number, but how each begins."""

    words: Catalogue
    headlines: Mapping[int, str]

    def cell(self, cell: int, line: int = 0) -> Phrase:
        if headline := self.headlines.get(cell, ""):
            facts: dict[str, str | int | float] = {"cell": cell, "line": line, "headline": _cut(headline)}
            return self.words.ui_phrase("cell_headed_line" if line else "cell_headed", facts)
        return self.words.ui_phrase("cell_line" if line else "cell", {"cell": cell, "line": line})

    def of(self, facts: Mapping[str, str | int | float]) -> Phrase:
        """The place that facts are about; empty if it is none."""
        cell, line = facts.get("cell"), facts.get("line")
        line = line if isinstance(line, int) else 0
        if isinstance(cell, int) and cell:
            return self.cell(cell, line)
        return self.words.ui_phrase("line", {"line": line}) if line else ()


def _remarks(result: Result, words: Catalogue) -> list[RemarkView]:
    """Each remark once, however many cells it is made on."""
    places = _Places(words, result.headlines)
    said: dict[tuple[Phrase, Phrase], list[Phrase]] = {}
    for remark in result.remarks:
        facts = _short({"question": remark.question or "", **remark.facts})
        wording = words.text_phrase(remark.code, facts), words.help_phrase(remark.code, facts)
        place = places.of(remark.facts) or _named(remark)
        known = said.setdefault(wording, [])
        if place and place not in known:
            known.append(place)
    return [
        RemarkView(text, [*known[:MAX_PLACES], *_rest(len(known) - MAX_PLACES, words)], help_)
        for (text, help_), known in said.items()
    ]


def _named(remark: Remark) -> Phrase:
    """The id of a cell that the notebook lacks."""
    return (Span(_cut(str(remark.facts["grade_id"])), code=True),) if "grade_id" in remark.facts else ()


def _rest(count: int, words: Catalogue) -> list[Phrase]:
    return [words.ui_phrase("more_cells", {"count": count})] if count > 0 else []


def _question(
    number: int, question: QuestionResult, headlines: Mapping[int, str], lesson: str, words: Catalogue
) -> QuestionView:
    """The question's view, which is another student's as well if all that is said in it is the same."""
    told = msgspec.structs.replace(question, source="", cell_lines={}, output="")
    says = question.error or any(check.findings for check in question.checks)
    about = _About(number, told, dict(headlines) if says else {}, lesson)
    try:
        key = _encode(about)
    except (UnicodeEncodeError, OverflowError):  # of half a surrogate pair, or a number too large: in no file of ours
        return _worded(about, words)
    return _known(key, words) if len(key) <= MAX_REMEMBERED_BYTES else _worded(about, words)


class _About(msgspec.Struct, frozen=True, array_like=True):
    """All that a question's view depends on but for its language."""

    number: int
    question: QuestionResult
    headlines: dict[int, str]
    lesson: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_About).decode


@lru_cache(maxsize=128)
def _known(about: bytes, words: Catalogue) -> QuestionView:
    return _worded(_decode(about), words)


def _worded(about: _About, words: Catalogue) -> QuestionView:
    question, places = about.question, _Places(words, about.headlines)
    checks = tuple(_check(check, places, words) for check in question.checks)
    alike = _found_alike(checks)
    standing = verdict.of_question(question, words)
    section = question.section if standing.kind not in ("passed", "ours") else ""
    return QuestionView(
        anchor=f"question-{about.number}",
        title=words.among(question.title, question.id),
        verdict=standing,
        points=words.ui("points_of", points=question.score, max_points=question.max_score),
        section=section,
        section_name=words.among(question.heading, f"#{question.section}"),
        section_href=f"{urldefrag(about.lesson).url}#{quote(section, safe='', errors='replace')}"
        if about.lesson
        else "",
        findings=alike,
        checks=tuple(replace(check, findings=()) for check in checks) if alike else checks,
        folded=standing.kind in ("passed", "open"),
        error_place=places.cell(question.error.cell, question.error.line) if question.error else (),
    )


def _found_alike(checks: Sequence[CheckView]) -> tuple[FindingView, ...]:
    """What several checks say in the same words, and no other says anything else: to be said once."""
    said = [check.findings for check in checks if check.findings]
    return said[0] if len(said) > 1 and all(findings == said[0] for findings in said) else ()


def _check(check: CheckResult, places: _Places, words: Catalogue) -> CheckView:
    return CheckView(
        about=words.among(check.about, check.id),
        verdict=verdict.of_check(check, words),
        points=words.ui("points_of", points=check.points, max_points=check.max_points),
        hidden=check.visibility == "hidden",
        findings=tuple(_finding(finding, places, words) for finding in check.findings),
    )


def _finding(finding: Finding, places: _Places, words: Catalogue) -> FindingView:
    facts = _short(finding.facts)
    expected, found = _cut(finding.expected or ""), _cut(finding.found or "")
    known = {"expected": expected, "found": found}
    facts = {**{name: value for name, value in known.items() if value}, **facts}
    text = words.text_phrase(finding.code, facts)
    told = {span.text for span in text}
    steps = [(step.expected, step.found) for step in finding.steps]
    drawn = steps not in ([], [(finding.expected, finding.found)])  # of a single layer these two say all
    return FindingView(
        text=text,
        place=places.of(facts),
        expected="" if expected in told else expected,
        found="" if found in told else found,
        help=words.help_phrase(finding.code, facts),
        picture=picture(finding.steps, words) if drawn else None,
    )


def _blocks(question: QuestionResult, error_place: Phrase, words: Catalogue) -> list[Block]:
    """The student's code, output and error; the error only where no finding tells of it already."""
    shown = [finding for check in question.checks for finding in check.findings]
    place = "".join(span.text for span in error_place)
    told = any(finding.code == "cell_raised" for finding in shown)
    made = [
        blocks.code(question, shown, words),
        blocks.output(question, words),
        None if told else blocks.error(question, place, words),
    ]
    return [block for block in made if block is not None]


def _short(facts: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    return {name: _cut(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def _cut(text: str) -> str:
    return text if len(text) <= MAX_FACT_CHARACTERS else text[:MAX_FACT_CHARACTERS] + "…"
