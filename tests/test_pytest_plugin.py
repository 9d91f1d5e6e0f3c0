"""Checks are collected once, ordered as the notebook, and replayed for every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from autograder.errors import AssignmentError, SandboxError
from autograder.evidence.answer import Answer
from autograder.messages import catalogue
from autograder.pytest_plugin import Replay, Report
from autograder.results import Finding, Outcome
from tests.checks.students import answer
from tests.grading.courses import CHECKS, IMPORTS, held, two_questions

RIGHT: Mapping[str, object] = {"y": torch.zeros(1, 3), "layer": nn.Linear(4, 3)}
SECOND = """
@second.check(points=1)
def test_second(answer):
    pass
"""


def first(names: Mapping[str, object] = RIGHT) -> Answer:
    return replace(answer(names), question="first")


def collected(root: Path, public: str, hidden: str | None = None) -> list[str]:
    ids: list[str] = []

    def look(replay: Replay) -> None:
        ids.extend(check.id for checks in replay.checks.values() for check in checks)

    held(two_questions(root, public, hidden), root, look)
    return ids


def reports(
    root: Path, public: str, answers: Sequence[Answer], hidden: str | None = None
) -> list[list[Report]]:
    """Every answer's reports, all of one session."""
    found: list[list[Report]] = []
    held(
        two_questions(root, public + SECOND, hidden),
        root,
        lambda replay: found.extend(list(replay.run(one)) for one in answers),
    )
    return found


def outcomes(made: Sequence[Report]) -> dict[str, str]:
    return {report.check.id: report.outcome.value for report in made}


def refused(root: Path, public: str, hidden: str | None = None) -> str:
    with pytest.raises(AssignmentError) as caught:
        collected(root, public, hidden)
    return str(caught.value)


def test_checks_are_collected_once_and_replayed(tmp_path: Path) -> None:
    """The file is imported once, and its check runs once for every answer."""
    source = """
imported, calls = [], []
imported.append(1)

@first.check(points=1)
def test_counts(answer):
    calls.append(answer)
    assert (len(imported), len(calls)) == (1, answer.tensor("y").value.item())
"""
    answers = [first({"y": torch.tensor(float(number))}) for number in (1, 2, 3)]
    assert [outcomes(made) for made in reports(tmp_path, source, answers)] == [{"first.counts": "passed"}] * 3


def test_the_order_is_the_notebooks(tmp_path: Path) -> None:
    """By question as in the notebook, public before hidden, then as written; whatever the files' own order."""
    public = """
@second.check(points=1)
def test_z(answer): pass
@first.check(points=1)
def test_y(answer): pass
@second.check(points=1)
def test_a(answer): pass
"""
    hidden = """
@first.check(points=1)
def test_b(answer): pass
"""
    assert collected(tmp_path, public, hidden) == ["first.y", "first.b", "second.z", "second.a"]


def test_only_the_questions_own_checks_run(tmp_path: Path) -> None:
    """And each knows who may read it and what it is worth."""
    hidden = "\n@first.check(points=1.5)\ndef test_b(answer): pass\n"
    (made,) = reports(tmp_path, CHECKS, [first()], hidden)
    told = [(report.check.id, report.check.visibility, report.check.mark.points) for report in made]
    assert told == [("first.shape", "public", 2), ("first.layer", "public", 3), ("first.b", "hidden", 1.5)]
    assert set(outcomes(made).values()) == {"passed"}


def test_a_verdict_is_the_outcome(tmp_path: Path) -> None:
    """With its findings, each check on its own."""
    (made,) = reports(tmp_path, CHECKS, [first({"y": torch.zeros(3), "layer": nn.Linear(4, 3)})])
    assert outcomes(made) == {"first.shape": "failed", "first.layer": "passed"}
    assert [finding.code for finding in made[0].findings] == ["wrong_shape"]
    assert not made[0].fault


