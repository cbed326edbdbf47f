"""Changes that the API does not show yet, as TMDB's caches serve the old body for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Change = Callable[[], None]


class DelayedChanges:
    """Changes that are applied after a delay, or all at once on request."""

    def __init__(self) -> None:
        self._waiting: dict[Change, asyncio.TimerHandle] = {}

    def apply_after(self, seconds: float, change: Change) -> None:
        """Apply a change after ``seconds``; immediately for 0."""
        if not seconds:
            change()
            return
        self._waiting[change] = asyncio.get_running_loop().call_later(seconds, self._apply, change)

    def apply_all(self) -> None:
        """Apply all waiting changes, in the order in which they were added."""
        for change in list(self._waiting):
            self._waiting[change].cancel()
            self._apply(change)

    def _apply(self, change: Change) -> None:
        del self._waiting[change]
        change()
