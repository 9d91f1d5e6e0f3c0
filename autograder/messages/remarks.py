"""Remarks: what is worth knowing about a submission and costs no point."""

from __future__ import annotations

from autograder.messages.message import Message, _

REMARKS: dict[str, Message] = {
    "given_cell_restored": Message(
        _("What the assignment gives had been changed. Its original text was used."),
        _(
            "Cells that are given set up what your answers work with. Put your own code in the cells of the "
            "questions."
        ),
    ),
    "given_cell_missing": Message(
        _("What the assignment gives was missing. It was put back for grading."),
        _("To have it back in your own copy as well, take it from the notebook that was handed out."),
    ),
    "given_cell_moved": Message(
        _("What the assignment gives had been moved. It was run where it belongs."),
        _("Cells that are given have to run before the questions that use what they set up."),
    ),
    "question_found_by_name": Message(
        _("An answer whose cell had lost its label was recognised by the names it defines."),
        _("Some editors drop the hidden labels of cells, and so does copying code into a new notebook."),
    ),
    "question_duplicated": Message(
        _(
            "The notebook has {copies} cells for the question `{question}`. One of them was taken as the "
            "answer."
        ),
        _("If that is not the one you meant, remove the others and hand in again."),
    ),
    "question_answered_elsewhere": Message(
        _("Names of the question `{question}` are defined in a cell that does not stand at that question."),
        _(
            "Only code between a question and the next one counts as its answer. Move the code there to have "
            "it graded."
        ),
    ),
    "question_missing": Message(
        _("The notebook has no cell for a question of the assignment."),
        _("Take the cell from the notebook that was handed out, and answer in it."),
    ),
    "question_order_changed": Message(
        _("The questions stand in another order than in the assignment: `{order}`"),
        _(
            "They were run in the order in which you arranged them. Cells that build on each other may "
            "notice that."
        ),
    ),
    "several_notebooks": Message(
        _("Several notebooks were handed in. `{chosen}` was graded; these were not: `{others}`"),
        _("If that was the wrong one, hand in again with only the notebook that you want graded."),
    ),
    "shell_command_skipped": Message(
        _("A line that is not Python (a shell command or a magic) was left out."),
        _(
            "Commands such as `!pip install` do not run during grading. What the assignment needs is "
            "installed."
        ),
    ),
    "input_called": Message(
        _("Something was to be typed in. Nobody types during grading: the notebook got an empty text."),
        _(
            "Write the value into the notebook instead of asking for it with `input()`, so that it runs from "
            "top to bottom on its own."
        ),
    ),
    "colab_skipped": Message(
        _(
            "A service of Colab or Kaggle was used (Drive, uploads, secrets). It is not there during grading "
            "and did nothing."
        ),
        _(
            "Nothing is mounted, uploaded or unlocked here. The answers should not need any of it: what the "
            "assignment gives is in the notebook."
        ),
    ),
    "cuda_replaced": Message(
        _("A GPU was asked for. There is none during grading, so the code ran on the CPU."),
        _(
            'Choose the device with `"cuda" if torch.cuda.is_available() else "cpu"`, and the notebook runs '
            "on every computer."
        ),
    ),
    "workers_replaced": Message(
        _(
            "A `DataLoader` was made with workers. It got none during grading: the same batches, made one "
            "after the other."
        ),
        _(
            "Workers are further processes, which a notebook may not start here. `num_workers=0` is enough "
            "for data of this size."
        ),
    ),
    "compile_skipped": Message(
        _("`torch.compile` was left out during grading: the model ran as it is written, and gives the same."),
        _("A compiler is a further process, which a notebook may not start here. It only makes a model faster."),
    ),
    "network_used": Message(
        _("The code tried to reach the network. There is none during grading."),
        _(
            "Nothing can be downloaded here, so what a cell needs from the internet is an error. The "
            "questions are to be answered with what the notebook gives."
        ),
    ),
    "package_missing": Message(
        _("`{package}` was imported, which is not here."),
        _(
            "The packages that the assignment names are installed. Others are not, and neither are files of "
            "your own that were not handed in: put their code into the notebook."
        ),
    ),
    "cell_stopped": Message(
        _("The code was still running after {seconds} and was stopped there."),
        _(
            "What had been defined by then was used; what comes later in the cell is missing. Check that every loop "
            "ends. A long training run is not needed for the answers: a few steps show whether a model learns."
        ),
    ),
    "layers_missing": Message(
        _("This notebook ran with less isolation than usual; missing here: `{layers}`"),
        _(
            "This concerns the machine that grades and not your answers. `grader doctor` tells instructors "
            "more."
        ),
    ),
    "output_truncated": Message(
        _("The notebook printed more than is kept. The rest was cut off."),
        _("What is printed has no influence on the score."),
    ),
    "file_limit": Message(
        _("A file was to hold more than {limit_mib}, which is as large as one may be here."),
        _("Files are gone when grading ends. Write less, or leave the line out."),
    ),
    "folder_limit": Message(
        _(
            "Files were to hold more than {limit_mib} together, or were very many. "
            "That is as much as there may be here."
        ),
        _("Files are gone when grading ends. Write less, or leave the line out."),
    ),
    "open_files_limit": Message(
        _("Too many files were open at once. There may be {limit} here."),
        _("A file that is opened by `with` is closed again at the end of its lines."),
    ),
    "threads_limit": Message(
        _("Too many threads ran at once. There may be {limit} here."),
        _("A thread ends when its function returns. Wait for some with `join()` before you start more."),
    ),
    "dropout_position_equivalent": Message(
        _(
            "Your dropout is in another place than in the question, with exactly the same effect. It counts "
            "in full."
        ),
        _("ReLU leaves zeros as they are, so dropout directly before it does the same as directly after it."),
    ),
}
