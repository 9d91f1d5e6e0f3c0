"""Results and submissions in the formats of other programs: what comes in from them, what goes out to them."""
