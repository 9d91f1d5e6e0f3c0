"""A notebook as it is on disk.

- ``notebook``: a submitted file's bytes, read against a schema; ``foreign`` and ``old_formats``: what is not quite one
- ``headings``: the headings of its text, by their anchors
- ``source``: what a cell's source says, from its syntax tree alone
- ``copies``: which file is a copy of a released notebook
"""
