"""Feedback pages: whatever a student wrote stays text, and every result has a page."""

from __future__ import annotations

import base64
import dataclasses
import gc
import hashlib
import re
import weakref
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from markupsafe import Markup

from autograder.escaping import visible
from autograder.feedback import code, html, markdown, render
from autograder.feedback import page as page_module
from autograder.feedback.page import MAX_REMEMBERED_BYTES, build
from autograder.feedback.picture import Picture
from autograder.messages import MESSAGES, UnknownCodeWarning, catalogue
from autograder.results import (
    CellError,
    CheckResult,
    Environment,
    Finding,
    HandIn,
    Outcome,
    QuestionResult,
    Remark,
    Result,
    Step,
    Submission,
    Ungraded,
)
from tests.payloads import HOSTILE

LANGUAGES = ["en", "ko"]
VOID = {"meta", "br", "rect", "path"}
TAGS = VOID | {
    *("html", "head", "title", "style", "body", "header", "main", "footer", "section", "article"),
    *("h1", "h2", "h3", "p", "dl", "div", "dt", "dd", "ul", "li", "details", "summary", "pre"),
    *("bdi", "a", "span", "mark", "svg", "code", "table", "thead", "tbody", "tr", "th", "td"),
}
MARKDOWN = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "hr", "fence"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("blockquote_open", "blockquote_close", "text", "code_inline", "strong_open", "strong_close"),
    *("softbreak", "text_special"),
}


def finding(code: str = "values_differ", **fields: Any) -> Finding:
    return Finding(code, **fields)


def check(outcome: Outcome = Outcome.FAILED, *findings: Finding, **fields: Any) -> CheckResult:
    points = 5.0 if outcome is Outcome.PASSED else 0.0
    known: dict[str, Any] = {
        "id": "check",
        "points": points,
        "max_points": 5.0,
        "visibility": "public",
        "about": {"en": "What it looks at", "ko": "보는 것"},
    }
    return CheckResult(outcome=outcome, findings=list(findings), **(known | fields))


def question(*checks: CheckResult, **fields: Any) -> QuestionResult:
    known: dict[str, Any] = {
        "id": "linear",
        "score": sum(check.points for check in checks),
        "max_score": sum(check.max_points for check in checks),
        "title": {"en": "A linear layer", "ko": "선형 레이어"},
    }
    return QuestionResult(checks=list(checks), **(known | fields))


def result(*questions: QuestionResult, **fields: Any) -> Result:
    known: dict[str, Any] = {
        "assignment": "dl1",
        "student": "kim",
        "status": "graded",
        "score": sum(question.score for question in questions),
        "max_score": 100.0,
        "seed": 7,
        "language": "ko",
        "submission": Submission("submitted/kim/dl1/dl1.ipynb", "ab" * 32),
        "assignment_digest": "cd" * 32,
        "environment": Environment("2.13.0", {}),
        "timing": {},
    }
    return Result(questions=list(questions), **(known | fields))


def ungraded(code: str, fault: str = "submission", **facts: str | int | float) -> Result:
    reason = msgspec.convert({"code": code, "fault": fault, "facts": facts}, Ungraded)
    return result(status="ungraded", score=None, ungraded=reason)


def everywhere(text: str) -> Result:
    """A result that holds ``text`` wherever a student's text can stand."""
    seen = [
        finding("forward_raised", expected=text, found=text, facts={"error": text, "message": text}),
        finding("cell_timeout", facts={"cell": text, "seconds": text}),
        finding("check_said", facts={"sentence": text}),
    ]
    hit = check(Outcome.FAILED, *seen, id=text, about={"en": text}, visibility="hidden")
    return result(
        question(
            hit,
            id=text,
            title={"en": text},
            section=text,
            heading={"en": text},
            source=text,
            output=text,
            error=CellError(1, text, text, 2),
            cell_lines={1: 1},
        ),
        assignment=text,
        lesson=text,
        student=text,
        submission=Submission(text, text),
        environment=Environment(text, {}),
        remarks=[
            Remark("several_notebooks", {"chosen": text, "others": text}, question=text),
            Remark("cuda_replaced", {"cell": 1}),
            Remark("given_cell_missing", {"grade_id": text}),
        ],
        headlines={1: text},
    )


