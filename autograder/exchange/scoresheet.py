"""A plain CSV file of a course's scores: nbgrader's columns, then who, and what each question gave.

UTF-8 with a byte order mark, without which spreadsheets take Korean for another encoding. Numbers are bare;
every other cell is one that no spreadsheet takes for a formula. A score that there is none of is empty, not 0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.escaping import csv_cell
from autograder.exchange.standing import Standing, written

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
    *("status", "name", "group", "attempt", "seconds_late"),
)


def sheet(assignment: str, standings: Sequence[Standing]) -> bytes:
    """The whole file, one student a row."""
    questions = list(
        dict.fromkeys(
            question.id for standing in standings if standing.result for question in standing.result.questions
        )
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *map(csv_cell, questions)])
    for standing in standings:
        writer.writerow([*_facts(assignment, standing), *_scores(standing, questions)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _facts(assignment: str, standing: Standing) -> list[str]:
    about, handed_in = standing.about, standing.handed_in
    return [
        csv_cell(assignment),
        csv_cell(handed_in.due if handed_in else ""),
        csv_cell(handed_in.at if handed_in else ""),
        *map(csv_cell, (standing.student, about.surname, about.given_name, about.email)),
        _number(standing.raw),
        _number(None if standing.raw is None else standing.penalty),
        _number(standing.points),
        _number(standing.max_points),
        standing.state,
        csv_cell(about.full_name),
        csv_cell(about.group),
        str(handed_in.attempt) if handed_in and standing.result else "",
        str(handed_in.late_seconds) if handed_in and standing.result else "",
    ]


def _scores(standing: Standing, questions: Sequence[str]) -> list[str]:
    graded = standing.result is not None and standing.raw is not None
    scores = {one.id: one.score for one in standing.result.questions} if graded and standing.result else {}
    return [_number(scores.get(question)) for question in questions]


def _number(points: float | None) -> str:
    return "" if points is None else written(points)
