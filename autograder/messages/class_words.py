"""Words of the class page, which instructors read."""

from __future__ import annotations

from autograder.messages.message import Plural, _

CLASS_WORDS: dict[str, str | Plural] = {
    # The head
    "class_report_on": _("Class report on {assignment}"),
    "last_graded": _("Last graded on {moment}"),
    "skip_to_students": _("Skip to the students"),
    "graded": _("Graded"),
    "number_of": _("{number} of {whole}"),
    "median": _("Median"),
    "mean": _("Mean"),
    "middle_half": _("Middle half"),
    "full_marks": _("Full marks"),
    "from_to": _("{low} to {high}"),
    # Who needs a person
    "needs_a_person": _("Needs a person first"),
    "nothing_needs_a_person": _("Nothing does: all of it was graded, and nothing had to be stopped."),
    "ungraded_by_our_fault": _(
        "Not graded, by the grader's own fault. The run's own messages say why; once that is mended, grade "
        "them again."
    ),
    "stopped_timeout": _("Something ran past its limit and was stopped. What hung on it was not judged."),
    "stopped_out_of_memory": _(
        "Something asked for more memory than there is. What hung on it was not judged."
    ),
    "stopped_crashed": _("The code ended its own process. What came after that was not judged."),
    "graded_for_an_earlier_notebook": _(
        "Handed in another notebook since, which is not graded yet. The score is that of the earlier one."
    ),
    "graded_by_another_version": _(
        "Graded by another version of the assignment than the newest result. Grade them again before you compare."
    ),
    "unreadable_results": Plural(
        _("{count} file beside the results holds no result and was left out:"),
        _("{count} files beside the results hold no result and were left out:"),
    ),
    "remarked": _("Remarked while grading"),
    "students_count": Plural(_("{count} student"), _("{count} students")),
    "and_others": Plural(_("and {count} other"), _("and {count} others")),
    "show_these": _("Show in the table"),
    # Scores
    "scores": _("Scores"),
    "scores_none": _("There is no score yet."),
    "scores_alternative": _(
        "A histogram: how many students have which score. The table below it has the same numbers."
    ),
    "number_of_students": _("Number of students"),
    "share_of_class": _("Share of the class"),
    "as_a_table": _("As a table"),
    # Misconceptions
    "misconceptions": _("What went wrong, the most common first"),
    "misconceptions_none": _("No check has found anything wrong."),
    "rarer_ones": Plural(_("{count} more, found less often"), _("{count} more, found less often")),
    "points_lost": _("{points} points lost in all"),
    # Questions and checks
    "questions_and_checks": _("Questions and checks"),
    "check": _("Check"),
    "difficulty": _("Difficulty"),
    "discrimination": _("Discrimination"),
    "time": _("Time"),
    "outcomes": _("Outcomes"),
    "outcome_count": _("{outcome}: {number}"),
    "checks_count": Plural(_("{count} check"), _("{count} checks")),
    "what_difficulty_is": _(
        "Difficulty is the mean share of the points that students got: the higher, the easier."
    ),
    "what_discrimination_is": _(
        "Discrimination is the corrected item-total correlation: whether those who get this one also get the rest "
        "of the points. It lies between -1 and 1; above 0.2 is usual. It is not shown for fewer than {minimum} "
        "students, nor where all of them got the same."
    ),
    "what_time_is": _("Time is the median; of a question, that of its cells and its checks together."),
    "tells_the_wrong_way": _(
        "Those who do well elsewhere lose this one. Look at the check, and at its wording."
    ),
    "nobody_got_it": _("Nobody got a point here."),
    "checks_chart": _("How hard each check is, and whether it tells students apart"),
    "checks_alternative": _(
        "A point for each check: to the right the easier ones, above those that tell students apart. The tables "
        "below have the same numbers."
    ),
    # Students
    "students": _("Students"),
    "find_a_student": _("Find a student"),
    "which_students": _("Which students"),
    "everyone": _("Everyone"),
    "lost_points_in": _("Lost points in"),
    "what_was_found": _("What was found"),
    "where_points_were_lost": _("Where points were lost"),
    "not_graded_short": _("Not graded"),
    "shown_of": _("Shown: {shown} of {total}"),
    "page_of": _("Page {page} of {pages}"),
    "previous_page": _("Previous page"),
    "next_page": _("Next page"),
    "nobody_matches": _("Nobody matches."),
    # The foot
    "graded_with": _("Graded with PyTorch {torch}"),
}
