"""Wraps a tier that may fail: the crawl goes on without it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from scrapy.statscollectors import StatsCollector

from moviecrawler.caching.tier import Key, PackedEntry, Tier, TierError

logger = logging.getLogger(__name__)

T = TypeVar("T")

CALL_TIMEOUT = 3.0
"""Seconds for one call; a tier that takes longer is of no use."""

PAUSE = 60.0
"""Seconds for which a tier that failed is not used."""


class FailSafeTier:
    """The methods of a :class:`~moviecrawler.caching.tier.Tier`; none of them raises TierError.

    A failure is counted, and logged once per run; the tier is tried again after a pause, since a server may come back.
    """

    def __init__(self, tier: Tier, stats: StatsCollector, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = tier.name
        self._tier, self._stats, self._clock = tier, stats, clock
        self._opened = False
        self._opening = asyncio.Lock()
        self._paused_until = float("-inf")
        self._warned = False

    async def open(self) -> None:
        await self._call(self._ensure_open)

    async def get(self, key: Key) -> bytes | None:
        return await self._call(lambda: self._tier.get(key))

    async def put(self, entries: Sequence[PackedEntry]) -> None:
        await self._call(lambda: self._tier.put(entries))

    async def drop(self, key: Key) -> None:
        await self._call(lambda: self._tier.drop(key))

    async def close(self) -> None:
        await self._tier.close()

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T | None:
        if self._clock() < self._paused_until:
            return None
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                if not self._opened:
                    await self._ensure_open()
                return await call()
        except TierError as error:
            self._note_failure(str(error))
        except TimeoutError:
            self._note_failure(f"{self._tier.describe}: no answer within {CALL_TIMEOUT:.0f} s")
        return None

    async def _ensure_open(self) -> None:
        async with self._opening:
            if not self._opened:
                await self._tier.open()
                self._opened = True

    def _note_failure(self, what: str) -> None:
        self._paused_until = self._clock() + PAUSE
        self._stats.inc_value("cache/errors")
        if not self._warned:
            self._warned = True
            logger.warning("the cache is out of use (%s); the crawl goes on without it", what)