def as_html(shown: Result, language: str) -> str:
    return render(shown, language).html


def as_markdown(shown: Result, language: str) -> str:
    return render(shown, language).markdown


class Document(HTMLParser):
    """What a browser would see of a page: its elements, their attributes, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.style = ""
        self.feed(html)
        self.close()
        assert self.open == [], "an element was left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text.append(data)

    def all_text(self) -> str:
        return "".join(self.text)

    def attribute(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_html(text: str) -> None:
    """No element, attribute or link comes from a student, and what they wrote can be read in full."""
    page = Document(as_html(everywhere(text), "en"))
    assert {tag for tag, _ in page.elements} <= TAGS
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith(("on", "style"))
    ]
    assert set(page.attribute("href")) == {"#question-1"}
    assert page.attribute("src") == []
    assert visible(text).strip() in page.all_text()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_markdown(text: str) -> None:
    """A parser of Markdown finds our headings, lists and table, and of a student's only text and code."""
    markdown = as_markdown(everywhere(text), "en")
    assert visible(markdown) == markdown
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    inside = [token for block in blocks for token in block.children or []]
    kinds = {token.type for token in (*blocks, *inside)}
    assert kinds <= MARKDOWN, kinds - MARKDOWN
    assert [block.tag for block in blocks if block.type == "heading_open"] == ["h1", "h2", "h2", "h3"]
    words = "".join(token.content for token in inside if token.type == "text" or token.content in ("@", "#"))
    fences = [block.content.strip("\n").rstrip() for block in blocks if block.type == "fence"]
    if written := visible(text).rstrip():
        assert fences == [text.strip("\n") for text in (written, written, f"{written}: {written}")]
        assert visible(text).replace("\n", " ").strip() in words.replace("\n", " ")


