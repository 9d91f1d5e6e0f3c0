"""The catalogue: complete in every language, and deaf to what facts say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

import autograder
from autograder.languages import LANGUAGES, translation
from autograder.messages import (
    MESSAGES,
    WORDS,
    Plural,
    Span,
    UnknownCodeWarning,
    catalogue,
)
from autograder.messages.catalogue import msgids
from autograder.messages.phrase import PLACEHOLDER
from autograder.results import Outcome
from autograder.wire.messages import Habit

PACKAGE = Path(autograder.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
TEXTS = dict(msgids())

pytestmark = pytest.mark.filterwarnings("error::autograder.messages.UnknownCodeWarning")


def translations(language: str) -> dict[str | tuple[str, ...], tuple[str, ...]]:
    """msgid → its translated forms, as the ``.po`` file has them."""
    with translation(language).open("rb") as file:
        entries = [entry for entry in read_po(file, locale=language) if entry.id]
    assert not [entry.id for entry in entries if entry.fuzzy], "fuzzy entries are not used at run time"
    return {
        tuple(entry.id) if isinstance(entry.id, list | tuple) else entry.id: (
            (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        )
        for entry in entries
    }


def placeholders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def literals(*calls: str) -> Iterator[tuple[str, str]]:
    """Each literal first argument of these calls anywhere in the package, with its place."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                for value in (*node.args[:1], *named) if called in calls else ():
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value, f"{path.relative_to(PACKAGE)}:{node.lineno}"


@dataclass(frozen=True)
class Saying:
    """A call that raises a code. ``given``: the facts it passes; None where they cannot be read."""

    code: str
    given: frozenset[str] | None
    place: str


# What raises a code → (the argument that is the code, whether facts are its other keywords).
RAISING = {
    "Finding": (0, False),
    "Remark": (0, False),
    "remark": (0, False),
    "Ungraded": (0, False),
    "UnreadableNotebook": (0, True),
    "failed": (0, True),
    "_verdict": (1, True),
    "_death": (1, True),
    "Mistake": (0, False),
    "Formula": (0, False),
}
# What is known of every saying, or added to it before it is worded.
CENTRAL = {"expected", "found", "question"}
ADDED = {"_death": {"seconds", "cell"}}  # by its body, which passes the code on

# Codes that nothing raises yet, and what will.
WAITING = {
    "does_not_accept_batch": "the diagnosis of a batch size written as a number",
    "wrong_dtype": "the diagnosis of targets of the wrong type",
    "eval_output_changed": "the diagnosis of eval() that was never called",
    **dict.fromkeys(
        ("gradients_not_cleared", "loss_unchanged", "computed_in_other_mode"),
        "checks, which name it in assert_close(unless=…)",
    ),
}


def sayings() -> Iterator[Saying]:
    """Every call in the package that raises a code, under each code it can raise; and each habit, which is one."""
    yield from (Saying(habit, frozenset({"cell"}), "wire/messages.py") for habit in get_args(Habit))
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if called not in RAISING:
                continue
            position, keywords_are_facts = RAISING[called]
            named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            around = [one for one in functions if one.lineno <= call.lineno <= (one.end_lineno or 0)]
            for value in named or call.args[position : position + 1]:
                for code in possible(value, around, functions):
                    given = facts_of(call, keywords_are_facts)
                    given = None if given is None else given | ADDED.get(called, set())
                    yield Saying(code, given, f"{path.relative_to(PACKAGE)}:{call.lineno}")


def possible(
    value: ast.AST | None, around: list[ast.FunctionDef], functions: list[ast.FunctionDef]
) -> set[str]:
    """The texts that an expression can be.

    Its own literals, those its function assigns to the name, and those that a function beside it returns.
    """
    match value:
        case ast.Constant(value=str() as text):
            return {text}
        case ast.IfExp(body=body, orelse=other):
            return possible(body, around, functions) | possible(other, around, functions)
        case ast.Name(id=name) if around:
            texts = set()
            for node in ast.walk(around[-1]):
                match node:
                    case ast.Assign(targets=[ast.Name(id=target)], value=given) if target == name:
                        texts |= possible(given, [], functions)
                    case ast.NamedExpr(target=ast.Name(id=target), value=given) if target == name:
                        texts |= possible(given, [], functions)
            return texts
        case ast.Call(func=ast.Name(id=name)):
            returned = (
                node.value
                for function in functions
                if function.name == name
                for node in ast.walk(function)
                if isinstance(node, ast.Return)
            )
            return {text for given in returned for text in possible(given, [], functions)}
        case _:
            return set()


