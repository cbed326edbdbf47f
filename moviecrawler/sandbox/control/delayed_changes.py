"""Changes that the API's caches do not show yet: TMDB goes on serving the old body for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Change = Callable[[], None]


class Pending:
    """Each change is made when its time has come, or when somebody does not want to wait."""

    def __init__(self) -> None:
        self._waiting: dict[Change, asyncio.TimerHandle] = {}

    def after(self, seconds: float, change: Change) -> None:
        """Make a change then; at once when that is now."""
        if not seconds:
            change()
            return
        self._waiting[change] = asyncio.get_running_loop().call_later(seconds, self._make, change)

    def all_now(self) -> None:
        """Make what waits, in the order in which it came."""
        for change in list(self._waiting):
            self._waiting[change].cancel()
            self._make(change)

    def _make(self, change: Change) -> None:
        del self._waiting[change]
        change()
