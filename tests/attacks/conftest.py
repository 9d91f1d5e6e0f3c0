"""Prints what came of the campaign; ``make test-attacks`` is what runs it."""

from __future__ import annotations

import pytest

from autograder.sandbox.layers import probe
from tests.attacks import campaign as campaigns
from tests.attacks.campaign import Campaign
from tests.attacks.programs import programs

_OUTCOME = pytest.StashKey[Campaign]()


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Skips, with the reason, where this machine cannot isolate."""
    missing = [f"{report.name}: {report.why}" for report in probe() if not report.works]
    if missing:
        pytest.skip(f"needs every layer of the sandbox; {'; '.join(missing)}")


@pytest.fixture(scope="session")
def campaign(
    sandbox: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Campaign:
    """All programs, graded once."""
    made = campaigns.run(tmp_path_factory.mktemp("campaign"), programs())
    request.config.stash[_OUTCOME] = made
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (made := config.stash.get(_OUTCOME, None)) is not None:
        terminalreporter.write_line(
            f"{len(made.programs)} hostile programs, {sum(made.gained.values()):g} points gained, "
            f"{len(made.read)} secrets read, {len(made.left_behind)} left behind "
            f"({made.seconds:.0f} s, {len(made.results) - len(made.programs)} neighbours unharmed)"
        )