def facts_of(call: ast.Call, keywords_are_facts: bool) -> frozenset[str] | None:
    """The names of the facts a call passes; None where they are not written out at the call."""
    if keywords_are_facts:
        names = {keyword.arg for keyword in call.keywords if keyword.arg}
        return frozenset(names) if all(keyword.arg for keyword in call.keywords) else None
    facts = [keyword.value for keyword in call.keywords if keyword.arg == "facts"] or call.args[1:2]
    match facts:
        case []:
            return frozenset()
        case [ast.Dict(keys=keys)] if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
        case _:
            return None


def test_korean_and_english_are_there() -> None:
    """Both of the project's languages are found, English first."""
    assert LANGUAGES[0] == "en"
    assert "ko" in LANGUAGES


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    """A language has exactly the texts that the catalogue has, none of them empty."""
    there = translations(language)
    wanted = {tuple(text) if isinstance(text, Plural) else text: where for where, text in TEXTS.items()}
    assert not [where for text, where in wanted.items() if not all(there.get(text, ("",)))]
    assert not [text for text in there if text not in wanted]


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_placeholders(language: str) -> None:
    """A translation fills in the same facts as the English text, no more and no fewer."""
    for text, forms in translations(language).items():
        english = text[-1] if isinstance(text, tuple) else text
        for form in forms:
            assert placeholders(form) == placeholders(english), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_well_formed(language: str) -> None:
    """Backticks come in pairs, braces are placeholders, and nobody shouts."""
    texts = [form for text in TEXTS.values() for form in (text if isinstance(text, Plural) else (text,))]
    if language != "en":
        texts = [form for forms in translations(language).values() for form in forms]
    for text in texts:
        assert text.count("`") % 2 == 0, text
        assert not set("{}") & set(PLACEHOLDER.sub("", text)), text
        words = "".join(part for index, part in enumerate(text.split("`")) if index % 2 == 0)
        assert "!" not in words, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_speaks_in_every_language(language: str) -> None:
    """Each code has a text and a help, even if no fact is given."""
    words = catalogue(language)
    for code in MESSAGES:
        assert words.text(code)
        assert words.help(code), code


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ({"ko": "가", "en": "a"}, "가"),
        ({"de": "ä", "en": "a"}, "a"),
        ({"de": "ä"}, "ä"),
        ({"ko": "", "en": ""}, "none"),
        ({}, "none"),
    ],
)
def test_a_courses_own_text_is_in_the_language_if_it_can_be(texts: dict[str, str], chosen: str) -> None:
    """Else it is the English one, else any, else what is given for it."""
    assert catalogue("ko").among(texts, "none") == chosen


def test_every_outcome_has_a_name() -> None:
    """An outcome that is added to results needs a word here."""
    assert {f"outcome_{outcome.value}" for outcome in Outcome} <= WORDS.keys()


def test_codes_in_the_package_are_in_the_catalogue() -> None:
    """No finding, remark or refusal is raised under a code that has no words."""
    assert [(saying.code, saying.place) for saying in sayings() if saying.code not in MESSAGES] == []


def test_every_code_is_raised_somewhere() -> None:
    """No words are kept for a code that nothing raises, but for those that are named with their reason."""
    raised = {saying.code for saying in sayings()}
    assert MESSAGES.keys() - raised == WAITING.keys()


def test_every_spelling_of_a_raised_code_is_seen() -> None:
    """The scan reads codes from calls, keywords, conditions, and the variables that lead there."""
    raised = {saying.code for saying in sayings()}
    assert {
        *("wrong_shape", "forward_raised", "cpu_timeout", "check_failed", "given_cell_moved"),
        *("log_softmax_for_softmax", "softmax_wrong_dim", "dropout_keep_versus_drop", "process_ended"),
        *("not_this_assignment", "grader_fault", "question_answered_elsewhere", "not_an_optimizer"),
    } <= raised


def test_what_is_said_is_given_its_facts() -> None:
    """Wherever facts are written out at the call, they fill every placeholder of the message."""
    lacking = {}
    for saying in sayings():
        message = MESSAGES.get(saying.code)
        if message is None or saying.given is None:
            continue
        forms = [
            form
            for text in (message.text, message.help)
            for form in ([text] if isinstance(text, str) else text)
        ]
        wanted = {name for form in forms for name in placeholders(form)}
        if missing := wanted - saying.given - CENTRAL:
            lacking[saying.code, saying.place] = missing
    assert lacking == {}


def test_words_in_the_package_are_in_the_catalogue() -> None:
    """No renderer asks for a word that there is not."""
    assert [(word, place) for word, place in literals("ui") if word not in WORDS] == []


