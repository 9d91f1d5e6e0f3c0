"""Words of the pages themselves: headings, labels, the names of outcomes."""

from __future__ import annotations

from .class_words import CLASS_WORDS
from .message import Plural, _

WORDS: dict[str, str | Plural] = {
    # Outcomes of a check, by the values of results.Outcome
    "outcome_passed": _("Passed"),
    "outcome_failed": _("Not passed"),
    "outcome_not_answered": _("Not answered"),
    "outcome_timeout": _("Took too long"),
    "outcome_out_of_memory": _("Too much memory"),
    "outcome_crashed": _("Process ended"),
    "outcome_cell_error": _("Stopped by an error"),
    "outcome_grader_error": _("Could not be checked"),
    # Of a question, beside those
    "outcome_partly": _("Partly passed"),
    "outcome_not_checked": _("Not checked"),
    # The head of a page
    "feedback_on": _("Feedback on {assignment}"),
    "student": _("Student"),
    "file": _("File"),
    "open_lesson": _("Open the lesson"),
    "score": _("Score"),
    "of_points": _("of {max_points} points"),
    "checks_passed": Plural(_("{passed} of {count} check passed"), _("{passed} of {count} checks passed")),
    "handed_in": _("Handed in"),
    "late": _("{time} (late)"),
    "due": _("Due"),
    "attempt": _("Attempt"),
    "attempt_of": _("{attempt} of {attempts}"),
    "late_penalty": _("Handed in late: {late_points} points are taken off, so that {counted_points} count."),
    "score_made_of": _("What the score is made of"),
    "question": _("Question"),
    "verdict": _("Verdict"),
    "points": _("Points"),
    "points_of": _("{points} of {max_points}"),
    # The table of points in a notebook, beside those
    "what_is_checked": _("What is checked"),
    "total": _("Total"),
    # A question
    "expected": _("Expected"),
    "found": _("Found"),
    "hint": _("Hint"),
    "read_in_notebook": _("To read again in the notebook"),
    "line": _("Line {line}"),
    "hidden_check": _("hidden check"),
    "your_code": _("Your code"),
    "your_output": _("What it printed"),
    "your_error": _("The error"),
    "cell": _("Cell {cell}"),
    "cell_line": _("Cell {cell}, line {line}"),
    "cell_headed": _("Cell {cell} ({headline})"),
    "cell_headed_line": _("Cell {cell} ({headline}), line {line}"),
    "more_cells": Plural(_("and {count} more"), _("and {count} more")),
    "shortened": _("Shortened: only the beginning is shown."),
    "middle_left_out": _("Shortened: the middle is left out."),
    "in_words": _("The picture in words"),
    # Remarks
    "remarks": _("Worth knowing"),
    "remarks_cost_nothing": _("These remarks do not change the score."),
    # An ungraded submission
    "not_graded": _("Not graded yet"),
    "fault_submission": _(
        "This is about the file, not about your answers: they have not been looked at yet."
    ),
    "fault_grader": _("This is our fault, not yours."),
    "what_to_do": _("What to do"),
    "checked_so_far": _("What could be checked so far is shown below."),
    # The foot of a page
    "how_graded": _("How this was graded"),
    "environment": _("PyTorch {torch}, seed {seed}"),
    "fingerprint": _("SHA-256 of the file"),
    # A student's own check, in a terminal
    "public_checks": _("Public checks"),
    "public_checks_only": _(
        "These were the public checks. Grading runs hidden ones as well, which look at more than these can say."
    ),
    "no_public_check": _("No public check"),
    "cannot_be_stopped": _(
        "Your code was still running after {seconds} and does not let itself be interrupted, so the check was "
        "given up. Look for a loop around an except that catches everything."
    ),
    # Where a code has no words
    "unknown_code": _("There is no explanation for this yet. Show your instructor this code: `{code}`"),
    **CLASS_WORDS,
}