def test_a_plain_assert_says_what_its_author_wrote(tmp_path: Path) -> None:
    """All of its lines, as one, and cut: that is the finding, and nothing was found beside it."""
    source = """
@first.check(points=1)
def test_says(answer):
    assert answer.tensor("y").shape == (9,), "`y` has another shape." + chr(10) + "  See above. "
@first.check(points=1)
def test_long(answer):
    raise AssertionError("x" * 10_000)
"""
    (made,) = reports(tmp_path, source, [first()])
    assert outcomes(made) == dict.fromkeys(["first.says", "first.long"], "failed")
    sentences = ("`y` has another shape. See above.", "x" * 499 + "…")
    said = [(Finding("check_said", facts={"sentence": sentence}),) for sentence in sentences]
    assert [report.findings for report in made] == said


def test_a_plain_assert_says_it_in_the_languages_it_is_written_in(tmp_path: Path) -> None:
    """Each text on one line; English stands in for a language that is missing, and any other where there is none."""
    source = """
@first.check(points=1)
def test_both(answer):
    assert False, {"ko": "틀린  값.", "en": "Another value."}
@first.check(points=1)
def test_one(answer):
    assert False, {"ko": "틀린 값."}
@first.check(points=1)
def test_no_words(answer):
    assert False, {"seen": 3}
"""
    (made,) = reports(tmp_path, source, [first()])
    facts = [report.findings[0].facts for report in made]
    assert facts == [
        {"sentence": "Another value.", "sentence_ko": "틀린 값.", "sentence_en": "Another value."},
        {"sentence": "틀린 값.", "sentence_ko": "틀린 값."},
        {"sentence": "{'seen': 3}"},
    ]
    words = [[catalogue(language).text("check_said", **each) for each in facts] for language in ("ko", "en")]
    assert words == [["틀린 값.", "틀린 값.", "{'seen': 3}"], ["Another value.", "틀린 값.", "{'seen': 3}"]]


@pytest.mark.parametrize("raising", ["assert False", "assert 1 == 2", "raise AssertionError", "assert False, ' '"])
def test_a_plain_assert_without_a_message_has_the_catalogues(tmp_path: Path, raising: str) -> None:
    """A general sentence, and nothing of the author's code."""
    (made,) = reports(tmp_path, f"\n@first.check(points=1)\ndef test_silent(answer):\n    {raising}\n", [first()])
    assert [(report.outcome, report.findings) for report in made] == [(Outcome.FAILED, (Finding("check_failed"),))]


@pytest.mark.parametrize(
    ("raising", "named"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("nope", "NameError"),
        ("answer.given('nope')", "AssignmentError"),
        ("pytest.skip('later')", "Skipped"),
        ("raise BaseExceptionGroup('both', [ValueError()])", "ExceptionGroup"),
        (
            "assert_same_computation(answer.module('layer'), nn.Linear(5, 3), input_shape=(4,))",
            "RuntimeError",
        ),
    ],
)
def test_another_exception_is_a_fault_of_the_check(tmp_path: Path, raising: str, named: str) -> None:
    """With a traceback for the author; the other checks keep their verdicts."""
    source = f"""
@first.check(points=1)
def test_before(answer): pass
@first.check(points=1)
def test_broken(answer):
    {raising}
@first.check(points=1)
def test_after(answer): pass
"""
    (made,) = reports(tmp_path, source, [first()])
    assert outcomes(made) == {
        "first.before": "passed",
        "first.broken": "grader_error",
        "first.after": "passed",
    }
    fault = made[1].fault
    assert named in fault
    assert "test_public.py" in fault
    assert [finding.code for finding in made[1].findings] == ["grader_fault"]


def test_a_broken_sandbox_is_no_checks_fault(tmp_path: Path) -> None:
    """It comes out of the replay, so that whoever grades can mend it."""

    class Broken:
        def ask(self, *_: object) -> None:
            raise SandboxError("gone")

    with pytest.raises(SandboxError, match="gone"):
        reports(tmp_path, CHECKS, [replace(first(), peer=Broken())])  # type: ignore[arg-type]  # it never answers