@pytest.mark.parametrize("text", HOSTILE)
def test_github_links_nothing_of_a_students(text: str) -> None:
    """GitHub links addresses, mentions and numbers by itself; outside of code there are none."""
    markdown = as_markdown(everywhere(text), "en")
    parsed = MarkdownIt("commonmark").enable("table").parse(markdown)
    sources = [block.content for block in parsed if block.type == "inline"]
    outside = [re.sub(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)", " ", source) for source in sources]
    assert not [source for source in outside if re.search(r"(?<!\\)://|www\.|[@#]\w", source)]


@pytest.mark.parametrize("text", HOSTILE)
def test_pages_can_be_written_as_utf8(text: str) -> None:
    """Lone surrogates and other strays do not keep a page from being saved."""
    as_html(everywhere(text), "ko").encode()
    as_markdown(everywhere(text), "ko").encode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_allows_the_style_and_nothing_else(language: str) -> None:
    """The policy's digest is that of the style in the page, and nothing is loaded from anywhere."""
    html = as_html(everywhere("x"), language)
    page = Document(html)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    policy = next(attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<iframe", html.replace(policy or "", ""))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/dl1.html", True),
        ("../kim/dl1.ipynb", False),
        ("javascript:alert(1)", False),
        ("https://example.org/\tx", False),
        ("//evil.example/x", False),
        ("https://[", False),
    ],
)
def test_only_a_harmless_link_to_the_lesson_is_kept(address: str, kept: bool) -> None:
    """A link is https; anything else is left out and not repaired."""
    links = Document(as_html(result(lesson=address), "en")).attribute("href")
    assert links == ([address] if kept else [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("render", [as_html, as_markdown])
def test_a_page_says_what_was_expected_and_found(render: Any, language: str) -> None:
    """Score, title, verdict, expected beside found, hint, code and output are all there, in the language."""
    words = catalogue(language)
    seen = finding("wrong_shape", expected="(1, 5)", found="(1, 10)", facts={"name": "output_tensor"})
    answer = question(
        check(Outcome.PASSED), check(Outcome.FAILED, seen), source="linear_layer = 1", output="printed"
    )
    page = re.sub("</?span[^>]*>", "", render(result(answer, score=57.5), language))
    for text in ("57.5", "(1, 5)", "(1, 10)", "output_tensor", "linear_layer = 1", "printed"):
        assert text in page
    for word in ("outcome_partly", "outcome_passed", "outcome_failed", "expected", "found", "hint"):
        assert words.ui(word) in page
    assert {"en": "A linear layer", "ko": "선형 레이어"}[language] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_marked_with_its_language(language: str) -> None:
    """Screen readers and line breaking learn the language from the page."""
    assert ("html", {"lang": language}) in Document(as_html(result(), language)).elements


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [code for code in MESSAGES if code.startswith(("notebook_", "not_"))])
def test_an_ungraded_file_gets_a_page_that_says_what_to_do(code: str, language: str) -> None:
    """The page says what the file is, what to do and that the answers were not looked at; it has no score."""
    words = catalogue(language)
    html, markdown = (render(ungraded(code, line=3), language) for render in (as_html, as_markdown))
    assert 'class="score"' not in html
    text = Document(html).all_text()
    for word in ("not_graded", "fault_submission", "what_to_do"):
        assert words.ui(word) in text
        assert words.ui(word) in markdown


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_fault_is_said_to_be_ours(language: str) -> None:
    """A fault of the grader never reads like one of the student's, and never shows its details."""
    words = catalogue(language)
    reason = Ungraded("grader_fault", "grader", message="hidden reference p=0.37")
    failed = result(
        question(check(Outcome.GRADER_ERROR, finding("grader_fault"))),
        status="ungraded",
        score=None,
        ungraded=reason,
    )
    for page in (Document(as_html(failed, language)).all_text(), as_markdown(failed, language)):
        assert words.text("grader_fault") in page
        assert words.ui("fault_submission") not in page
        assert words.ui("checked_so_far") in page
        assert "0.37" not in page


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ([], "outcome_not_checked"),
        ([Outcome.PASSED, Outcome.PASSED], "outcome_passed"),
        ([Outcome.PASSED, Outcome.FAILED], "outcome_partly"),
        ([Outcome.FAILED, Outcome.NOT_ANSWERED], "outcome_not_answered"),
        ([Outcome.PASSED, Outcome.GRADER_ERROR], "outcome_grader_error"),
        ([Outcome.FAILED, Outcome.TIMEOUT], "outcome_timeout"),
    ],
)
def test_a_question_passes_only_if_checks_passed(outcomes: list[Outcome], word: str) -> None:
    """A question without checks is not passed, and one undecided check keeps it from being judged."""
    markdown = as_markdown(result(question(*(check(outcome) for outcome in outcomes))), "en")
    assert f"**{catalogue('en').ui(word)}**" in markdown


def test_what_all_checks_found_is_said_once() -> None:
    """An unanswered question does not repeat itself under each of its checks."""
    unanswered = [check(Outcome.NOT_ANSWERED, finding("not_answered")) for _ in range(4)]
    assert as_html(result(question(*unanswered)), "en").count(catalogue("en").text("not_answered")) == 1


def test_what_failed_checks_found_in_the_same_words_is_said_once() -> None:
    """Though their facts differ in what is not said, and another check passed; what differs in words is not folded."""
    same = [
        check(Outcome.FAILED, finding("forward_raised", facts={"error": "E", "message": "m", "batch": batch}))
        for batch in (2, 3)
    ]
    once = as_html(result(question(check(Outcome.PASSED), *same)), "en")
    assert once.count("E: m") == 1
    other = check(Outcome.FAILED, finding("forward_raised", facts={"error": "E", "message": "other"}))
    assert as_html(result(question(*same, other)), "en").count("E: m") == 2


