"""What a course's staff wrote down.

- ``config``: ``grader.toml``; ``complaints``: what is wrong with a setting, in words
- ``assignment``: what its author left, free of contradictions; ``assignment_settings``: its toml; ``assignment_files``:
  the files that a verdict depends on; ``sections``: where it sends students to
- ``variants``: answers whose grade is known
- ``roster``: who takes the course
"""
