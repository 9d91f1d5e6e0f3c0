"""Where workers run.

- ``options``: how to run, and what comes out: records
- ``intake``: found submissions into jobs, each keyed by all that its result depends on
- ``losses``: what a lost worker means for the submission it was at
- ``local``: processes of this machine
"""