def test_an_authors_fixtures_are_set_up_and_torn_down_for_every_replay(tmp_path: Path) -> None:
    """In the check file itself, without a conftest; one that fails in either place is a fault, never a pass."""
    source = """
log = []

@pytest.fixture
def layer(answer):
    log.append("up")
    yield answer.module("layer")
    log.append("down")

@pytest.fixture(scope="module")
def shared():
    return nn.Linear(4, 3)

@first.check(points=1)
def test_uses(layer, shared):
    assert log == ["up", "down"] * (len(log) // 2) + ["up"]
    assert_same_computation(layer, shared, input_shape=(4,))

@pytest.fixture
def breaks():
    raise ValueError("in setup")

@pytest.fixture
def breaks_later():
    yield
    raise ValueError("in teardown")

@first.check(points=1)
def test_setup(answer, breaks): pass

@first.check(points=1)
def test_teardown(answer, breaks_later): pass
"""
    for made in reports(tmp_path, source, [first()] * 3):
        assert outcomes(made) == {
            "first.uses": "passed",
            "first.setup": "grader_error",
            "first.teardown": "grader_error",
        }
        assert "in setup" in made[1].fault
        assert "in teardown" in made[2].fault


@pytest.mark.parametrize(
    "source",
    [
        """
@pytest.fixture(autouse=True)
def watched():
    log.append("up")
    yield
    log.clear()

@first.check(points=1)
def test_a(answer): assert log == ["up"]
""",
        """
def setup_module(module): log.append("up")
def teardown_module(module): log.clear()

@first.check(points=1)
def test_a(answer): assert log == ["up"]
""",
        """
def setup_function(function): log.append("up")
def teardown_function(function): log.clear()

@first.check(points=1)
def test_a(answer): assert log == ["up"]
""",
        """
@pytest.fixture
def watched():
    log.append("up")
    yield
    log.clear()

@first.check(points=1)
@pytest.mark.usefixtures("watched")
def test_a(answer): assert log == ["up"]
""",
        """
@pytest.fixture
def answer(answer):
    log[:] = ["up"]
    return answer

@first.check(points=1)
def test_a(answer): assert log == ["up"]
""",
        """
@pytest.fixture
def doubled(request): return 2 * request.param

@first.check(points=1)
@pytest.mark.parametrize("doubled", [2], indirect=True)
def test_a(answer, doubled): assert doubled == 4
""",
        """
class TestIt:
    @first.check(points=1)
    def test_a(self, answer):
        assert not hasattr(self, "seen")
        self.seen = True
""",
        """
@first.check(points=1)
def test_a(answer, monkeypatch):
    assert not hasattr(nn, "replaced")
    monkeypatch.setattr(nn, "replaced", 1, raising=False)
""",
        """
@first.check(points=1)
def test_a(answer, capsys):
    print("loud")
    assert capsys.readouterr().out == "loud\\n"
""",
        """
@pytest.fixture(scope="module")
def kept(): return []

@first.check(points=1)
def test_a(answer, kept):
    assert not kept
    kept.append(1)
""",
        """
@first.check(points=1)
def test_a(answer, request): assert request.getfixturevalue("answer") is answer
""",
    ],
    ids="autouse module function usefixtures answer indirect class monkeypatch capsys scope request".split(),
)
def test_whatever_pytest_sets_up_is_set_up_for_every_replay(tmp_path: Path, source: str) -> None:
    """Fixtures, wherever they come from, and xunit's functions work as in any test; nothing outlives a check."""
    others = '\n@first.check(points=1)\n@pytest.mark.parametrize("n", [1, 2])\ndef test_b(answer, n): pass\n'
    for made in reports(tmp_path, f"log = []\n{source}{others}", [first()] * 3):
        assert [(report.outcome.value, report.fault) for report in made] == [("passed", "")] * 3


