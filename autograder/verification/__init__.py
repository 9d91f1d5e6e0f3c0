"""Proof that an assignment's checks pass what is right, fail what is not, and say why.

- ``verify``: answers whose grade is known, graded
- ``causes``: whether the findings name what is truly wrong, and nothing else
"""
