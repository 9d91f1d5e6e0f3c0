"""Slips: every rule on the error that Python or PyTorch really raises."""
