"""What hostile programs get: the points they earned, no secret, no neighbour, nothing that stays."""

from __future__ import annotations

import base64
import codecs
import re
from html.parser import HTMLParser

import msgspec
import pytest

from autograder.escaping import visible
from autograder.results import Result
from tests.attacks.campaign import Campaign, found_in
from tests.attacks.programs import Program, programs
from tests.attacks.target import LIMITS, TOKEN

LATE_SECONDS = 0.5
LOAD_SECONDS = 6.0  # more, where other work keeps the machine busy


@pytest.mark.parametrize("program", programs(), ids=lambda program: program.id)
def test_a_program_gets_what_it_earned(campaign: Campaign, program: Program) -> None:
    """Not a point more, not one less, graded like anybody's, and its checks end as its file says."""
    result = _of(campaign, program)
    assert (result.status, result.score) == ("graded", program.points), _told(result)
    for question, outcomes in program.ends.items():
        found = {
            check.outcome.value for item in result.questions if item.id == question for check in item.checks
        }
        assert found <= outcomes, _told(result)


def test_the_rest_of_the_class_is_graded(campaign: Campaign) -> None:
    """Every submission has a result, and the run ended well."""
    assert campaign.status == 0, campaign.terminal[-3_000:]
    assert {result.status for result in campaign.results.values()} == {"graded"}


def test_a_neighbour_gets_what_it_gets_alone(campaign: Campaign) -> None:
    """Every verdict, finding and word of those who were graded beside a hostile program, but for the time it took."""
    assert len(campaign.alone) > 10
    for student, alone in campaign.alone.items():
        assert _timeless(campaign.results[student]) == _timeless(alone), student


def test_no_secret_is_in_any_output(campaign: Campaign) -> None:
    """Of the environment, the course, the arguments, the solutions, the process that decides, other submissions."""
    assert campaign.read == []


def test_nothing_is_left_behind(campaign: Campaign) -> None:
    """No process, no file, no socket; and whoever came next in a slot saw a clean world."""
    assert campaign.left_behind == []


def test_no_submission_outlives_its_limit(campaign: Campaign) -> None:
    """Its cells and answers together end half a second after the limit at the latest."""
    limit = LIMITS["submission_seconds"] + LATE_SECONDS + LOAD_SECONDS
    took = {
        student: sum(result.timing[stage] for stage in ("fork", "cells", "probes"))
        for student, result in campaign.results.items()
    }
    assert {student: seconds for student, seconds in took.items() if seconds > limit} == {}
    assert max(took.values()) > LIMITS["submission_seconds"] - 3  # one of them tries


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: set[str | None] = set()
        self.policy = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.tags.add(tag)
        self.names |= about.keys()
        self.links |= {about[name] for name in ("href", "src", "action", "data") if name in about}
        if about.get("http-equiv") == "Content-Security-Policy":
            self.policy = about["content"] or ""


def test_pages_hold_text_only(campaign: Campaign) -> None:
    """Of a student's there is no element, no attribute and no link in any page, and no page may run a script."""
    ordinary = Page(
        next(page for page in campaign.documents["000-neighbour"] if page.startswith("<!doctype"))
    )
    for student, documents in campaign.documents.items():
        (html,) = (one for one in documents if one.startswith("<!doctype"))
        page = Page(html)
        assert not page.tags & {
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "link",
            "base",
            "input",
        }, student
        assert not [name for name in page.names if name.startswith("on") or name == "style"], student
        assert all(link is not None and link.startswith("#") for link in page.links), student
        assert page.policy == ordinary.policy
    assert "default-src 'none'" in ordinary.policy
    assert "script" not in ordinary.policy


def test_pages_about_the_class_hold_text_only(campaign: Campaign) -> None:
    """Nor is there any of a student's where the whole class is shown."""
    for document in campaign.shared:
        page = Page(document)
        assert not page.tags & {"img", "iframe", "object", "embed", "base"}
        assert not [name for name in page.names if name.startswith("on")]
        assert not [link for link in page.links if link is None or "javascript:" in link]
        assert "<script>alert" not in document.replace("&lt;", "")


def test_the_terminal_shows_text_only(campaign: Campaign) -> None:
    """No control character, nothing that turns the direction of reading, no command to a CI."""
    assert visible(campaign.terminal) == campaign.terminal
    for line in campaign.terminal.splitlines():
        assert not re.match(r"\W*::[\w-]+( .*)?::", line)
        assert "##[" not in line


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text,
        lambda text: text[::-1],
        lambda text: ".".join(text),
        lambda text: codecs.encode(text, "rot13"),
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex(" "),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"x{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"xx{text}".encode()).decode()[::-1],
    ],
)
def test_a_disguised_secret_would_be_seen(disguise: object) -> None:
    """The search that found nothing finds one, however it is written."""
    assert callable(disguise)
    token = TOKEN + "qwertyuiopasdfghjklzxcvb"
    assert token in found_in([f"some text {disguise(f'and {token} in it')} and more"])


def _of(campaign: Campaign, program: Program) -> Result:
    return next(
        campaign.results[student] for student, one in campaign.programs.items() if one.id == program.id
    )


def _told(result: Result) -> list[object]:
    return [
        (item.id, check.outcome.value, [(one.code, one.facts) for one in check.findings])
        for item in result.questions
        for check in item.checks
        if item.output or check.outcome.value != "not_answered"
    ] + [result.ungraded]


def _timeless(result: Result) -> object:
    plain = msgspec.to_builtins(result)
    return {name: value for name, value in plain.items() if name not in ("timing", "usage", "durations")}
