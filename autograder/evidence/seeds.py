"""Hidden randomness: every number a check draws follows from the run's seed and the check, or from the run's alone.

Never from the submission, order or time: a class is judged by the same numbers, and grading the same bytes with the
same seed gives the same verdicts, alone or in a class, on one worker or many.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Seeds:
    """A key from which labelled seeds are derived; ``path`` says whose they are."""

    key: bytes
    path: tuple[str, ...] = ()

    @classmethod
    def of_run(cls, seed: int) -> Seeds:
        return cls(hashlib.sha256(f"autograder run {seed}".encode()).digest())

    def of(self, *labels: str) -> Seeds:
        """The seeds of something within: an assignment, a question, a check."""
        return Seeds(self.key, (*self.path, *labels))

    def of_all(self) -> Seeds:
        """The run's own: for what may be the same in every check, so that it is drawn once."""
        return Seeds(self.key)

    def number(self, *labels: str) -> int:
        """A seed in [0, 2^31), the same for the same labels."""
        words = "".join(f"{len(label)}:{label}" for label in (*self.path, *labels))
        digest = hmac.new(self.key, words.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return int.from_bytes(digest[:4], "little") >> 1
