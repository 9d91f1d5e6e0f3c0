"""Results and submissions in the formats of other programs: what comes in from them, what goes out to them.

:mod:`.standing` says how each student stands; every other module knows one format of one system.
"""
