"""The pytest session that holds the checks: collects them once, replays them for every submission.

Nothing is parametrised over submissions and nothing is rendered: a check's report is its verdict. A check that asks for
nothing but ``answer`` is called as it was prepared, for 0.03 ms; one with fixtures is set up and torn down each time,
for 0.15 to 0.3 ms. pytest's own way would cost 0.8 ms and 105 KB a submission, and 2.7 ms for each traceback.
Submissions never appear among pytest's arguments, so nothing of theirs can be collected, imported or configured.
"""

from __future__ import annotations

import io
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from autograder.checks import faults
from autograder.checks.questions import Check, check_of, questions_of, refuse_foreign, refuse_lost
from autograder.checks.sentences import said
from autograder.course.assignment import Assignment, Visibility
from autograder.errors import AssignmentError, SandboxError
from autograder.evidence.answer import Answer
from autograder.evidence.verdict import Verdict
from autograder.results import Finding, Outcome
from autograder.slips import explained

INI = Path(__file__).with_name("pytest_plugin.ini")
WITHOUT = """
    cacheprovider doctest faulthandler junitxml logging pastebin recwarn setuponly setupplan stepwise
    threadexception unittest unraisableexception warnings
""".split()
MAX_ERROR_LINES = 8  # of a check file that cannot be imported
_replay: pytest.StashKey[Replay] = pytest.StashKey()


@dataclass(frozen=True)
class Collected:
    """A check: its id (``question.name`` or ``question.name[case]``), its mark, and who may read it."""

    id: str
    mark: Check
    visibility: Visibility
    item: pytest.Function
    prepared: Mapping[str, object] | None = None  # see :func:`_prepared`

    @cached_property
    def about(self) -> dict[str, str]:
        """What the check looks at, per language; ``{case}`` stands for a parametrised check's case."""
        callspec = getattr(self.item, "callspec", None)
        case = "" if callspec is None else str(callspec.id)
        return {language: text.replace("{case}", case) for language, text in self.mark.about.items()}


class Report(Struct, frozen=True):
    """What became of one check for one answer. ``fault`` is for its author, where the check itself failed.

    ``remarks`` are codes of what it noticed that costs no point.
    """

    check: Collected
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()


def check_id(mark: Check, item: pytest.Function) -> str:
    """``question.name``, or ``question.name[case]``."""
    return f"{mark.question}.{item.name.removeprefix('test_')}"


