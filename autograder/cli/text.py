"""Text that others wrote, on one line of a terminal."""

from __future__ import annotations

from autograder.feedback import escaping


def visible(text: str, max_characters: int = 500) -> str:
    """``text`` on one line, what cannot be seen made visible, cut to ``max_characters``."""
    shown = escaping.visible(text[: max_characters + 1]).replace("\n", "⟨U+000A⟩").replace("\t", " ")
    return shown if len(shown) <= max_characters else shown[:max_characters] + "…"