@pytest.mark.parametrize("hook", ["pytest_runtest_setup(item)", "pytest_runtest_call(item)"])
def test_hooks_of_the_courses_own_are_called(tmp_path: Path, hook: str) -> None:
    """A conftest.py beside the checks has its say before each of them, and finds a test as pytest sets it up."""
    source = "\n@first.check(points=1)\ndef test_a(answer): pass\n"
    made_in = two_questions(tmp_path, source + SECOND)
    conftest = made_in.check_files[0][0].with_name("conftest.py")
    seen = "raise ValueError('in a hook' if item._request else 'not set up')"
    conftest.write_text(f"def {hook}: {seen}\n", encoding="utf-8")
    found: list[Report] = []
    held(made_in, tmp_path, lambda replay: found.extend(replay.run(first())))
    assert "in a hook" in found[0].fault


def test_a_mark_that_skips_a_check_never_passes_it(tmp_path: Path) -> None:
    """Skipped is undecided."""
    source = "\n@first.check(points=1)\n@pytest.mark.skip\ndef test_a(answer): pass\n"
    assert outcomes(reports(tmp_path, source, [first()])[0]) == {"first.a": "grader_error"}


def test_a_fixture_that_finds_nothing_gives_the_students_verdict(tmp_path: Path) -> None:
    """Accessors may be used in fixtures as well."""
    source = """
@pytest.fixture
def layer(answer):
    return answer.module("layer")

@first.check(points=1)
def test_uses(layer): pass
"""
    ((made,),) = reports(tmp_path, source, [first({"y": torch.ones(1)})])
    assert (made.outcome, made.findings[0].code) == (Outcome.FAILED, "missing_name")


def test_parametrised_checks_have_an_id_each(tmp_path: Path) -> None:
    """``question.name[case]``, judged one by one."""
    source = """
@first.check(points=1)
@pytest.mark.parametrize(("case", "n"), [("one", 1), ("three", 3)], ids=["one", "three"])
def test_columns(answer, case, n):
    assert_shape(answer.tensor("y"), (1, n))
"""
    (made,) = reports(tmp_path, source, [first()])
    assert outcomes(made) == {"first.columns[one]": "failed", "first.columns[three]": "passed"}


def test_every_check_draws_its_own_numbers(tmp_path: Path) -> None:
    """Of the answer's seeds and the check's id, so that neither order nor other checks matter."""
    source = """
drawn = {}

@first.check(points=1)
def test_a(answer):
    drawn.setdefault("a", answer.seeds.number("x"))
    assert drawn["a"] == answer.seeds.number("x")
@first.check(points=1)
def test_b(answer):
    assert drawn["a"] != answer.seeds.number("x")
"""
    for made in reports(tmp_path, source, [first(), first()]):
        assert set(outcomes(made).values()) == {"passed"}


def test_what_a_check_prints_is_dropped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing of the session reaches the instructor's terminal."""
    capfd.readouterr()
    reports(tmp_path, "\n@first.check(points=1)\ndef test_a(answer): print('loud')\n", [first()])
    assert capfd.readouterr().out == ""


def test_an_unknown_question_is_refused_by_name(tmp_path: Path) -> None:
    """At collection, with what there is instead."""
    told = refused(tmp_path, CHECKS + '\nthird = question("frist")\n')
    assert "'frist'" in told
    assert "first, second" in told
    assert "test_public.py" in told


CALL = "assert_same_computation(answer.module('layer'), "


