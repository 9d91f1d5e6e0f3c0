"""What students handed in: which notebook is whose, when it came, where its answers are and what of it will run."""
