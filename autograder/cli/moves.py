"""Whose score moved, by how much and because of which check: in lines for a terminal, and whole in a file."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from autograder.escaping import csv_cell
from autograder.records.movement import Movement
from autograder.results import CheckResult

MAX_MOVES = 50
MAX_CHECKS = 5  # of one student
COLUMNS = ("when", "student", "before", "before_max", "after", "after_max", "because")


def append(path: Path, moved: Sequence[Movement], when: datetime) -> None:
    """Add all of a run's to the table at ``path``, as spreadsheets read it; raises OSError.

    Earlier runs' stay: a class that took two has moved in both.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", encoding="utf-8-sig" if new else "utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        if new:
            writer.writerow(COLUMNS)
        for one in moved:
            before = "" if one.before is None else f"{one.before:g}"
            after = "" if one.after is None else f"{one.after:g}"
            scores = before, f"{one.before_max:g}", after, f"{one.after_max:g}"
            because = csv_cell(_reasons(one, len(one.checks)))
            writer.writerow([when.isoformat(timespec="seconds"), csv_cell(one.student), *scores, because])


def lines(moved: Sequence[Movement], table: Path | None) -> Iterator[str]:
    """Those whose score or checks moved, the largest moves first; then by check, for how many it moved which way.

    ``table`` is the file that holds all of them, if one could be written.
    """
    if not moved:
        return
    ordered = sorted(moved, key=lambda one: (-abs(_by(one)), one.student))
    same = sum(one.before == one.after for one in moved)
    counts = [f"{len(moved) - same} moved"] if same < len(moved) else []
    counts += [f"{same} with the same score, but not check by check"] if same else []
    yield f"{', '.join(counts)}:"
    for one in ordered[:MAX_MOVES]:
        yield f"  {one.student}: {_scores(one)}{_why(one)}"
    if len(moved) > MAX_MOVES:
        yield f"  … and {len(moved) - MAX_MOVES} more" + (f", all of them in {table}" if table else "")
    totals: dict[str, list[float]] = defaultdict(list)
    for one in moved:
        if not one.resubmitted:
            for check in one.checks:
                totals[check.id].append(check.points)
    for name, points in sorted(totals.items(), key=lambda item: -len(item[1])):
        ups, downs = sum(by > 0 for by in points), sum(by < 0 for by in points)
        told = [f"{ups} up" if ups else "", f"{downs} down" if downs else ""]
        told += [f"{len(points) - ups - downs} worth other points" if ups + downs < len(points) else ""]
        yield f"  {name}: {', '.join(filter(None, told))}"


def _by(one: Movement) -> float:
    return (one.after or 0.0) - (one.before or 0.0)


def _scores(one: Movement) -> str:
    """``20 → 10 (-10)``; with the points that there are, where these are others: ``23 of 25 → 23 of 27``."""
    if one.before is None or one.after is None:
        return f"{_score(one.before)} → {_score(one.after)}"
    change = f" ({_by(one):+g})" if one.before != one.after else ""
    if one.before_max != one.after_max:
        return f"{one.before:g} of {one.before_max:g} → {one.after:g} of {one.after_max:g}{change}"
    return f"{one.before:g} → {one.after:g}{change}" if change else f"{one.after:g}, as before"


def _score(score: float | None) -> str:
    return "ungraded" if score is None else f"{score:g}"


def _why(one: Movement) -> str:
    reasons = _reasons(one, MAX_CHECKS)
    return f": {reasons}" if reasons else ""


def _reasons(one: Movement, most: int) -> str:
    """At ``most`` so many checks."""
    checks = [f"{check.id} {_verdict(check.before)} → {_verdict(check.after)}" for check in one.checks]
    more = f" and {len(checks) - most} more" if len(checks) > most else ""
    reasons = ["another notebook"] if one.resubmitted else []
    reasons += [", ".join(checks[:most]) + more] if checks else []
    return "; ".join(reasons)


def _verdict(check: CheckResult | None) -> str:
    return "absent" if check is None else f"{check.outcome.value} {check.points:g}/{check.max_points:g}"