@pytest.mark.parametrize(
    ("raising", "told"),
    [
        ("int('four')", "ValueError: invalid literal for int() with base 10: 'four'."),
        ("raise ValueError", "ValueError."),
        ("raise ValueError('two\\nlines')", "ValueError: two lines."),
        (
            "answer.given('xx')",
            "question 'first': no given cell before it defines a Tensor 'xx'. Given here: nothing.",
        ),
        (
            "answer.tensor('y')[0, 0]",
            "TypeError: 'TensorProxy' object is not subscriptable. Its numbers are in its `value`, a plain tensor.",
        ),
        (
            f"{CALL}nn.Linear(4, 3), input_shape=4)",
            "TypeError: input_shape=4 is not a shape. Write one input's, without the batch, as a tuple: (4,).",
        ),
        (
            f"{CALL}nn.Linear, input_shape=(4,))",
            "TypeError: the reference is the class Linear, not a module. Make one: Linear(…).",
        ),
        (
            f"{CALL}lambda x: x, input_shape=(4,))",
            "TypeError: the reference is a function, not a module. Give an nn.Module that computes what is expected.",
        ),
        (
            f"{CALL}nn.Linear(5, 3), input_shape=(4,))",
            "ValueError: the reference fails on inputs of shape (2, 4), of which the first dimension is the batch: "
            "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x4 and 5x3).",
        ),
    ],
)
def test_a_fault_of_a_check_begins_with_where_it_is(tmp_path: Path, raising: str, told: str) -> None:
    """The check's id, the line of its file that did it, what was raised, and where that is known, the remedy."""
    source = f"""
@first.check(points=1)
def test_broken(answer):
    {raising}
    pass
"""
    ((made,),) = reports(tmp_path, source, [first()])
    headline, *traced = made.fault.splitlines()
    line = (IMPORTS + source).splitlines().index("    pass")
    assert headline == f"first.broken: {made.check.item.path}:{line}: {told}"
    assert traced[0].startswith("Traceback")


def test_a_fault_outside_of_the_check_names_where_the_check_begins(tmp_path: Path) -> None:
    """A fixture that does not exist, with what the argument of a check is."""
    source = "\n@first.check(points=1)\ndef test_broken(answr): pass\n"
    ((made,),) = reports(tmp_path, source, [first()])
    path, line = made.check.item.path, len(IMPORTS.splitlines()) + 2
    told = "no fixture is named 'answr'. A check's argument is `answer`, or a fixture of yours."
    assert made.fault.splitlines()[0] == f"first.broken: {path}:{line}: {told}"


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ("@first.check(points=1)\ndef test_shape(answer): pass\n", "first"),
        ("def test_bare(answer): pass\n", "test_bare"),
        ("def test_nothing(): pass\n", "test_nothing"),
        ("@first.check(points=0)\ndef test_free(answer): pass\n", "points=0"),
        ("@first.check(points=True)\ndef test_yes(answer): pass\n", "points=True"),
        ("@first.check(points='3')\ndef test_text(answer): pass\n", "points='3'"),
        ("def test_half(answer:\n", "SyntaxError"),
        ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_a_check_file_that_cannot_be_used_is_refused(tmp_path: Path, extra: str, named: str) -> None:
    """A repeated name, a test without a mark, points that are none, an error: named with the file."""
    hidden = extra if "test_shape" in extra else None
    told = refused(tmp_path, CHECKS if hidden else f"{CHECKS}\n{extra}", hidden)
    assert named in told
    assert ("test_hidden.py" if hidden else "test_public.py") in told or "points" in named


@pytest.mark.parametrize("then", ["first", "second"])
def test_a_check_that_another_of_its_name_replaces_is_refused(tmp_path: Path, then: str) -> None:
    """Python keeps the last: the first one's points would vanish, whichever question's the last one is."""
    again = f"\n@{then}.check(points=1)\ndef test_shape(answer): pass\n"
    told = refused(tmp_path, CHECKS + again)
    lines = (IMPORTS + CHECKS + again).splitlines()
    lost = lines.index("@first.check(points=2)") + 1
    kept = lines.index("def test_shape(answer): pass")
    assert f"test_public.py:{lost}: test_shape: " in told
    assert f"check of 'first' is lost, since line {kept} defines the name again." in told


def test_a_check_whose_name_pytest_does_not_look_for_is_refused(tmp_path: Path) -> None:
    """Even a question's only one, and with the name it should have."""
    told = refused(tmp_path, "\n@first.check(points=3)\ndef shape(answer): pass\n" + SECOND)
    assert f"test_public.py:{len(IMPORTS.splitlines()) + 2}: shape: " in told
    assert "check of 'first' is lost, since its name does not begin with test_. Call it test_shape." in told


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ("@second.check(points=1)\n@first.check(points=1)\ndef test_a(answer): pass", "marked as a check again"),
        ("def local():\n    @first.check(points=1)\n    def test_a(answer): pass\nlocal()", "does not find it"),
        ("@first.check(points=1)\ndef test_a(answer): pass\ndel test_a", "does not find it"),
    ],
)
def test_no_check_is_lost_in_another_way(tmp_path: Path, lost: str, why: str) -> None:
    """A function that is marked twice, or that nothing in the file names."""
    told = refused(tmp_path, f"{CHECKS}\n{lost}\n")
    assert "test_a: this check of 'first' is lost, since " in told
    assert why in told


