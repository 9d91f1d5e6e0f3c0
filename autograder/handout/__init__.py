"""What students are given, made from an assignment's one source."""
