"""The checks of the course in this folder are no tests of ours."""

collect_ignore_glob = ["course/*"]