class Replay:
    """A collected session. :meth:`run` judges one question's answer by all its checks, :meth:`judge` by one."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._answer: Answer | None = None
        self._raised: BaseException | None = None
        self.checks: dict[str, list[Collected]] = {question.id: [] for question in assignment.questions}

    def collect(self, items: Sequence[pytest.Item]) -> None:
        """Sort the collected tests by question; raises :class:`AssignmentError` for one that is no check."""
        visibilities = {path.resolve(): visibility for path, visibility in self._assignment.check_files}
        for item in items:
            mark = check_of(getattr(item, "function", None))
            if not isinstance(item, pytest.Function) or mark is None:
                raise AssignmentError(
                    f"{item.path}: {item.name}: belongs to no question. "
                    'Decorate it with @question("…").check(points=…).'
                )
            name = check_id(mark, item)
            if twin := next((check for check in self.checks[mark.question] if check.id == name), None):
                raise AssignmentError(
                    f"{item.path}:{mark.line}: {item.name}: another check of {mark.question!r} has this name, "
                    f"in {twin.item.path}:{twin.mark.line}. Give each check a name of its own."
                )
            check = Collected(name, mark, visibilities[item.path.resolve()], item, _prepared(item))
            self.checks[mark.question].append(check)
        marks = [check.mark for checks in self.checks.values() for check in checks]
        refuse_lost(marks)
        refuse_foreign(marks, self._assignment.languages)
        bare = [question for question, checks in self.checks.items() if not checks]
        if bare and self._assignment.whole:
            raise AssignmentError(f"assignment {self._assignment.name!r}: no check for {', '.join(bare)}")

    def run(self, answer: Answer) -> Iterator[Report]:
        """Every check of the answer's question, in order."""
        for check in self.checks[answer.question]:
            yield explained_by_source(self.judge(check, answer.for_check(check.id)), answer)

    def judge(self, check: Collected, answer: Answer) -> Report:
        """What one check makes of the answer that was made ready for it, without what its source explains."""
        self._answer = answer
        self._raised = None
        began = time.monotonic()
        with redirect_stdout(io.StringIO()):
            passed = self._called(check) if check.prepared is not None else self._replayed(check.item)
        seconds = time.monotonic() - began
        return replace(self._judged(check, passed), seconds=seconds, remarks=tuple(answer.remarks))

    def _called(self, check: Collected) -> bool:
        """Whether the check went through; there is nothing to set up for it, or to tear down."""
        item = check.item
        item.funcargs = {**(check.prepared or {}), "answer": self._answer}
        try:
            return self._went(lambda: item.ihook.pytest_runtest_call(item=item))
        finally:
            item.funcargs = None  # type: ignore[assignment]  # as pytest leaves a test behind

    def _replayed(self, item: pytest.Function) -> bool:
        """Whether setup, call and teardown went through: pytest's own hooks for one test, without its reports."""
        item._initrequest()
        hooks = item.ihook
        try:
            ran = self._went(lambda: hooks.pytest_runtest_setup(item=item)) and self._went(
                lambda: hooks.pytest_runtest_call(item=item)
            )
            return self._went(lambda: hooks.pytest_runtest_teardown(item=item, nextitem=None)) and ran
        finally:
            item._request, item.funcargs = False, None  # type: ignore[assignment]  # as pytest leaves a test behind
            for kept in ("_obj", "_instance"):  # a method gets an object of its own each time
                vars(item).pop(kept, None)

    def _went(self, phase: Callable[[], object]) -> bool:
        """Whether a phase raised nothing; the first exception of a check is kept."""
        try:
            phase()
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as error:  # noqa: BLE001 - what a check raises is its verdict
            self._raised = self._raised or error
            return False
        return True

    def _judged(self, check: Collected, passed: bool) -> Report:
        match self._raised:
            case None if passed:
                return Report(check, Outcome.PASSED)
            case Verdict() as verdict:
                return Report(check, verdict.outcome, tuple(verdict.findings))
            case SandboxError() as error:
                raise error  # no check's fault: whoever grades needs another sandbox
            case AssertionError() as error if _raised_in(error) == check.item.path:
                return Report(check, Outcome.FAILED, (said(error),))
            case error:
                error = error or RuntimeError("the check did not run")
                fault = faults.told(check.id, check.item.path, check.mark.line, error)
                return Report(check, Outcome.GRADER_ERROR, (Finding(code="grader_fault"),), fault=fault)

    def current(self) -> Answer:
        if self._answer is None:
            raise RuntimeError("no answer is being judged")
        return self._answer


def explained_by_source(report: Report, answer: Answer) -> Report:
    """The report with what the student's own source explains of its findings."""
    if not report.findings or report.outcome is Outcome.GRADER_ERROR:
        return report
    return replace(report, findings=explained(report.findings, answer.around))


def _prepared(item: pytest.Function) -> Mapping[str, object] | None:
    """The check's parameters, if they and ``answer`` are all that pytest sets up for it; else None.

    Most checks are so. Setting one up and tearing it down takes pytest longer than a comparison, and comes to this each
    time: no fixture, mark, class, package or hook of the course's has a say in it.
    """
    callspec = getattr(item, "callspec", None)
    parameters: Mapping[str, object] = {} if callspec is None else callspec.params
    info = item._fixtureinfo
    names = [
        name for name in item.fixturenames if name != "request" or name in info.argnames
    ]  # ``answer`` takes it
    makers = {name: [one.func.__module__ for one in info.name2fixturedefs.get(name, ())] for name in names}
    hooks = [getattr(item.ihook, name) for name in _AROUND_A_CALL]
    prepared = (
        makers == {name: [_PARAMETERS] for name in parameters} | {"answer": [__name__]}
        and all(mark.name == "parametrize" for mark in item.iter_markers())
        and not any(isinstance(node, pytest.Class | pytest.Package) for node in item.listchain())
        and all(
            one.function.__module__.startswith("_pytest.") for hook in hooks for one in hook.get_hookimpls()
        )
    )
    return parameters if prepared else None


