"""Results and submissions in the formats of other programs: what comes in from them, what goes out to them.

- ``standing``: how each student stands
- ``canvas``, ``moodle``, ``gradescope``, ``classroom50``, ``junit``, ``scoresheet``: each one format that goes out
- ``table``: a downloaded table, of which cells alone are changed; ``matching``: whose row one is; ``filling``: what
  that came to
- ``archive``: a zip or a folder that came in; ``downloads``: which system's it is, and whose work is in it;
  ``placing``: where that goes in the course
- ``gradescope_zip``: an autograder that runs there; ``gradescope_run``: what it runs
"""
