"""What a run takes of a source's quota of the day. The ledger is in the store, so it holds for all runs and workers."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from scrapy.statscollectors import StatsCollector

from moviecrawler.policy.quota import Quota

Patiently = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Account:
    """Requests are counted when they are sent: every try, and no cache hit.

    ``state`` is the store's; ``patiently`` waits for a store that is away; ``now`` is the clock.
    """

    def __init__(
        self, quota: Quota, *, state: Any, patiently: Patiently, stats: StatsCollector, now: Callable[[], datetime]
    ) -> None:
        self._quota, self._state, self._patiently, self._stats, self._now = quota, state, patiently, stats, now
        self._ledger = ""
        self._held = 0

    async def take(self) -> bool:
        """Whether one more may be sent today. StoreError when the ledger cannot be read."""
        if (ledger := self._quota.ledger(self._now())) != self._ledger:
            await self._give_back()
            self._ledger = ledger
        if not self._held:
            self._held = await self._reserve(self._quota.block)
        if not self._held:
            return False
        self._held -= 1
        self._stats.inc_value(f"quota/{self._quota.source}/used")
        return True

    def put_back(self) -> None:
        """What was taken was not sent."""
        self._held += 1
        self._stats.inc_value(f"quota/{self._quota.source}/used", -1)

    async def settle(self) -> None:
        """Give back what is not used, and count what is left of the day; nothing where nobody asked."""
        if self._ledger:
            await self._give_back()
            used = await self._patiently(lambda: self._state.get(self._ledger)) or 0
            self._stats.set_value(f"quota/{self._quota.source}/left", max(0, self._quota.daily - used))

    async def _give_back(self) -> None:
        if self._held:
            await self._reserve(-self._held)
            self._held = 0

    async def _reserve(self, n: int) -> int:
        granted: int = await self._patiently(lambda: self._state.reserve(self._ledger, n, self._quota.daily))
        return granted
