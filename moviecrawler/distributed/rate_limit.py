"""The rate budget of a source, shared by the workers of all machines: a hash in Redis, moved by one script.

The script is the twin of ``policy.network.rate_limit.RateLimitState``, on Redis's own clock: what a worker's clock says
does not matter, only how much time went by on it. ``tests/distributed/test_redis_rate_limit.py`` holds both together,
step by step.
"""

import time
from typing import Any, NamedTuple

from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.policy.network.rate_limit import (
    ARRIVAL_JITTER,
    DECREASE,
    GROWTH,
    LEAST_FACTOR,
    LONGEST_MARGIN,
    RateLimit,
)

KEY = "moviecrawler:budget:{}"

AWAY_WAIT = 0.5
"""Seconds after which a server that is away is asked again; nobody sends until it has answered."""


def rate_limit_script() -> str:
    """The script with the numbers of the policy."""
    return load_script(
        "rate_limit",
        LEAST_FACTOR=LEAST_FACTOR,
        ARRIVAL_JITTER=ARRIVAL_JITTER,
        LONGEST_MARGIN=LONGEST_MARGIN,
        GROWTH=GROWTH,
        DECREASE=DECREASE,
    )


class Known(NamedTuple):
    """What a worker has heard last, at the moment ``at`` of its own clock; ``tat`` and ``since`` seconds from then."""

    born: str = ""
    tat: float = 0.0
    factor: float = 1.0
    since: float = 0.0
    at: float = 0.0


class RedisRateLimitBackend:
    """See :class:`moviecrawler.downloader.rate_limit.RateLimitBackend`. ``redis`` is ``crawler.redis``."""

    again = AWAY_WAIT

    def __init__(self, redis: Any, longest_pause: float) -> None:
        self._ask = redis.script(rate_limit_script())
        self._longest_pause = longest_pause
        self._known: dict[str, Known] = {}

    async def take(self, source: str, budget: RateLimit) -> float:
        answer = await self._move(source, budget, "", "")
        return AWAY_WAIT if answer is None else float(answer[0])

    async def pause(self, source: str, budget: RateLimit, seconds: float, sent: float) -> float | None:
        answer = await self._move(source, budget, seconds, time.monotonic() - sent)
        return None if answer is None else float(answer[3])

    async def _move(self, source: str, budget: RateLimit, pause: float | str, age: float | str) -> list[bytes] | None:
        born, tat, factor, since, at = self._known.get(source, Known())
        gone_by = time.monotonic() - at
        answer: list[bytes] | None = await self._ask(
            [KEY.format(source)],
            [budget.rate, budget.burst, self._longest_pause, pause, age, born, tat - gone_by, factor, since - gone_by],
        )
        if answer is not None:
            _, raw, *rest = answer
            self._known[source] = Known(raw.decode(), *map(float, rest), at=time.monotonic())
        return answer

    def close(self) -> None:
        """The connection is the crawler's."""
