"""Summary and comment: whole paragraphs within their limits, and no word that is not ours to choose."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt

from autograder.ci.markdown import COMMENT_BYTES, MARK, SUMMARY_BYTES, comment, refusal, summary
from autograder.ci.report import Report, Unused
from autograder.results import Finding, Outcome, Result
from tests.exchange.results import check, graded, question
from tests.payloads import HOSTILE

HEAD = "ab" * 20
CUT = "Cut off here"


def report(*results: Result, unused: tuple[Unused, ...] = ()) -> Report:
    return Report(
        number=1,
        base="0" * 40,
        head=HEAD,
        language="en",
        results=list(results),
        unused=list(unused),
        unused_count=len(unused),
    )


def large(student: str) -> Result:
    """A result whose page is some 120 KB: code with fences of its own, and blank lines in it."""
    code = f"x = {'1' * 200}\n\n```\n\n" * 90
    seen = Finding("check_failed", "x", "한글" * 200)
    return graded(
        *(question(f"q{n}", check(f"q{n}.one", Outcome.FAILED, seen), source=code) for n in range(6)),
        student=student,
    )


def tokens(markdown: str) -> list[str]:
    return [token.type for token in MarkdownIt("commonmark").enable("table").parse(markdown)]


def test_a_comment_says_what_was_missed() -> None:
    """Score and table of everything, details of what was not passed, no code, the commit, and the mark in front."""
    seen = Finding("wrong_shape", "(1, 5)", "(1, 4)", {"name": "output"})
    result = graded(
        question("good", check("good.one"), source="secret = 1"),
        question("bad", check("bad.one"), check("bad.two", Outcome.FAILED, seen), source="secret = 2"),
    )
    text = comment(report(result))
    assert text.startswith(f"{MARK}\n")
    assert "| good | ✓ Passed | 2 of 2 |" in text
    assert "## ◐ bad" in text
    assert "## ✓ good" not in text
    assert "secret" not in text
    assert "- Found: `(1, 4)`" in text
    assert text.endswith(f"Commit: `{HEAD[:12]}`\n")


def test_what_was_not_used_is_told() -> None:
    """Each path with its reason, as code; of many the first, and how many more."""
    unused = tuple(Unused(f"submitted/lee{number}/dl1/dl1.ipynb", "somebody_else") for number in range(30))
    text = comment(report(unused=(Unused("grader.toml", "configuration"), *unused)))
    assert "This pull request changes no notebook that could be graded." in text
    assert "- `grader.toml`: These are the settings of the course." in text
    assert text.count("This belongs to another student.") == 19
    assert "- and 11 more" in text


def test_a_summary_is_cut_between_paragraphs() -> None:
    """However much there is, the summary fits, no fence or table is left open, and it says that it is cut."""
    results = [large(f"student{number}") for number in range(10)]
    for room in (SUMMARY_BYTES, 100_000):
        text = summary(report(*results), room)
        assert len(text.encode()) <= room
        assert len(text.encode()) > room - 30_000
        assert text.rstrip().split("\n")[-1].startswith(f"**{CUT}")
    assert tokens(text)[-3:] == ["paragraph_open", "inline", "paragraph_close"]
    whole = summary(report(*results[:2]), SUMMARY_BYTES)
    assert CUT not in whole
    assert len(whole.encode()) > 100_000


def test_a_cut_never_takes_more_room_than_there_is() -> None:
    """The words that say so are counted, wherever the cut falls."""
    seen = Finding("check_failed", "x", "y")
    one = report(graded(*(question(f"q{n}", check(f"q{n}.one", Outcome.FAILED, seen)) for n in range(4))))
    for room in range(200, 1_000, 7):
        text = summary(one, room)
        assert len(text.encode()) <= room
        assert CUT in text


def test_a_comment_is_cut_with_its_commit_left() -> None:
    """A comment fits what GitHub takes, and still says which commit it is about."""
    text = comment(report(*(large(f"student{number}") for number in range(30))))
    assert len(text.encode()) <= COMMENT_BYTES
    assert CUT in text
    assert text.endswith(f"Commit: `{HEAD[:12]}`\n")


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_hostile_report_says_nothing_of_its_own(payload: str) -> None:
    """No link, image, HTML, heading or mention comes out of whatever stands in a report's fields."""
    seen = Finding("check_said", payload, payload, {"sentence": payload})
    one = question(payload, check(payload, Outcome.FAILED, seen), title={"en": payload}, section=payload)
    result = graded(one, student=payload, assignment=payload, language="en")
    plain = graded(
        question("q", check("q", Outcome.FAILED, Finding("check_failed", "x", "x")), title={"en": "q"})
    )
    text = comment(report(result, unused=(Unused(payload, "code"),)))
    kinds = {token.type for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)}
    expected = comment(report(plain, unused=(Unused("x", "code"),)))
    assert kinds <= {
        token.type for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(expected)
    }
    assert text.count("\n#") == expected.count("\n#")


def test_a_refusal_shows_no_score() -> None:
    """What cannot be believed is not shown, in either language."""
    for language, word in (("en", "changes how pull requests are graded"), ("ko", "풀 리퀘스트")):
        text = refusal(language, HEAD)
        assert text.startswith(MARK)
        assert word in text


def test_a_run_that_was_not_whole_says_so() -> None:
    """Where grading failed, nobody is told that there was nothing to grade."""
    text = comment(msgspec.structs.replace(report(), whole=False))
    assert "Not everything could be graded, through no fault of this pull request." in text
    assert "changes no notebook" not in text