def test_what_the_words_say_is_not_shown_beside_them() -> None:
    """An error that is in the sentence already gets no box of its own."""
    seen = finding("forward_raised", found="E: m", facts={"error": "E", "message": "m"})
    page = as_html(result(question(check(Outcome.FAILED, seen))), "en")
    assert page.count("E: m") == 1


def test_what_was_not_passed_names_the_section_to_read() -> None:
    """A question that lost points says which section explains it, as its heading has it: nothing shows an anchor.

    It is a link where the assignment says where its lesson is.
    """
    done = question(check(Outcome.PASSED), section="layers", heading={"en": "Layers"})
    lost = question(check(Outcome.FAILED), section="a section", heading={"ko": "풀링", "en": "Pooling"})
    both = result(done, lost)
    alone = Document(as_html(both, "en"))
    assert "read again in the notebook: Pooling" in alone.all_text()
    assert "Layers" not in alone.all_text()
    assert "read again in the notebook: Pooling" in as_markdown(both, "en")
    assert "풀링" in as_markdown(both, "ko")
    assert not [href for href in alone.attribute("href") if "section" in (href or "")]
    linked = Document(as_html(result(done, lost, lesson="https://example.org/dl1#elsewhere"), "en"))
    assert "https://example.org/dl1#a%20section" in linked.attribute("href")


def test_an_error_is_told_once_and_with_its_line() -> None:
    """The finding about a raised cell stands for the error; without it, the error has a block of its own."""
    error = CellError(3, "NameError", "name 'slef' is not defined", 2)
    told = finding("cell_raised", facts={"cell": 3, "line": 2, "name": error.name, "message": error.message})
    with_finding = as_markdown(result(question(check(Outcome.CELL_ERROR, told), error=error)), "en")
    without = as_markdown(result(question(check(Outcome.FAILED), error=error)), "en")
    assert with_finding.count("slef") == without.count("slef") == 1
    assert "Cell 3, line 2" in with_finding
    assert "Cell 3, line 2" in without


def test_a_remark_is_made_once_with_all_its_cells() -> None:
    """Five cells that ask for a GPU are one remark; each is named by its number and by how it begins."""
    remarks = [Remark("cuda_replaced", {"cell": cell}) for cell in (3, 5, 5, 9)]
    remarks += [Remark("package_missing", {"cell": 3, "package": "mine"})]
    page = result(remarks=remarks, headlines={3: "import mine", 5: 'net.to("cuda")'})
    markdown = as_markdown(page, "en")
    assert markdown.count(catalogue("en").text("cuda_replaced")) == 1
    assert 'Cell 3 (`import mine`) · Cell 5 (`net.to("cuda")`) · Cell 9\n' in markdown
    html = as_html(page, "ko")
    assert html.count(catalogue("ko").text("cuda_replaced")) == 1
    assert "5번째 셀(<code>net.to(&#34;cuda&#34;)</code>)" in html


def test_a_long_list_of_cells_is_cut() -> None:
    """A remark on sixty cells names the first ones, and says how many there are besides."""
    remarks = [Remark("cuda_replaced", {"cell": cell}) for cell in range(1, 61)]
    markdown = as_markdown(result(remarks=remarks), "en")
    assert "Cell 6 · and 54 more" in markdown
    assert "Cell 7" not in markdown


def test_lost_cells_are_named_by_their_ids() -> None:
    """What a notebook lacks has no number: the assignment's own name for it stands there."""
    remarks = [Remark("given_cell_missing", {"grade_id": name}) for name in ("conv-given", "pool-given")]
    assert "`conv-given` · `pool-given`" in as_markdown(result(remarks=remarks), "en")


def test_a_hidden_check_shows_what_it_is_about_and_not_its_name() -> None:
    """A hidden check's id could give it away; its ``about`` is written for students."""
    page = as_html(
        result(question(check(Outcome.FAILED, id="test_p_is_0_37", visibility="hidden"))), "en"
    )
    assert "What it looks at" in page
    assert "hidden check" in page
    assert "0_37" not in page