def test_every_word_is_used() -> None:
    """No word of the pages is kept that nothing asks for, by its key or by the beginning of it (``f"outcome_{…}"``)."""
    texts, beginnings = set(), set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())) if not path.name.endswith("words.py") else ():
            match node:
                case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]) if text.endswith("_"):
                    beginnings.add(text)
                case ast.Constant(value=str() as text):
                    texts.add(text)
    assert not [word for word in WORDS if word not in texts and not word.startswith(tuple(beginnings))]


@pytest.mark.parametrize(
    "fact", ["{name}", "{0}", "{name.__class__}", "%s", "%(name)s", "{", "}}", "\\1", "`"]
)
def test_facts_are_never_interpreted(fact: str) -> None:
    """What looks like a placeholder inside a fact comes out as it went in."""
    words = catalogue("en")
    spans = words.text_phrase("forward_raised", {"error": fact, "message": fact, "name": "secret"})
    assert spans[-1] == Span(f"{fact}: {fact}", code=True)
    assert words.ui("feedback_on", assignment=fact) == f"Feedback on {fact}"


def test_a_text_fact_outside_code_is_shown_as_code() -> None:
    """A student's words never pass for ours: a text where a number is usual becomes a code span."""
    assert Span("You failed.", code=True) in catalogue("en").text_phrase(
        "cell_timeout", {"seconds": "You failed."}
    )


@pytest.mark.parametrize(
    ("sentence", "spans"),
    [
        ("`grad` is kept, {name}.", [Span("grad", code=True), Span(" is kept, {name}.")]),
        ("One ` alone.", [Span("One ` alone.")]),
        ("Nothing in ``.", [Span("Nothing in .")]),
    ],
)
def test_a_course_authors_own_words_are_words(sentence: str, spans: list[Span]) -> None:
    """Backticks enclose code in them too, where they come in pairs; nothing else is interpreted."""
    assert [*catalogue("en").text_phrase("check_said", {"sentence": sentence})] == spans


def test_a_missing_fact_shows_as_an_ellipsis() -> None:
    """A forgotten fact costs a word and not the page."""
    assert catalogue("en").text("missing_name") == "`…` is not defined in this question's cells."
    assert catalogue("en").text("cell_timeout").startswith("The cell was still running after … and")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_code_warns_and_still_shows_itself(language: str) -> None:
    """A code without words is loud in tests and readable in feedback."""
    words = catalogue(language)
    with pytest.warns(UnknownCodeWarning, match="made_up"):
        assert "`made_up`" in words.text("made_up", name="x")
    assert words.help("made_up") == ""
    with pytest.warns(UnknownCodeWarning):
        assert words.ui("Made up") == "Made up"


@pytest.mark.parametrize(("language", "word"), [("en", "Rounding is allowed for"), ("ko", "반올림 오차는 감안")])
def test_rounding_is_spoken_of_where_there_is_any(language: str, word: str) -> None:
    """A count is no matter of rounding."""
    words = catalogue(language)
    assert word in words.help("values_differ")
    assert word not in words.help("exact_values_differ")


def test_numbers_and_plurals_follow_the_language() -> None:
    """Units, plural forms and digits are the language's own."""
    english, korean = catalogue("en"), catalogue("ko")
    assert "after 1 second and" in english.text("cell_timeout", seconds=1)
    assert "after 2.5 seconds and" in english.text("cell_timeout", seconds=2.5)
    assert "10초" in korean.text("cell_timeout", seconds=10)
    assert "file is 1,024 MiB large" in english.text("notebook_too_large", size_mib=1024)
    assert english.ui("checks_passed", passed=1, count=1) == "1 of 1 check passed"
    assert english.ui("checks_passed", passed=1, count=3) == "1 of 3 checks passed"
    assert english.points(7.504) == "7.5"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.25, "0.25"),
        (1.2e-7, "1.2e-07"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (10**400, "inf"),
        (0, "0"),
    ],
)
def test_every_number_can_be_written(value: float, written: str) -> None:
    """No number that a tensor or a JSON file can hold breaks a text."""
    assert catalogue("en").number(value) == written


@pytest.mark.parametrize(
    ("asked", "got"),
    [("ko", "ko"), ("ko-KR", "ko"), ("KO_kr", "ko"), ("xx", "en"), ("../../ko", "en"), ("", "en")],
)
def test_languages_are_matched_and_never_trusted(asked: str, got: str) -> None:
    """A notebook's language chooses among the languages there are, and names no file."""
    assert catalogue(asked).language == got


def test_importing_the_catalogue_is_cheap() -> None:
    """Neither Babel nor torch is imported until something is to be worded."""
    program = "import sys, autograder.messages, autograder.feedback; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"babel", "torch", "jinja2", "nbgrader"} & set(run.stdout.split())
