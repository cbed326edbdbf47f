"""The quota of a day in Redis, for workers on several machines. The day is that of Redis's clock, in UTC."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from scrapy.exceptions import IgnoreRequest

from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.distributed.rate_limit import RETRY_INTERVAL
from moviecrawler.runtime import RedisScripts


class RedisQuotaState:
    """What ``QuotaLease`` needs of a store's state (:class:`moviecrawler.stores.base.State`), and the clock.

    While Redis is away the calls wait for it as long as ``is_running()``, then raise IgnoreRequest. What is given back
    meanwhile is lost for the day, like what a killed worker held.
    """

    def __init__(self, redis: RedisScripts, is_running: Callable[[], bool]) -> None:
        self._reserve, self._time = redis.script(load_script("reserve_quota")), redis.script(load_script("time"))
        self._is_running = is_running

    async def get(self, name: str) -> int:
        """How many of the quota ``name`` are used."""
        _, used = await self._until_answered(lambda: self._reserve([f"{KEY_PREFIX}{name}"], [0, 0]))
        return int(used)

    async def reserve(self, name: str, n: int, limit: int) -> int:
        """How many of ``n`` are granted, so that never more than ``limit`` are used; ``n`` < 0 gives some back."""
        call = partial(self._reserve, [f"{KEY_PREFIX}{name}"], [n, limit])
        granted, _ = await (call() if n < 0 else self._until_answered(call)) or (0, 0)
        return int(granted)

    async def now(self) -> datetime:
        seconds, microseconds = await self._until_answered(lambda: self._time([], []))
        return datetime.fromtimestamp(int(seconds) + int(microseconds) / 1e6, UTC)

    async def _until_answered(self, call: Callable[[], Any]) -> Any:
        while (answer := await call()) is None:
            if not self._is_running():
                raise IgnoreRequest("not sent: the run is ending, and Redis does not answer for the quota")
            await asyncio.sleep(RETRY_INTERVAL)
        return answer
