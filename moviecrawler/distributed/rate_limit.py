"""The rate limit of a source, shared by the workers of all machines: a hash in Redis, changed by one script.

The script does what ``policy.network.rate_limit.RateLimitState`` does, on Redis's own clock: of a worker's clock, only
the time that went by matters. ``tests/distributed/test_redis_rate_limit.py`` compares the two step by step.
"""

import time
from typing import NamedTuple

from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.policy.network.rate_limit import (
    ARRIVAL_JITTER,
    DECREASE,
    GROWTH,
    MAX_MARGIN,
    MIN_FACTOR,
    RateLimit,
)
from moviecrawler.runtime import RedisScripts

KEY = KEY_PREFIX + "budget:{}"

RETRY_INTERVAL = 0.5
"""Seconds between two calls of a server that is away; nothing is sent until it has answered."""


def rate_limit_script() -> str:
    """The script with the numbers of the policy."""
    return load_script(
        "rate_limit",
        MIN_FACTOR=MIN_FACTOR,
        ARRIVAL_JITTER=ARRIVAL_JITTER,
        MAX_MARGIN=MAX_MARGIN,
        GROWTH=GROWTH,
        DECREASE=DECREASE,
    )


class LastAnswer(NamedTuple):
    """The state as Redis told it last: ``at`` is ``time.monotonic()``, ``tat`` and ``since`` are seconds from then."""

    born: str = ""
    tat: float = 0.0
    factor: float = 1.0
    since: float = 0.0
    at: float = 0.0


class RedisRateLimitBackend:
    """See :class:`moviecrawler.downloader.rate_limit.RateLimitBackend`."""

    retry_interval = RETRY_INTERVAL

    def __init__(self, redis: RedisScripts, longest_pause: float) -> None:
        self._run = redis.script(rate_limit_script())
        self._longest_pause = longest_pause
        self._last: dict[str, LastAnswer] = {}

    async def take(self, source: str, limit: RateLimit) -> float:
        answer = await self._call(source, limit, "", "")
        return RETRY_INTERVAL if answer is None else float(answer[0])

    async def pause(self, source: str, limit: RateLimit, seconds: float, sent: float) -> float | None:
        answer = await self._call(source, limit, seconds, time.monotonic() - sent)
        return None if answer is None else float(answer[3])

    async def _call(self, source: str, limit: RateLimit, pause: float | str, age: float | str) -> list[bytes] | None:
        born, tat, factor, since, at = self._last.get(source, LastAnswer())
        elapsed = time.monotonic() - at
        answer: list[bytes] | None = await self._run(
            [KEY.format(source)],
            [limit.rate, limit.burst, self._longest_pause, pause, age, born, tat - elapsed, factor, since - elapsed],
        )
        if answer is not None:
            _, raw, *rest = answer
            tat, factor, since = map(float, rest)
            self._last[source] = LastAnswer(raw.decode(), tat, factor, since, time.monotonic())
        return answer

    def close(self) -> None:
        """Nothing to do: the connection is that of the crawl."""
