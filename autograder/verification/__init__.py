"""Proof that an assignment's checks pass what is right, fail what is not, and say why."""
