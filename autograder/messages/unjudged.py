"""Findings where an answer was not judged: what kept it from that, and where to look.

``grader_fault`` is ours; it is also said of a whole submission.
"""

from __future__ import annotations

from autograder.messages.message import Message, _

UNJUDGED: dict[str, Message] = {
    "not_answered": Message(
        _("This question has not been answered yet."),
        _(
            "Its cell is as it was handed out, or it assigns none of the names that the question asks for. "
            "An answer that is only partly right can still earn points."
        ),
    ),
    "cell_raised": Message(
        _("The cell stopped with `{name}: {message}`"),
        _(
            "Python stopped at that line and did not run what comes after it in the cell. To see the error "
            "yourself, restart the kernel and run the notebook from the top: this also shows whether a cell "
            "relies on something that is no longer there."
        ),
    ),
    "cell_timeout": Message(
        _("The cell was still running after {seconds} and was stopped."),
        _(
            "Look for a loop whose condition never becomes false, for a long training run, and for lines "
            "that wait for something: a download, a pause, an `input()`."
        ),
    ),
    "probe_timeout": Message(
        _("Your answer was tried out, and did not finish within {seconds}."),
        _(
            "A call with a small input should take a fraction of a second. Look for a loop or a pause inside "
            "`forward` or in a function that it calls."
        ),
    ),
    "out_of_memory": Message(
        _("Your code asked for more memory than it may use."),
        _(
            "Look for a size with too many zeros, for a layer whose input and output are both very large, "
            "and for a list that grows in a loop."
        ),
    ),
    "process_ended": Message(
        _("The cell ended the Python process, so this question could not be checked."),
        _(
            "`os._exit()` ends the process at once, and so does a crash in compiled code. "
            "The questions that had been checked before keep their points. Remove the call, then run the "
            "notebook from the top."
        ),
    ),
    "submission_timeout": Message(
        _("The notebook used up its {seconds} before this question was reached."),
        _(
            "The time is for all cells together. Look at the cells further up: which of them takes long, and "
            "is the work in it asked for?"
        ),
    ),
    "cpu_timeout": Message(
        _("The notebook used up the {seconds} of processor time that it may use."),
        _(
            "Processor time is what the computations of all cells take together, whatever the clock "
            "says. Look for a loop that never ends, for a long training run, and for work that is done "
            "again and again."
        ),
    ),
    "probe_crashed": Message(
        _("The Python process ended while your answer was being tried out."),
        _(
            "The call itself may end the process, for example through `os._exit()` or very deep recursion. "
            "Restart the kernel, call your answer with a small input and watch what happens."
        ),
    ),
    "checks_not_run": Message(
        _("This check did not come to an end, so it has no verdict."),
        _(
            "Most often something earlier in the notebook stopped the run, and its message stands with that "
            "question. If you find none, tell your instructor."
        ),
    ),
    "grader_fault": Message(
        _("The grader failed here. This is our fault, not yours; your instructor has been told."),
        _(
            "There is nothing for you to do. No point is lost: the work is graded again once the fault is "
            "mended."
        ),
    ),
}
