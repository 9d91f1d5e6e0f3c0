"""What students handed in.

- ``found``: one notebook a student, from the paths of a command line
- ``receipts``: when it came, and which attempt it is; ``lateness``: what that costs
- ``location``: where the cells are that the assignment knows; ``plan``: what of it will be run
"""
