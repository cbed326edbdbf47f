"""The ledger of a source's quota in Redis, for workers on several machines; a day begins when Redis says so."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from scrapy.exceptions import IgnoreRequest

from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.distributed.rate_limit import AWAY_WAIT

PREFIX = "moviecrawler:"


class SharedQuota:
    """What ``Account`` needs of a store's state (:class:`moviecrawler.stores.base.State`), and the clock.

    A Redis that is away is waited for as long as ``running``; then it is IgnoreRequest. What is given back while it
    is away is lost for the day, like what a killed worker held.
    """

    def __init__(self, redis: Any, running: Callable[[], bool]) -> None:
        self._reserve, self._time = redis.script(load_script("reserve_quota")), redis.script(load_script("time"))
        self._running = running

    async def get(self, name: str) -> int:
        _, used = await self._patiently(lambda: self._reserve([f"{PREFIX}{name}"], [0, 0]))
        return int(used)

    async def reserve(self, name: str, n: int, limit: int) -> int:
        ask = lambda: self._reserve([f"{PREFIX}{name}"], [n, limit])  # noqa: E731
        granted, _ = await (ask() if n < 0 else self._patiently(ask)) or (0, 0)
        return int(granted)

    async def now(self) -> datetime:
        seconds, microseconds = await self._patiently(lambda: self._time([], []))
        return datetime.fromtimestamp(int(seconds) + int(microseconds) / 1e6, UTC)

    async def _patiently(self, ask: Callable[[], Any]) -> Any:
        while (answer := await ask()) is None:
            if not self._running():
                raise IgnoreRequest("not sent: the run is closed, and the quota cannot be asked for")
            await asyncio.sleep(AWAY_WAIT)
        return answer
