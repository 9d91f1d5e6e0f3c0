"""One submission or many → results.

- ``execution``: a submission's cells in a runner: deadlines, death, and going on after it
- ``givens``: the assignment's own values of what it gives
- ``grader``: one submission from bytes to result
- ``job``: what a worker is told, and what it answers
- ``ran``: what became of one cell, and which of its limits it met with
- ``worker``: a process that grades what it is sent
"""
