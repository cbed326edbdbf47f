"""Workers tell each other which hosts are paused and which sources are down: once a second, not once a request."""

import asyncio
import time
from contextlib import suppress
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.policy.network.breaker_sync import BreakerSync
from moviecrawler.runtime import RedisScripts, Runtime

EXCHANGE_INTERVAL = 1.0  # seconds

KEY = f"{KEY_PREFIX}hosts"


class SharedBreakers:
    """Extension, with REDIS_URL. While the server is away each worker knows only its own breakers."""

    def __init__(self, redis: RedisScripts, sync: BreakerSync) -> None:
        self._run_exchange = redis.script(load_script("exchange_breakers"))
        self._sync = sync

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        assert runtime.redis is not None, "the extension is for crawls with REDIS_URL"
        shared = cls(runtime.redis, BreakerSync(runtime.host_pools, runtime.breakers))
        crawler.signals.connect(shared._spider_opened, signals.spider_opened)
        crawler.signals.connect(shared._spider_closed, signals.spider_closed)
        return shared

    def _spider_opened(self) -> None:
        self._closing = asyncio.Event()
        self._task = asyncio.ensure_future(self._exchange_until_closed())

    async def _spider_closed(self) -> None:
        """Tell what is known at the end, for workers that start later."""
        self._closing.set()  # cancelling is not enough: the client may take that for a timeout of its own
        await self._task
        await self._exchange()

    async def _exchange_until_closed(self) -> None:
        while not self._closing.is_set():
            await self._exchange()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), EXCHANGE_INTERVAL)

    async def _exchange(self) -> None:
        outgoing = [
            part
            for fact, left in self._sync.outgoing(time.monotonic())
            for part in (fact, "" if left is None else left)
        ]
        facts = await self._run_exchange([KEY], outgoing)
        if facts is not None:
            left = {
                fact.decode("utf-8", "replace"): float(seconds)
                for fact, seconds in zip(facts[::2], facts[1::2], strict=True)
            }
            self._sync.apply(left, time.monotonic())
