"""What a course's staff wrote down: ``grader.toml``, assignments and the answers that prove them, the roster."""
