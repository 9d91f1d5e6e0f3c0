"""``pytest solutions/<name> --submission NOTEBOOK``: an assignment's checks on one notebook, as ordinary tests.

For authors: everything of pytest's works (``-k``, ``-x``, ``--pdb``, plugins), nothing is graded, nothing is written.
The notebook runs confined as in grading, with the same seeds, so that a check says here what it says there. It runs as
far as the question that a check belongs to, and from the start again for one that stands before. A submission's
time does not run out while somebody looks at it; with ``--pdb`` or ``--trace`` no clock runs at all.

pytest finds this module by its entry point and loads it in every session, so it imports what it needs when asked. A
grading session takes no entry points and never sees it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autograder.evidence.answer import Answer
    from autograder.grading.notebook_run import NotebookRun
    from autograder.results import Finding

NAME = "autograder-submission"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "checks of an assignment")
    group.addoption("--submission", metavar="NOTEBOOK", help="The notebook to run the checks on.")
    group.addoption(
        "--submission-seed",
        metavar="N",
        type=int,
        default=0,
        help="What is drawn at random: the seed in a result repeats its grading.",
    )


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--submission")
    if path is None:
        return
    notebook = config.invocation_params.dir / path
    if not notebook.is_file():
        raise pytest.UsageError(f"--submission {path}: there is no such file")
    config.option.importmode = "importlib"  # all assignments' check files have the same names
    config.pluginmanager.register(Submission(config, notebook), NAME)


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> Answer:
    """The answer of the notebook in ``--submission`` to the check's question."""
    submission = request.config.pluginmanager.get_plugin(NAME)
    if not isinstance(submission, Submission):
        pytest.fail("whose answer? Name a notebook: pytest … --submission NOTEBOOK", pytrace=False)
    assert isinstance(request.node, pytest.Function)
    return submission.answer(request.node)


class Submission:
    """The notebook, opened for each assignment whose checks ask for it; hooks that word verdicts."""

    def __init__(self, config: pytest.Config, notebook: Path) -> None:
        self._notebook = notebook
        self._seed: int = config.getoption("--submission-seed")
        self._clocks = not (config.getoption("usepdb") or config.getoption("trace"))
        self._runs: dict[str, NotebookRun] = {}  # by assignment

    def answer(self, item: pytest.Function) -> Answer:
        from autograder.checks.questions import check_of
        from autograder.errors import GraderError, UnreadableNotebook
        from autograder.pytest_plugin import check_id

        mark = check_of(item.function)
        if mark is None:
            pytest.fail(
                'it belongs to no question. Decorate it with @question("…").check(points=…)', pytrace=False
            )
        try:
            answer = self._run_for(item.path).answer(mark.question)
        except UnreadableNotebook as error:
            pytest.fail(f"{self._notebook}: {_worded(error.code, error.facts)}", pytrace=False)
        except GraderError as error:
            pytest.fail(str(error), pytrace=False)
        if answer is None:
            pytest.fail(f"not_answered: the notebook has no answer to {mark.question!r}", pytrace=False)
        return answer.for_check(check_id(mark, item))

    def _run_for(self, checks: Path) -> NotebookRun:
        from autograder.grading.notebook_run import NotebookRun

        name = checks.parent.name
        if name not in self._runs:
            self._runs[name] = NotebookRun.of(checks, self._notebook, self._seed, clocks=self._clocks)
        return self._runs[name]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A verdict is told in words, with the line of the check that it came from; a debugger sees it as it is."""
        from autograder.evidence.verdict import Verdict

        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, Verdict):
            own = [entry for entry in call.excinfo.traceback if entry.path == item.path]
            lines = [f"{entry.path}:{entry.lineno + 1}: {str(entry.statement).strip()}" for entry in own[-1:]]
            verdict = call.excinfo.value
            lines += [line for one in verdict.findings for line in _told(verdict.outcome.value, one)]
            report.longrepr = "\n".join(lines)
        return report

    def pytest_unconfigure(self) -> None:
        for run in self._runs.values():
            run.close()


def _told(outcome: str, finding: Finding) -> Iterator[str]:
    from autograder.escaping import terminal_line

    sides = {"expected": finding.expected, "found": finding.found}
    given = {name: text for name, text in sides.items() if text}
    yield terminal_line(f"{outcome}: {finding.code}: {_worded(finding.code, given | finding.facts)}", 2_000)
    for name, text in given.items():
        yield terminal_line(f"  {name}: {text}", 2_000)


def _worded(code: str, facts: Mapping[str, str | int | float]) -> str:
    from autograder.messages import catalogue

    return catalogue("en").text(code, **facts)
