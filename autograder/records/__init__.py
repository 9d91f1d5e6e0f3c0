"""Results on disk.

- ``store``: where they lie, and how one is written
- ``movement``: how a score moved between two gradings
"""
