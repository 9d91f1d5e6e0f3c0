"""A report in Markdown: for a run's summary and for the comment on the pull request.

Both are cut where a paragraph ends, so that no table, list or code is left open, and then say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from autograder.ci.report import Report
from autograder.escaping import markdown_code, markdown_words
from autograder.feedback.markdown import paragraphs
from autograder.feedback.page import build
from autograder.feedback.views import Page
from autograder.messages import Catalogue, catalogue

SUMMARY_BYTES = 1 << 20  # GitHub's limit for a step
COMMENT_BYTES = 60_000  # GitHub takes 65,536 characters
MARK = "<!-- autograder: graded pull request -->"  # by which the comment is found again
MAX_UNUSED = 20  # shown


def summary(report: Report, room: int) -> str:
    """All pages, with code where the results have it, in at most ``room`` bytes of UTF-8."""
    words = catalogue(report.language)
    pages = (paragraphs(build(result, result.language)) for result in report.results)
    return _cut(_paragraphs(pages, report, words), room, words)


def comment(report: Report) -> str:
    """The comment: a mark, every score and what was not passed, what was not used, which commit this is about."""
    words = catalogue(report.language)
    pages = (_brief(build(result, result.language)) for result in report.results)
    foot = f"{markdown_words(words.ui('graded_commit'))}: {markdown_code(report.head[:12])}"
    room = COMMENT_BYTES - len(foot.encode()) - len(MARK) - 4
    body = _cut(_paragraphs(pages, report, words), room, words)
    return f"{MARK}\n\n{body}\n{foot}\n"


def refusal(language: str, head: str) -> str:
    """The comment in place of a report that cannot be believed."""
    words = catalogue(language)
    foot = f"{markdown_words(words.ui('graded_commit'))}: {markdown_code(head[:12])}"
    return f"{MARK}\n\n{markdown_words(words.ui('workflow_changed'))}\n\n{foot}\n"


def _paragraphs(pages: Iterator[Iterator[str]], report: Report, words: Catalogue) -> Iterator[str]:
    if not report.whole:
        yield f"**{markdown_words(words.ui('run_not_whole'))}**"
    elif not report.results:
        yield markdown_words(words.ui("nothing_to_grade"))
    for page in pages:
        yield from page
    if report.unused:
        yield f"## {markdown_words(words.ui('unused'))}"
        lines = [
            f"- {markdown_code(one.path)}: {markdown_words(words.ui(f'unused_{one.why}'))}"
            for one in report.unused[:MAX_UNUSED]
        ]
        if more := report.unused_count - len(lines):
            lines.append(f"- {markdown_words(words.ui('and_more', count=more))}")
        yield "\n".join(lines)
        yield markdown_words(words.ui("unused_because"))


def _brief(page: Page) -> Iterator[str]:
    """A page's paragraphs without code, and of its questions and checks those that were not passed."""
    missed = [
        replace(question, checks=tuple(check for check in question.checks if check.verdict.kind != "passed"))
        for question in page.questions
        if question.verdict.kind != "passed"
    ]
    return paragraphs(replace(page, blocks={}), missed)


def _cut(parts: Iterator[str], room: int, words: Catalogue) -> str:
    """Whole paragraphs as long as there is room, the last of them saying what is missing if anything is."""
    notice = f"**{markdown_words(words.ui('cut_here'))}**"
    kept: list[str] = []
    used = 0
    for part in parts:
        size = len(part.encode(errors="replace")) + 2
        if used + size + len(notice.encode()) + 2 > room:
            kept.append(notice)
            break
        kept.append(part)
        used += size
    return "\n\n".join(kept) + "\n"