def test_the_line_that_is_spoken_of_is_marked() -> None:
    """Where a finding or an error names a cell and a line, that line of the student's code is marked."""
    source = "a = 1\nb = 2\n\nc = slef\nd = 4"
    seen = finding("forward_raised", facts={"cell": 7, "line": 2, "error": "E", "message": "m"})
    answer = question(
        check(Outcome.FAILED, seen),
        source=source,
        cell_lines={7: 1, 9: 4},
        error=CellError(9, "NameError", "name 'slef' is not defined", 1),
    )
    html = as_html(result(answer), "en")
    marked = re.findall(r'<mark class="line" data-n="(\d+)">(.*?)\n</mark>', html)
    assert [(number, re.sub("<[^>]*>", "", text)) for number, text in marked] == [
        ("2", "b = 2"),
        ("1", "c = slef"),
    ]


def test_what_was_passed_is_folded() -> None:
    """Code and output of a question that was passed are there, folded; of any other they are open."""
    passed = as_html(result(question(check(Outcome.PASSED), source="x = 1", output="1")), "en")
    failed = as_html(result(question(check(Outcome.FAILED), source="x = 1", output="1")), "en")
    assert passed.count('<details class="block">') == 2
    assert '<details class="block">' not in failed
    assert failed.count('<div class="block">') == 2


def test_a_picture_has_words_beside_it() -> None:
    """A finding's picture stands in the page as it is, its words are there for those who do not see it."""
    page = build(result(question(check(Outcome.FAILED, finding()))), "en")
    picture = Picture(Markup('<svg viewBox="0 0 1 1" aria-hidden="true"></svg>'), "One layer <more>")
    view = page.questions[0]
    check_view = view.checks[0]
    seen = dataclasses.replace(check_view.findings[0], picture=picture)
    check_view = dataclasses.replace(check_view, findings=(seen,))
    page = dataclasses.replace(page, questions=[dataclasses.replace(view, checks=(check_view,))])
    assert f'<figure class="picture" tabindex="0">\n{picture.svg}' in html.render(page)
    assert "One layer &lt;more&gt;" in html.render(page)
    assert r"One layer \<more\>" in markdown.render(page)


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ([Step("Conv2d(3, 16)", "Conv2d(3, 8)", differs=True)], False),
        ([Step("Conv2d(3, 16)", "Conv2d(3, 8)", differs=True), Step("ReLU", "ReLU")], True),
        ([Step("Conv2d(3, 16) → ReLU", "Conv2d(3, 8)", differs=True)], True),
    ],
    ids=["one layer", "two steps", "another text"],
)
def test_a_picture_shows_more_than_what_stands_above_it(steps: list[Step], shown: bool) -> None:
    """Of a single layer, expected beside found says all of it; on both pages it is said once."""
    seen = Finding("layer_resized", expected="Conv2d(3, 16)", found="Conv2d(3, 8)", steps=steps)
    graded = result(question(check(Outcome.FAILED, seen)))
    assert ("<figure" in as_html(graded, "en")) is shown
    told = markdown.render(build(graded, "en"))
    assert told.count("Conv2d(3, 8)") == 1 + shown


def test_an_unknown_code_still_makes_a_page() -> None:
    """A result written by a newer version can be shown: the code stands for the words."""
    newer = result(question(check(Outcome.FAILED, finding("of_the_future"))), remarks=[Remark("also_new")])
    with pytest.warns(UnknownCodeWarning):
        page = as_html(newer, "en")
    assert "of_the_future" in page
    assert "also_new" in page