_PARAMETERS = "_pytest.python"  # where pytest makes a fixture of each parameter
_AROUND_A_CALL = (
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_pyfunc_call",
    "pytest_runtest_teardown",
    "pytest_fixture_setup",
    "pytest_fixture_post_finalizer",
)


def _raised_in(error: BaseException) -> Path | None:
    """The file whose code raised: a plain ``assert`` counts in the check itself, not in a library below it."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    return Path(frames[-1].filename) if frames else None


class _Session:
    """pytest's hooks around a :class:`Replay`: collect, then hand over to whoever grades."""

    def __init__(self, replay: Replay, grade: Callable[[Replay], None]) -> None:
        self._replay = replay
        self._grade = grade
        self._problems: list[str] = []
        self.failure: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[_replay] = self._replay

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._problems.append(_error_of(report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            if self._problems:
                raise AssignmentError("the checks cannot be collected:\n" + "\n".join(self._problems))
            self._replay.collect(session.items)
            self._grade(self._replay)
        except BaseException as error:  # noqa: BLE001 - pytest would report it in its own way
            self.failure = error
        return True


def _error_of(report: pytest.CollectReport) -> str:
    """The check file that cannot be imported, and the end of pytest's report on it: the error and its line."""
    lines = [line.removeprefix("E ").rstrip() for line in str(report.longrepr).splitlines()]
    return "\n".join([f"{report.nodeid}:", *lines[-MAX_ERROR_LINES:]])


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> Answer:
    """The student's answer to the check's question."""
    return request.config.stash[_replay].current()


def session(assignment: Assignment, course_root: Path, grade: Callable[[Replay], None]) -> None:
    """Collect the assignment's checks and call ``grade`` with them, inside one pytest session.

    Whatever ``grade`` raises comes out again. Raises :class:`AssignmentError` if the checks cannot be
    collected, naming file, test and question.
    """
    if not assignment.check_files:
        raise AssignmentError(f"assignment {assignment.name!r} has neither test_public.py nor test_hidden.py")
    for path, _ in assignment.check_files:
        if "[" in str(path):
            raise AssignmentError(
                f"{path}: pytest takes [ and ] in a path for a parameter. Rename the folder."
            )
    replay = Replay(assignment)
    hooks = _Session(replay, grade)
    arguments = ["-c", str(INI), "--rootdir", str(course_root), "--confcutdir", str(course_root)]
    arguments += [
        "--import-mode=importlib",
        "--assert=plain",
        "--capture=no",
        "-q",
        "--tb=short",
        "--color=no",
    ]
    for plugin in WITHOUT:
        arguments += ["-p", f"no:{plugin}"]
    arguments += ["-p", __name__, *(str(path) for path, _ in assignment.check_files)]
    with (
        questions_of(assignment.name, tuple(question.id for question in assignment.questions)),
        _undisturbed(),
        redirect_stdout(io.StringIO()) as said,
    ):
        status = pytest.main(arguments, plugins=[replay, hooks])
    _forget(path for path, _ in assignment.check_files)
    if hooks.failure is not None:
        raise hooks.failure
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise AssignmentError(f"pytest could not start ({status!r}):\n{said.getvalue()[-4_000:]}")


def _forget(files: Iterable[Path]) -> None:
    """Let the next session in this process read the check files as they are then."""
    read = {str(path) for path in files}
    for name, module in [*sys.modules.items()]:
        if getattr(module, "__file__", None) in read:
            del sys.modules[name]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """While inside, nothing of the user's configures pytest, and imports leave no files beside the checks."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(before)
        sys.dont_write_bytecode = wrote
