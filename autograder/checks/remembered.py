"""What is known of an author's own objects, for as long as they live.

One that stands at the top of a check file lives as long as the run; what a check builds is forgotten with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Known = TypeVar("Known")


class Remembered(Generic[Known]):
    """For every object its own ``new()``."""

    def __init__(self, new: Callable[[], Known]) -> None:
        self._new = new
        self._known: WeakKeyDictionary[object, Known] = WeakKeyDictionary()

    def of(self, owner: object) -> Known:
        """The one of this object; a fresh one each time for what has no hash or takes no weak reference."""
        try:
            return self._known.setdefault(owner, self._new())
        except TypeError:
            return self._new()