def test_long_text_is_cut_and_said_to_be() -> None:
    """A megabyte of output does not become a megabyte of page."""
    page = as_html(result(question(check(), output="x" * 1_000_000)), "en")
    assert len(page) < 60_000
    assert catalogue("en").ui("middle_left_out") in page


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["2026-10-02 10:00 (UTC+09:00) (late)", "2 of 3", "2 points are taken off, so that 3 count"]),
        ("ko", ["2026-10-02 10:00 (UTC+09:00) (늦음)", "3번 중 2번째", "2점이 감점되므로 3점으로"]),
    ],
)
def test_when_work_came_and_what_that_costs(language: str, says: list[str]) -> None:
    """Arrival, due date, attempt and penalty are on both pages."""
    late = HandIn("2026-10-02T10:00:00+09:00", "2026-10-01T23:59:00+09:00", 36_060, 20.0, 2, 3)
    shown = result(question(check(Outcome.PASSED), check()), handed_in=late, score=5.0, max_score=10.0)
    for page in (as_html(shown, language), as_markdown(shown, language).replace("\\", "")):
        for text in [*says, "2026-10-01 23:59 (UTC+09:00)"]:
            assert text in page


def test_nothing_known_of_an_arrival_says_nothing() -> None:
    """A course without dates has no word of them on its pages."""
    assert "Handed in" not in as_html(result(question(check())), "en")


def answers() -> list[Result]:
    """Results that differ in one thing each, as far as what is said of their one question goes."""
    passed, failed = check(Outcome.PASSED), check(Outcome.FAILED, finding(facts={"cell": 3, "line": 1}))
    told = question(failed, section="layers", heading={"en": "Layers"}, source="x = 1", cell_lines={3: 1})
    lesson = "https://example.org/dl1"
    return [
        result(question(passed)),
        result(question(passed, passed)),
        result(question(passed, title={"en": "Other"})),
        result(question(passed), question(passed)),
        result(told),
        result(msgspec.structs.replace(told, source="y = '''\nz\n'''")),
        result(msgspec.structs.replace(told, cell_lines={4: 1})),
        result(msgspec.structs.replace(told, output="1")),
        result(msgspec.structs.replace(told, error=CellError(3, "E", "m", 1))),
        result(msgspec.structs.replace(told, section="other"), lesson=lesson),
        result(told, headlines={3: "x = 1"}),
        result(told, headlines={3: "x = 2"}),
        result(told, lesson=lesson),
        result(told, lesson=f"{lesson}-other#there"),
        result(question(check(Outcome.FAILED, finding(facts={"cell": 3, "line": 2})))),
        result(question(check(Outcome.FAILED, finding(found="a")))),
        result(question(check(Outcome.FAILED, finding(expected="a")))),
        result(question(check(Outcome.FAILED, finding(found="\ud800")))),
        result(question(check(Outcome.FAILED, finding(facts={"cell": 1 << 70})))),
    ]


def test_no_page_depends_on_those_made_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered from other pages, in either language, is what would be made anew."""
    shown = [(one, language) for one in answers() for language in LANGUAGES]
    after_others = [render(one, language) for _ in range(2) for one, language in shown]
    monkeypatch.setattr(page_module, "MAX_REMEMBERED_BYTES", 0)
    monkeypatch.setattr(code, "MAX_REMEMBERED_CHARACTERS", 0)
    alone = [render(one, language) for one, language in shown]
    assert after_others == alone * 2
    assert len(set(alone)) == len(alone)


def test_what_is_said_alike_is_rendered_once() -> None:
    """Two students whose answers pass have one view of it between them, each beside their own code."""
    kim = build(result(question(check(Outcome.PASSED), source="x = 1")), "en")
    lee = build(result(question(check(Outcome.PASSED), source="y = 2"), student="lee"), "en")
    assert kim.questions[0] is lee.questions[0]
    assert [page.blocks["question-1"][0].text for page in (kim, lee)] == ["x = 1", "y = 2"]


def test_long_text_is_remembered_for_nobody() -> None:
    """What a student makes long, to fill the memory of whoever grades, goes with their page."""
    long = result(question(check(Outcome.FAILED, finding(found="x" * MAX_REMEMBERED_BYTES))))
    page = build(long, "en")
    html.render(page), markdown.render(page)
    view = weakref.ref(page.questions[0])
    del page
    gc.collect()
    assert view() is None
