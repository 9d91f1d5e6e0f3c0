"""Where results are kept, and how they moved when a class was graded again."""
