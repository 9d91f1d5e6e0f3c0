"""The class page: complete in both languages, deaf to hostile text, small enough for ten thousand students."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.messages import catalogue
from autograder.report import write
from autograder.results import Finding, Outcome, Remark, Result
from tests.payloads import HOSTILE
from tests.report.classes import FAILED, PASSED, remarked, stored, student, ungraded

LANGUAGES = ["en", "ko"]
EVENTS = re.compile(r"on[a-z]+|style|srcdoc|action|formaction|ping|background")


class Elements(HTMLParser):
    """Every element of a page, its text, and what stands in its script and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw: dict[str, str] = {"script": "", "style": ""}
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in self.raw:
            self.raw[self._in] += data
        else:
            self.text += data


def page(out: Path, results: list[Result], language: str = "en") -> str:
    return write(stored(out, results), "dl1", language).read_text("utf-8")


def some_class() -> list[Result]:
    return [
        *(student(f"s{number:02}", PASSED, PASSED if number % 2 else FAILED) for number in range(12)),
        student("loop", PASSED, Outcome.TIMEOUT),
        ungraded("empty"),
        remarked("kim", "cuda_replaced"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_it_all(tmp_path: Path, language: str) -> None:
    """Figures, who needs a person, scores, misconceptions, questions, students: in the language asked for."""
    words = catalogue(language)
    html = page(tmp_path, some_class(), language)
    text = " ".join(Elements(html).text.split())
    for word in (
        *(
            "needs_a_person",
            "scores",
            "misconceptions",
            "questions_and_checks",
            "students",
            "stopped_timeout",
        ),
        *("difficulty", "discrimination", "as_a_table", "median", "which_students"),
    ):
        assert words.ui(word) in text
    assert words.text("bias_missing") in text
    assert words.text("notebook_empty") in text
    assert words.text("cuda_replaced", cell=3).replace("`", "") in text
    assert words.ui("number_of", number="14", whole="15") in text
    assert f'lang="{language}"' in html
    assert ("Question 2" if language == "en" else "문제 2") in text


def test_every_student_has_a_row(tmp_path: Path) -> None:
    """With a link to their page, a score to sort by, what they lost, and marks for every filter that fits."""
    html = page(tmp_path, some_class())
    rows = re.findall(r'<tr data-t="([^"]*)"><th scope="row"><a href="([^"]*)"><bdi>([^<]*)</bdi>', html)
    assert [name for _, _, name in rows] == sorted(result.student for result in some_class())
    tags = {name: set(marks.split()) for marks, _, name in rows}
    options = dict(re.findall(r'<option value="(\w+)">([^<]*)</option>', html))
    bias = next(tag for tag, label in options.items() if label == catalogue("en").text("bias_missing"))
    assert {name for name, marks in tags.items() if bias in marks} == {
        f"s{number:02}" for number in range(0, 12, 2)
    }
    assert set().union(*tags.values()) <= set(options)
    assert {name: href for _, href, name in rows}["kim"] == "../../feedback/kim/dl1/dl1.html"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded_and_one_script_runs(tmp_path: Path, language: str) -> None:
    """The policy allows the one style and the one script of the page by their digests, and nothing else."""
    read = Elements(page(tmp_path, some_class(), language))
    digests = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in read.raw.items()
    }
    [policy] = [attributes["content"] for _, attributes in read.elements if "http-equiv" in attributes]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [tag for tag, _ in read.elements].count("script") == 1
    assert not [
        tag for tag, _ in read.elements if tag in ("link", "img", "iframe", "object", "embed", "base")
    ]


def with_texts(texts: list[str]) -> list[Result]:
    """A class in which each of the texts stands wherever a student's text can."""
    results = []
    for number, text in enumerate(texts):
        failed = student(
            f"{number:03}{text}", FAILED, remarks=[Remark("package_missing", {"package": text, "cell": 1})]
        )
        failed.questions[0].checks[0].findings[:] = [
            Finding("forward_raised", found=text, facts={"error": text, "message": text}),
            Finding("wrong_shape", expected=text, found=text, facts={"name": text}),
        ]
        results += [failed, ungraded(f"file{number:03}{text}", "notebook_bad_format", problem=text)]
    return results


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text(tmp_path: Path, language: str) -> None:
    """Whatever names, findings, remarks and refusals say: the page has the elements it has with harmless texts."""
    storable = [text.encode(errors="replace").decode() for text in HOSTILE]  # as they come to lie in a result
    for number, few in enumerate(
        (storable, storable[:3], storable[3:6])
    ):  # a few texts are all shown, many are not
        got = Elements(page(tmp_path / f"hostile{number}", with_texts(few), language))
        tame = [f"x{at}" for at in range(len(few))]
        harmless = Elements(page(tmp_path / f"harmless{number}", with_texts(tame), language))
        assert [tag for tag, _ in got.elements] == [tag for tag, _ in harmless.elements]
        for _, attributes in got.elements:
            assert not [name for name in attributes if EVENTS.fullmatch(name)]
            assert (attributes.get("href") or "#").startswith(("../../feedback/", "#"))
        assert not set("\x1b\u202e\u200b\ufeff\x00") & set(got.text)


def test_a_check_that_tells_the_wrong_way_is_marked(tmp_path: Path) -> None:
    """Where those who do well elsewhere fail, somebody should look at the check."""
    good = [student(f"good{number}", FAILED, PASSED, PASSED) for number in range(6)]
    weak = [student(f"weak{number}", PASSED, FAILED, FAILED) for number in range(6)]
    html = page(tmp_path, good + weak)
    assert html.count(catalogue("en").ui("tells_the_wrong_way")) == 2 * 1  # the question and its one check


def test_a_small_class_has_no_discrimination(tmp_path: Path) -> None:
    """Under ten students there is neither the number nor the chart."""
    html = page(tmp_path, [student(f"s{number}", PASSED, FAILED) for number in range(9)])
    assert "checks-wide-title" not in html
    assert "histogram-wide-title" in html


def test_a_class_without_a_score_has_a_page(tmp_path: Path) -> None:
    """A run in which nothing could be graded says so and shows who."""
    text = Elements(page(tmp_path, [ungraded("kim"), ungraded("lee", "grader_fault", "grader")])).text
    assert catalogue("en").ui("scores_none") in text
    assert catalogue("en").ui("ungraded_by_our_fault") in text
    assert "0 of 2" in text
