"""How a check says that an answer is not right."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.results import Finding, Outcome


class Verdict(Exception):
    """An answer fell short: the outcome, and findings that say how. Never raised for a fault of ours."""

    def __init__(self, outcome: Outcome, findings: Sequence[Finding]) -> None:
        self.outcome, self.findings = outcome, tuple(findings)
        super().__init__(f"{outcome.value}: {', '.join(finding.code for finding in findings)}")


def failed(
    code: str, *, expected: object = None, found: object = None, **facts: str | int | float
) -> Verdict:
    """A verdict ``failed`` with one finding; ``code`` is in the catalogue of messages."""
    finding = Finding(
        code=code,
        expected=None if expected is None else str(expected),
        found=None if found is None else str(found),
        facts=facts,
    )
    return Verdict(Outcome.FAILED, [finding])