def test_words_about_a_check_in_no_language_of_the_assignment_are_refused(tmp_path: Path) -> None:
    """As titles are: nobody would ever read them."""
    source = '\n@first.check(points=1, about={"en": "A", "eng": "A"})\ndef test_a(answer): pass\n'
    told = refused(tmp_path, source + SECOND)
    line = len(IMPORTS.splitlines()) + 2
    assert f"test_public.py:{line}: test_a: about.eng: is not in `languages`, which has en. " in told
    assert told.endswith("Add it there or drop it")


def test_checks_that_a_function_makes_are_kept_by_the_names_they_get(tmp_path: Path) -> None:
    """And so is one that is wrapped: what counts is what is collected, not how it is written."""
    source = """
import functools

def made(size):
    @first.check(points=1)
    def test(answer): assert_shape(answer.tensor("y"), (1, size))
    return test

test_three, test_four = made(3), made(4)

def wrapped(test):
    @functools.wraps(test)
    def around(answer): return test(answer)
    return around

@wrapped
@first.check(points=1)
def test_wrapped(answer): pass
"""
    assert collected(tmp_path, source + SECOND) == ["first.three", "first.four", "first.wrapped", "second.second"]


def test_a_question_without_a_check_is_refused(tmp_path: Path) -> None:
    """No question may be worth nothing by oversight."""
    assert "no check for first" in refused(tmp_path, SECOND)


def test_an_assignment_without_check_files_is_refused(tmp_path: Path) -> None:
    """Nothing to run is never a pass."""
    made = two_questions(tmp_path)
    with pytest.raises(AssignmentError, match="neither"):
        held(replace(made, check_files=()), tmp_path, lambda _: None)


def test_what_grading_raises_comes_out(tmp_path: Path) -> None:
    """pytest neither reports nor swallows it."""

    def grade(_: Replay) -> None:
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        held(two_questions(tmp_path), tmp_path, grade)


PLANTED = "open({!r}, 'w').close()\nimport pytest\n@pytest.fixture\ndef answer(): return None\n"


def test_nothing_is_loaded_from_where_it_happens_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No conftest, plugin, setting or module of the working directory, of a submission or of the folder above."""
    course, sign = tmp_path / "course", tmp_path / "loaded"
    made = two_questions(course)
    submitted = course / "submitted" / "someone" / "two"
    submitted.mkdir(parents=True)
    for folder in (tmp_path, course / "submitted", submitted):
        (folder / "conftest.py").write_text(PLANTED.format(str(sign)), encoding="utf-8")
        (folder / "test_planted.py").write_text(
            PLANTED.format(str(sign)) + "def test_planted(): pass\n", encoding="utf-8"
        )
        (folder / "planted.py").write_text(PLANTED.format(str(sign)), encoding="utf-8")
        (folder / "torch.py").write_text(PLANTED.format(str(sign)), encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p planted\n", encoding="utf-8")
        (folder / "pyproject.toml").write_text(
            '[tool.pytest.ini_options]\naddopts = "-p planted"\n', encoding="utf-8"
        )
    for folder in (tmp_path, submitted):
        monkeypatch.chdir(folder)
        found: list[str] = []
        held(made, course, lambda replay: found.extend(outcomes(list(replay.run(first())))))  # noqa: B023 - called at once
        assert found == ["first.shape", "first.layer"]
    assert not sign.exists()


def test_a_folder_that_pytest_would_misread_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """A bracket in the course's path is a parameter to pytest: the error says so instead of finding no test."""
    root = tmp_path / "co[u]rse"
    root.mkdir()
    assert "Rename the folder" in refused(root, CHECKS)
