"""What students are given, made from an assignment's one source.

- ``release``: their notebooks
- ``folder``: these with the settings, the public checks and the data
- ``carried``: what a notebook carries, so that it can be checked wherever it is opened
"""
