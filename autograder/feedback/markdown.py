"""A page as Markdown: for job summaries, pull requests and terminals. No HTML in it, ours or anybody's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from autograder.escaping import markdown_block, markdown_code, markdown_words
from autograder.feedback.blocks import Block
from autograder.feedback.verdict import SHAPES
from autograder.feedback.views import CheckView, FindingView, Page, QuestionView, RemarkView
from autograder.messages.told import phrase_markdown


def render(page: Page) -> str:
    """The page in CommonMark with GitHub's tables, ending in a newline."""
    return "\n\n".join(paragraphs(page)) + "\n"


def paragraphs(page: Page, questions: Sequence[QuestionView] | None = None) -> Iterator[str]:
    """Its parts, each of them Markdown on its own; a blank line belongs between two.

    ``questions`` are those to go into, all of them if left out; the table has every one.
    """
    labels = page.labels
    yield f"# {markdown_words(page.heading)}"
    yield (
        f"{markdown_words(labels['student'])}: {markdown_code(page.student)} · "
        f"{markdown_words(labels['file'])}: {markdown_code(page.path)}"
    )
    if page.arrival:
        yield " · ".join(f"{markdown_words(label)}: {markdown_words(value)}" for label, value in page.arrival)
    if page.score:
        score = page.score
        yield (
            f"**{markdown_words(score.points)} {markdown_words(score.of_points)}** · "
            f"{markdown_words(score.checks_passed)}"
        )
        if score.late:
            yield markdown_words(score.late)
    if page.ungraded:
        reason = page.ungraded
        yield f"## {markdown_words(reason.heading)}"
        yield f"{phrase_markdown(reason.text)} {markdown_words(reason.fault)}".rstrip()
        if reason.help:
            yield f"**{markdown_words(labels['what_to_do'])}:** {phrase_markdown(reason.help)}"
        if reason.checked_so_far:
            yield markdown_words(reason.checked_so_far)
    if page.score and page.questions:
        yield _table(page)
    if page.remarks:
        yield f"## {markdown_words(labels['remarks'])}"
        yield "\n".join(_remark(remark) for remark in page.remarks)
        yield markdown_words(labels["remarks_cost_nothing"])
    for question in page.questions if questions is None else questions:
        if question not in _known:
            _known[question] = tuple(_question(question, page))
        yield from _known[question]
        for block in page.blocks.get(question.anchor, ()):
            yield from _block(block)
    yield "---"
    yield (
        f"{markdown_words(page.environment)} · "
        f"{markdown_words(labels['fingerprint'])}: {markdown_code(page.fingerprint)}"
    )


def _remark(remark: RemarkView) -> str:
    places = " · ".join(map(phrase_markdown, remark.places))
    parts = [phrase_markdown(remark.text), places, phrase_markdown(remark.help)]
    return "- " + "\n  ".join(part for part in parts if part)


def _table(page: Page) -> str:
    headings = (page.labels[label] for label in ("question", "verdict", "points"))
    rows = [f"| {' | '.join(markdown_words(heading) for heading in headings)} |", "| --- | --- | ---: |"]
    for question in page.questions:
        shape, word = SHAPES[question.verdict.kind], markdown_words(question.verdict.word)
        rows.append(
            f"| {markdown_words(question.title)} | {shape} {word} | {markdown_words(question.points)} |"
        )
    return "\n".join(rows)


def _question(question: QuestionView, page: Page) -> Iterator[str]:
    shape = SHAPES[question.verdict.kind]
    yield f"## {shape} {markdown_words(question.title)}"
    yield f"**{markdown_words(question.verdict.word)}** · {markdown_words(question.points)}"
    for finding in question.findings:
        yield from _finding(finding, page)
    for check in question.checks:
        yield from _check(check, page)
    if question.section:
        label = markdown_words(page.labels["read_in_notebook"])
        yield f"{label}: {markdown_words(question.section_name)}"


_known: WeakKeyDictionary[QuestionView, tuple[str, ...]] = WeakKeyDictionary()  # what is said, once it was


def _check(check: CheckView, page: Page) -> Iterator[str]:
    hidden = f" ({markdown_words(page.labels['hidden_check'])})" if check.hidden else ""
    yield (
        f"### {SHAPES[check.verdict.kind]} {markdown_words(check.about)}{hidden}\n\n"
        f"{markdown_words(check.verdict.word)} · {markdown_words(check.points)}"
    )
    for finding in check.findings:
        yield from _finding(finding, page)


def _finding(finding: FindingView, page: Page) -> Iterator[str]:
    place = f"{phrase_markdown(finding.place)}: " if finding.place else ""
    yield place + phrase_markdown(finding.text)
    sides = [
        f"- {markdown_words(page.labels[label])}: {markdown_code(value)}"
        for label, value in (("expected", finding.expected), ("found", finding.found))
        if value
    ]
    if sides:
        yield "\n".join(sides)
    if finding.picture:
        yield markdown_words(finding.picture.text)
    if finding.help:
        yield f"> **{markdown_words(page.labels['hint'])}:** {phrase_markdown(finding.help)}"


def _block(block: Block) -> Iterator[str]:
    yield f"**{markdown_words(block.label)}**"
    yield markdown_block(block.text, block.syntax)
    if block.shortened:
        yield markdown_words(block.shortened)
