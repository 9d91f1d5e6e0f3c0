"""Words of the pages themselves: headings, labels, the names of outcomes."""

from __future__ import annotations

from autograder.messages.class_words import CLASS_WORDS
from autograder.messages.message import Plural, _

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
    # Where an answer goes in a notebook: in a cell of code, in one of text
    "write_code_here": _("Write your code here"),
    "write_answer_here": _("Write your answer here"),
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
    "models_in_words": _("Expected: {expected}. Found: {found}."),
    # Remarks
    "remarks": _("Worth knowing"),
    "remarks_cost_nothing": _("No points are taken off for these remarks themselves."),
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
    "fingerprint": _("SHA-256 of the file"),
    # A student's own check, in a terminal
    "public_checks": _("Public checks"),
    "public_checks_only": _(
        "These were the public checks. Grading runs hidden ones as well, which look at more than these can say."
    ),
    "no_public_check": _("No public check"),
    # A student's own check, in a notebook
    "no_checks_here": _("No public checks were found for this notebook."),
    "no_checks_here_help": _(
        "A released notebook carries them: open the one that was handed out, or put it into the folder where you "
        "work. If you work in a copy without them, put `assignment.toml`, `test_public.py` and the notebook that was "
        "handed out beside it."
    ),
    "checks_unusable": _("The public checks of this notebook cannot be used: {reason}"),
    "no_such_question": _("There is no question {question} in this notebook."),
    "questions_are": _("There are: {known}"),
    "cannot_be_stopped": _(
        "Your code was still running after {seconds} and does not let itself be interrupted, so the check was "
        "given up. Look for a loop around an except that catches everything."
    ),
    # A graded pull request
    "unused": _("Changes that were not used"),
    "unused_because": _(
        "Checks, answers and settings are always those of the branch that this pull request goes to, and of the "
        "pull request only the notebooks of its author are read. Nothing else of it can change a score."
    ),
    "unused_somebody_else": _("This belongs to another student."),
    "unused_checks": _("This belongs to the assignment."),
    "unused_configuration": _("These are the settings of the course."),
    "unused_workflow": _("This decides how pull requests are graded."),
    "unused_link": _("This is a link, and links are never followed."),
    "unused_submodule": _("This is a submodule, and submodules are never fetched."),
    "unused_code": _("This is a program beside the notebooks, which is never run."),
    "unused_unknown_assignment": _("There is no assignment of this name."),
    "unused_misplaced": _(
        "Notebooks are handed in as submitted/<student>/<assignment>/<notebook>.ipynb, or at the top of a "
        "repository of your own."
    ),
    "unused_deleted": _("This was removed, so that there is nothing to grade."),
    "unused_unusable_name": _("No file can have this name here."),
    "unused_other": _("This is not a notebook."),
    "and_more": Plural(_("and {count} more"), _("and {count} more")),
    "nothing_to_grade": _("This pull request changes no notebook that could be graded."),
    "run_not_whole": _(
        "Not everything could be graded, through no fault of this pull request. Whoever runs the course finds the "
        "reason in the log of this run."
    ),
    "graded_commit": _("Commit"),
    "cut_here": _("Cut off here: there is no room for more. The files of this run have everything."),
    "workflow_changed": _(
        "This pull request changes how pull requests are graded, so that no score is shown here: it could say "
        "anything. Take the change out, or ask your instructor to have a look."
    ),
    "more_annotations": Plural(_("{count} more of this kind"), _("{count} more of this kind")),
    "see_summary": _("The summary of this run has all of them."),
    # Similar answers
    "similar_heading": _("Similar answers to {assignment}"),
    "similar_accuses_nobody": _(
        "This page accuses nobody. It shows which answers share pieces that few others have, and how few. People learn "
        "together, read the same page, or have the same idea: ask before you conclude anything."
    ),
    "similar_method": _(
        "Code is compared token by token. Names, texts and comments make no difference, and what was handed out does "
        "not count. A shared piece counts for more the fewer answers have it."
    ),
    "similar_none": _("No two answers share anything that is unusual in this class."),
    "similar_pair": _("Pair"),
    "similar_share": _("Shared, of what is unusual in either"),
    "similar_rarest": _("The rarest shared piece"),
    "similar_percent": _("{percent} %"),
    "similar_owners": Plural(
        _("{count} of {answers} answers has this piece"), _("{count} of {answers} answers have this piece")
    ),
    # Where a code has no words
    "unknown_code": _("There is no explanation for this yet. Show your instructor this code: `{code}`"),
    **CLASS_WORDS,
}
