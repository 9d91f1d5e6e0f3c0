"""Grading what a pull request changes, and telling its author where they look.

Nothing of a pull request is ever checked out, imported or configured by. Its commits are read as data:

::

    base ──► grader.toml, assignments/, solutions/ ──► a course in a folder of its own ─┐
    base…head ──► what changed ──► whose notebooks, and what is not used                ├─► engine ──► results
    head ──► the notebooks' bytes ──► submitted/ in that folder ────────────────────────┘

:mod:`.occasion` is what the CI service says of its job, :mod:`.repository` asks git, :mod:`.changes` sorts what
changed, :mod:`.workspace` lays out the folder; meanwhile the :mod:`.log` is shielded. Results go to annotations at the
notebook's own :mod:`.lines` (:mod:`.annotations`), to Markdown (:mod:`.markdown`) and into a :class:`.report.Report`.
That report crosses from the job that graded, which has no right to write anything, to the one that publishes
(:mod:`.publishing`), which believes nothing of it that it can ask the :mod:`.host`.
"""
