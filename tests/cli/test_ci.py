"""``grader ci``: what it grades, writes and says, and with which code it exits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder.ci.markdown import MARK
from autograder.ci.report import decode
from autograder.errors import AssignmentError, IsolationMissing
from autograder.results import Outcome, Result, Ungraded
from autograder.submissions.found import Found
from tests.builders import SETTINGS
from tests.ci import workflow_log
from tests.ci.histories import Content, History
from tests.cli.stub import World, result

KIM = "submitted/kim/dl1/dl1.ipynb"
COURSE: dict[str, Content] = {"grader.toml": "", "assignments/dl1/assignment.toml": SETTINGS}


@pytest.fixture
def made(here: World) -> History:
    """The course as a repository: main has grader.toml and the assignment."""
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "GITLAB_", "CI_", "CLASSROOM", "OWNER")):
            here.monkeypatch.delenv(name)
    history = History(here.root)
    history.git("init", "-q", "-b", "main")
    history.commit("main", COURSE)
    history.git("branch", "pr")
    return history


def on_github(here: World, made: History, account: str = "kim") -> None:
    """The environment of a pull request from pr to main."""
    pull = {
        "number": 7,
        "base": {"sha": made.tip("main")},
        "head": {"sha": made.tip("pr")},
        "user": {"login": account},
    }
    event = here.root.parent / "event.json"
    event.write_text(json.dumps({"pull_request": pull}))
    told = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(here.root.parent / "summary"),
        "GITHUB_OUTPUT": str(here.root.parent / "output"),
        "GITHUB_REPOSITORY": "course/dl",
    }
    for name, value in told.items():
        here.monkeypatch.setenv(name, value)


def raising(error: BaseException) -> Callable[[Found], Result]:
    def grade(found: Found) -> Result:
        raise error

    return grade


def test_everything_that_a_run_leaves(here: World, made: History) -> None:
    """Results, feedback, report, comment, JUnit, Classroom 50, summary, outputs and annotations, exit code 0."""
    made.commit("pr", {KIM: "{}", "submitted/lee/dl1/dl1.ipynb": "{}", "grader.toml": "x"})
    on_github(here, made)
    here.engine.grades["kim"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    code, out, _ = here.grader("ci")
    assert code == 0
    graded = here.root / "graded"
    assert {path.relative_to(graded).as_posix() for path in graded.rglob("*") if path.is_file()} == {
        ".lock",
        "results/dl1/kim.json",
        "feedback/kim/dl1/dl1.html",
        "feedback/kim/dl1/dl1.md",
        "report/dl1/index.html",
        "ci/report.json",
        "ci/comment.md",
        "ci/junit.xml",
        "ci/classroom50/dl1/kim.json",
    }
    report = decode((graded / "ci/report.json").read_bytes())
    assert (report.number, report.base, report.head) == (7, made.tip("main"), made.tip("pr"))
    assert [one.student for one in report.results] == ["kim"]
    assert (graded / "ci/comment.md").read_text().startswith(MARK)
    assert ElementTree.parse(graded / "ci/junit.xml").getroot().get("failures") == "1"
    assert (here.root.parent / "output").read_text() == "graded=1\nungraded=0\n"
    assert "`submitted/lee/dl1/dl1.ipynb`" in (here.root.parent / "summary").read_text()
    told = [(one.name, one.properties["file"]) for one in workflow_log.commands(out)]
    assert told == [("warning", KIM), ("warning", "grader.toml"), ("warning", "submitted/lee/dl1/dl1.ipynb")]


def test_the_engine_gets_the_heads_bytes_and_the_bases_course(here: World, made: History) -> None:
    """The notebook is the pull request's, the settings are the base's, and both lie in a folder that is gone later."""
    made.commit("main", {"grader.toml": '[sandbox]\nrequire = ["seccomp"]'})
    made.commit("pr", {KIM: "theirs", "grader.toml": "[sandbox]\nrequire = []"})
    seen: list[tuple[str, bytes]] = []

    def grade(found: Found) -> Result:
        seen.append((found.path.as_posix(), found.path.read_bytes()))
        return result(found)

    here.engine.grades["kim"] = grade
    code, out, _ = here.grader(
        "ci", "--base", "main", "--head", "pr", "--workers", "3", "--seed", "5", "--lang", "en"
    )
    assert code == 0
    [(path, data)] = seen
    assert data == b"theirs"
    assert not Path(path).exists()
    options = here.engine.options
    assert options is not None
    assert (options.workers, options.seed, options.language) == (3, 5, "en")
    assert options.require == {"seccomp"}
    assert "not used: grader.toml" in out


def test_nothing_to_grade(here: World, made: History) -> None:
    """A pull request without a notebook is told so; that is no error."""
    made.commit("pr", {"README.md": "x"})
    on_github(here, made)
    code, out, _ = here.grader("ci")
    assert code == 0
    assert "no notebook to grade among 1 changed files" in out
    assert "풀 리퀘스트" in (here.root / "graded/ci/comment.md").read_text()


def test_an_unreadable_file_is_the_students(here: World, made: History) -> None:
    """What cannot be read exits with 0 and is annotated; no Classroom 50 file says zero."""
    made.commit("pr", {KIM: "print(1)"})
    on_github(here, made)
    here.engine.grades["kim"] = lambda found: result(
        found, ungraded=Ungraded("notebook_is_python", "submission")
    )
    code, out, _ = here.grader("ci")
    assert code == 0
    assert [one.name for one in workflow_log.commands(out)] == ["error"]
    assert not (here.root / "graded/ci/classroom50").exists()


def test_our_fault_leaves_no_grade_of_an_earlier_commit(here: World, made: History) -> None:
    """What is told of a commit is never what another one got in the same folder."""
    made.commit("pr", {KIM: "{}"})
    on_github(here, made)
    assert here.grader("ci")[0] == 0
    fault = Ungraded("grader_fault", "grader", "a worker was lost")
    here.engine.grades["kim"] = lambda found: result(found, ungraded=fault)
    assert here.grader("ci")[0] == 2
    report = decode((here.root / "graded/ci/report.json").read_bytes())
    assert [one.score for one in report.results] == [None]


def test_our_fault_exits_with_two_and_keeps_the_rest(here: World, made: History) -> None:
    """Where one assignment cannot be graded, the other still is, and the run says why it is not whole."""
    made.commit("main", {"assignments/dl2/assignment.toml": SETTINGS})
    made.commit("pr", {KIM: "{}", "submitted/kim/dl2/dl2.ipynb": "{}"}, parent=made.tip("main"))
    on_github(here, made)
    calls = iter([raising(AssignmentError("dl1: ::error::broken")), result])
    here.engine.grades["kim"] = lambda found: next(calls)(found)
    code, out, _ = here.grader("ci")
    assert code == 2
    report = decode((here.root / "graded/ci/report.json").read_bytes())
    assert (len(report.results), report.whole) == (1, False)
    assert [one.data for one in workflow_log.commands(out)] == ["dl1: ::error::broken"]


@pytest.mark.parametrize(
    "ours",
    [
        lambda found: result(found, ungraded=Ungraded("grader_fault", "grader")),
        lambda found: result(found, Outcome.PASSED, Outcome.GRADER_ERROR),
        lambda found: result(Found("another", found.path)),
        raising(IsolationMissing({"seccomp": "not here"})),
    ],
)
def test_what_is_ours_never_passes(here: World, made: History, ours: Callable[[Found], Result]) -> None:
    """Ungraded by our fault, a broken check, a result for somebody else, a missing layer: exit code 2."""
    made.commit("pr", {KIM: "{}"})
    here.engine.grades["kim"] = ours
    code, _, err = here.grader("ci", "--base", "main", "--head", "pr", "--min-score", "100")
    assert code == 2
    assert "grader: " in err


@pytest.mark.parametrize(("percent", "expected"), [("50", 0), ("51", 1)])
def test_min_score_is_a_verdict(here: World, made: History, percent: str, expected: int) -> None:
    """A graded notebook below --min-score exits with 1 and is named."""
    made.commit("pr", {KIM: "{}"})
    here.engine.grades["kim"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    code, _, err = here.grader("ci", "--base", "main", "--head", "pr", "--min-score", percent)
    assert code == expected
    assert (f"below {percent} %: kim" in err) == (expected == 1)


def test_an_interrupt_keeps_what_is_done(here: World, made: History) -> None:
    """Ctrl-C exits with 130, and what was graded before is written."""
    made.commit("pr", {KIM: "{}", "submitted/lee/dl1/dl1.ipynb": "{}"})
    here.engine.grades["lee"] = raising(KeyboardInterrupt())
    assert here.grader("ci", "--base", "main", "--head", "pr")[0] == 130
    report = decode((here.root / "graded/ci/report.json").read_bytes())
    assert [one.student for one in report.results] == ["kim"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--base", "nowhere"), "no commit 'nowhere' is here"),
        ((), "no commit 'origin/HEAD' is here"),
        (("--base", "main", "--head", "gone"), "no commit 'gone' is here"),
        (("--base", "main", "--head", "pr", "--layout", "single", "--student", "a/b"), "--student: 'a/b'"),
    ],
)
def test_what_cannot_be_graded_says_why(
    here: World, made: History, arguments: tuple[str, ...], says: str
) -> None:
    """A commit that is not here, or a name that is none, exits with 2 and a remedy."""
    code, _, err = here.grader("ci", *arguments)
    assert code == 2
    assert says in err


def test_a_repository_of_ones_own(here: World, made: History) -> None:
    """In the layout single, with the course elsewhere, the result is also where Classroom 50's runner looks."""
    elsewhere = here.root.parent / "course"
    (elsewhere / "assignments/dl1").mkdir(parents=True)
    (elsewhere / "assignments/dl1/assignment.toml").write_text(SETTINGS)
    (elsewhere / "grader.toml").write_text('[course]\nlanguage = "en"')
    made.commit("pr", {"dl1.ipynb": "{}", "grader.toml": "not toml"})
    for name, value in {
        "CLASSROOM": "dl",
        "ASSIGNMENT": "layers",
        "OWNER": "kim",
        "SUBMISSION_TAG": "submit/1",
    }.items():
        here.monkeypatch.setenv(name, value)
    code, _, _ = here.grader(
        "ci", "--base", "main", "--head", "pr", "--layout", "single", "--course", str(elsewhere)
    )
    assert code == 0
    written = json.loads((here.root / "result.json").read_text())
    assert (written["schema"], written["owner"], written["submission"]) == (
        "classroom50/result/v1",
        "kim",
        "submit/1",
    )
    assert (written["score"], written["max-score"]) == (10, 10)


def test_publishing_needs_a_run(here: World, made: History) -> None:
    """Outside of a CI service there is nothing to publish from."""
    code, _, err = here.grader("ci", "--publish")
    assert code == 2
    assert "GITHUB_EVENT_PATH" in err
