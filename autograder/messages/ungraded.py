"""Why a file could not be graded: what it is, and what its owner can do.

``grader_fault``, the one reason that is ours, stands in :mod:`.unjudged`: it is said of single checks too.
"""

from __future__ import annotations

from autograder.messages.message import Message, _

_SAVE_AGAIN = _(
    "Open the notebook in Jupyter or Colab, check that everything is there, save it, and hand in the new "
    "file."
)
_DOWNLOAD_AGAIN = _(
    "Download the notebook itself, as a file that ends in `.ipynb`. In Colab: File, Download, Download "
    ".ipynb."
)

UNGRADED: dict[str, Message] = {
    "notebook_empty": Message(
        _("The file is empty."),
        _("Uploads sometimes break off. Check that your own copy has its content, and hand it in again."),
    ),
    "notebook_is_html": Message(
        _("The file is a web page (HTML) with the name of a notebook."),
        _DOWNLOAD_AGAIN,
    ),
    "notebook_is_python": Message(
        _("The file is a Python program with the name of a notebook."),
        _DOWNLOAD_AGAIN,
    ),
    "notebook_is_text": Message(
        _("The file is plain text with the name of a notebook."),
        _DOWNLOAD_AGAIN,
    ),
    "notebook_is_binary": Message(
        _("The file is not a notebook but something else with the name of one (`{kind}`)."),
        _(
            "If the notebook is inside an archive, unpack it first. Hand in the file that ends in `.ipynb` "
            "itself."
        ),
    ),
    "notebook_is_other_json": Message(
        _("The file is JSON, but not a notebook."),
        _DOWNLOAD_AGAIN,
    ),
    "notebook_bad_json": Message(
        _("The file is a damaged notebook: at line {line}, column {column} it stops making sense."),
        _(
            "Most often the file was changed in a text editor. If Jupyter still opens it, save it there and "
            "hand it in again. If not, go back to an earlier copy."
        ),
    ),
    "notebook_cut_off": Message(
        _("The file is an incomplete notebook: it breaks off at line {line}."),
        _(
            "Uploads and copies sometimes break off. Check that your own copy is complete, and hand it in "
            "again."
        ),
    ),
    "notebook_bad_format": Message(
        _("The file is a damaged notebook and could not be read (`{problem}`)."),
        _SAVE_AGAIN,
    ),
    "notebook_bad_cell": Message(
        _("The file is a damaged notebook: cell {cell} does not have the form of a cell."),
        _SAVE_AGAIN,
    ),
    "cell_without_source": Message(
        _("The file is a damaged notebook: cell {cell} has no readable text."),
        _SAVE_AGAIN,
    ),
    "notebook_has_git_conflict": Message(
        _(
            "The file contains the marks of a git conflict (line {line}), so it is no longer a valid "
            "notebook."
        ),
        _(
            "Decide for each conflict which side to keep, open the result in Jupyter to check it, and hand "
            "it in again."
        ),
    ),
    "notebook_is_git_lfs_pointer": Message(
        _(
            "The file is only a reference to a notebook that lies in Git LFS; the notebook itself is not in "
            "it."
        ),
        _(
            "Fetch the real file with `git lfs pull`, or download it from the repository's page, and hand "
            "that in."
        ),
    ),
    "notebook_nested_too_deep": Message(
        _("The file is nested deeper than any notebook, and was not read."),
        _SAVE_AGAIN,
    ),
    "notebook_too_large": Message(
        _("The file is {size_mib} large, and files of up to {limit_mib} are read."),
        _(
            "Outputs make notebooks large. Clear all outputs, save, and hand in again: they are not needed "
            "for grading."
        ),
    ),
    "notebook_has_too_many_cells": Message(
        _("The notebook has more than {limit} cells, which is as many as are read."),
        _("Remove the cells that do not belong to the assignment, save, and hand in again."),
    ),
    "notebook_has_too_much_code": Message(
        _("The notebook holds more than {limit_kib} of code, which is as much as is read."),
        _("Remove the code that does not belong to the assignment, save, and hand in again."),
    ),
    "notebook_too_complex": Message(
        _("The file needs more memory to be read than any notebook should."),
        _SAVE_AGAIN,
    ),
    "cell_too_large": Message(
        _("Cell {cell} is larger than {limit_mib}, which is as much as is read of one cell."),
        _("Code and text are never that long. Look for data that was pasted into the cell, and remove it."),
    ),
    "notebook_without_cells": Message(
        _("The notebook has no cells."),
        _SAVE_AGAIN,
    ),
    "notebook_other_language": Message(
        _("The notebook is written for another language than Python: `{language}`"),
        _("Open it in Jupyter, choose a Python kernel, check that it runs, save it, and hand it in again."),
    ),
    "not_a_file": Message(
        _("What was handed in is not an ordinary file."),
        _("A folder or a link cannot be graded. Hand in the notebook itself."),
    ),
    "file_missing": Message(
        _("The file is no longer where it was handed in."),
        _("Hand the notebook in again. If that does not help, tell your instructor."),
    ),
    "file_not_readable": Message(
        _("The file could not be opened (`{why}`)."),
        _(
            "Look at who may read it, and whether another program holds it open. If Jupyter opens it, save it there "
            "under another name, and take that file."
        ),
    ),
    "not_this_assignment": Message(
        _("This notebook does not belong to this assignment: it has none of its questions."),
        _(
            "Check that you handed in the right file. If it is the right one, copy your answers into the "
            "notebook that was handed out for this assignment."
        ),
    ),
}
