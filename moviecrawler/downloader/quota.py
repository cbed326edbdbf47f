"""A source's quota of the day: a ledger in the store, so that it holds over all runs and workers."""

from collections.abc import Callable
from datetime import date
from typing import Any

from scrapy.statscollectors import StatsCollector

BLOCK = 20
"""Requests reserved with one call of the store. What a killed process held of its block is lost for the day."""


class Quota:
    """``limit`` requests a day (UTC) to ``source``, counted when they are sent: every try, and no cache hit.

    ``state`` is the store's, ``patiently`` waits for a store that is away, ``today`` is a clock.
    """

    def __init__(
        self, source: str, limit: int, *, state: Any, patiently: Any, stats: StatsCollector, today: Callable[[], date]
    ) -> None:
        self._source, self._limit = source, limit
        self._state, self._patiently, self._stats, self._today = state, patiently, stats, today
        self._ledger = ""
        self._held = 0

    async def take(self) -> bool:
        """Whether one more may be sent today. StoreError when the ledger cannot be read."""
        if (ledger := f"quota/{self._source}/{self._today()}") != self._ledger:
            await self._give_back()
            self._ledger = ledger
        if not self._held:
            self._held = await self._reserve(BLOCK)
        if not self._held:
            return False
        self._held -= 1
        self._stats.inc_value(f"quota/{self._source}/used")
        return True

    def put_back(self) -> None:
        """What was taken was not sent."""
        self._held += 1
        self._stats.inc_value(f"quota/{self._source}/used", -1)

    async def settle(self) -> None:
        """Give back what is not used, and count what is left of the day; nothing where nobody asked."""
        if self._ledger:
            await self._give_back()
            used = await self._patiently(lambda: self._state.get(self._ledger)) or 0
            self._stats.set_value(f"quota/{self._source}/left", max(0, self._limit - used))

    async def _give_back(self) -> None:
        if self._held:
            await self._reserve(-self._held)
            self._held = 0

    async def _reserve(self, n: int) -> int:
        granted: int = await self._patiently(lambda: self._state.reserve(self._ledger, n, self._limit))
        return granted
