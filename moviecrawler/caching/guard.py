"""A tier that may fail: the crawl goes on without it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from scrapy.statscollectors import StatsCollector

from moviecrawler.caching.tier import CachedResponse, Key, Tier, TierError

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds for one call; a tier that takes longer saves nothing."""

REST = 60.0
"""Seconds for which a tier that failed is left alone."""


class FailSafeTier:
    """The calls of a :class:`~moviecrawler.caching.tier.Tier`, of which none raises TierError.

    A failure is counted, and said once in a run; the tier then rests and is tried again, since a server may come back.
    """

    def __init__(self, tier: Tier, stats: StatsCollector, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = tier.name
        self._tier, self._stats, self._clock = tier, stats, clock
        self._opened = False
        self._opening = asyncio.Lock()
        self._rests_until = float("-inf")
        self._said = False

    async def open(self) -> None:
        await self._ask(self._ready)

    async def get(self, key: Key) -> bytes | None:
        return await self._ask(lambda: self._tier.get(key))

    async def put(self, answers: Sequence[CachedResponse]) -> None:
        await self._ask(lambda: self._tier.put(answers))

    async def drop(self, key: Key) -> None:
        await self._ask(lambda: self._tier.drop(key))

    async def close(self) -> None:
        await self._tier.close()

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        if self._clock() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                if not self._opened:
                    await self._ready()
                return await call()
        except TierError as error:
            self._failed(str(error))
        except TimeoutError:
            self._failed(f"{self._tier.describe}: no answer within {PATIENCE:.0f} s")
        return None

    async def _ready(self) -> None:
        async with self._opening:
            if not self._opened:
                await self._tier.open()
                self._opened = True

    def _failed(self, what: str) -> None:
        self._rests_until = self._clock() + REST
        self._stats.inc_value("cache/errors")
        if not self._said:
            self._said = True
            logger.warning("the cache is out of use (%s); the crawl goes on without it", what)
