"""A run's share of a source's daily quota. The counter is shared, so the quota holds for all runs and workers."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from scrapy.statscollectors import StatsCollector

from moviecrawler.policy.network.daily_quota import Quota

T = TypeVar("T")


class RetryStore(Protocol):
    """``CrawlLifecycle.retry_store``, or what calls the workers' state, which retries by itself."""

    async def __call__(self, operation: Callable[[], Awaitable[T]], /) -> T: ...


class QuotaState(Protocol):
    """A store's :class:`~moviecrawler.stores.base.State`, or the state that workers share in Redis."""

    async def get(self, name: str) -> int | None:
        """How many of the counter ``name`` are used."""

    async def reserve(self, name: str, n: int, limit: int) -> int:
        """How many of ``n`` are granted; ``n`` < 0 gives some back."""


class QuotaLease:
    """Requests are counted when they are sent: every try, and no cache hit.

    ``state`` is the store's, or the workers' own; ``retry_store`` retries while it is down; ``now`` is the clock.
    """

    def __init__(
        self,
        quota: Quota,
        *,
        state: QuotaState,
        retry_store: RetryStore,
        stats: StatsCollector,
        now: Callable[[], Awaitable[datetime]],
    ) -> None:
        self._quota, self._state, self._retry_store, self._stats, self._now = quota, state, retry_store, stats, now
        self._counter = ""
        self._held = self._left_of_day = 0

    async def take(self) -> bool:
        """Whether one more request may be sent today. StoreError when the counter cannot be read."""
        if (counter_name := self._quota.counter_name(await self._now())) != self._counter:
            await self.release()
            self._counter = counter_name
        if not self._held:
            self._held = await self._reserve(self._quota.reservation)
            used = await self._retry_store(lambda: self._state.get(self._counter))
            self._left_of_day = self._quota.daily - (used or 0)
        if not self._held:
            self._count(0)
            return False
        self._count(1)
        return True

    def put_back(self) -> None:
        """What was taken was not sent."""
        self._count(-1)

    async def release(self) -> None:
        """Return the unused rest of the reservation to the counter."""
        if self._held:
            await self._reserve(-self._held)
            self._held = 0

    def _count(self, sent: int) -> None:
        """``left`` is what remains of the day for all workers, as of the last reservation."""
        self._held -= sent
        self._stats.inc_value(f"quota/{self._quota.source}/used", sent)
        self._stats.set_value(f"quota/{self._quota.source}/left", max(0, self._left_of_day + self._held))

    async def _reserve(self, n: int) -> int:
        return await self._retry_store(lambda: self._state.reserve(self._counter, n, self._quota.daily))
