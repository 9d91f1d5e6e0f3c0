"""One submission or many → results.

- ``execution``: a submission's cells in a runner: deadlines, death, and going on after it
- ``ran``: what became of one cell, and which of its limits it met with
- ``answers``: the cells in order, with a pause wherever a question's answer is complete
- ``pause``: what a question's checks ask meanwhile, and are told
- ``precedents``: verdicts that were reached before
- ``givens``: the assignment's own values of what it gives
- ``grader``: one submission from bytes to result
- ``clock``: what that takes, and an end to what takes too long
- ``job``: what a worker is told, and what it answers
- ``worker``: a process that grades what it is sent
- ``whereabouts``: which check it is at, for whoever may have to end it
- ``notebook_run``: one notebook, for whoever wants to look at its answers one by one
"""
