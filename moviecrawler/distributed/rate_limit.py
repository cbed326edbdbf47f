"""The rate budget of a source, shared by the workers of all machines: a hash in Redis, moved by one script.

The script is the twin of ``policy.network.rate_limit.RateLimitState``, on Redis's own clock: what a worker's clock says
does not matter, only how much time went by on it. ``tests/distributed/test_redis_rate_limit.py`` holds both together,
step by step.
"""

import time
from typing import Any, NamedTuple

from moviecrawler.policy.network.rate_limit import (
    ARRIVAL_JITTER,
    DECREASE,
    GROWTH,
    MAX_MARGIN,
    MIN_FACTOR,
    RateLimit,
)

KEY = "moviecrawler:budget:{}"

AWAY_WAIT = 0.5
"""Seconds after which a server that is away is asked again; nobody sends until it has answered."""

CLOCK = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""

# A worker hands in what it knew last (``born`` and the rest, in seconds from now): a server that has lost its memory
# makes a new hash, and the first word of each worker to that one brings the spent budget and the pause back.
MOVE = f"""
local rate, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local pause, age = tonumber(ARGV[4]), tonumber(ARGV[5])

local function number(text, default)
  local found = tonumber(text)
  return found and found == found and found or default
end
local function exactly(number) return string.format('%.17g', number) end

local kept = redis.call('HMGET', KEYS[1], 'born', 'tat', 'factor', 'since')
local born = kept[1] or exactly(now)
local tat, factor, since = number(kept[2], 0), number(kept[3], 1), number(kept[4], 0)
if ARGV[6] ~= '' and ARGV[6] ~= born then
  tat = math.max(tat, now + tonumber(ARGV[7]))
  if now + tonumber(ARGV[9]) > since then factor, since = tonumber(ARGV[8]), now + tonumber(ARGV[9]) end
end
factor = math.max({MIN_FACTOR!r}, math.min(1, factor))

local function share(factor)
  local interval = 1 / (rate * factor)
  local margin = math.min(interval + {ARRIVAL_JITTER!r}, {MAX_MARGIN!r})
  return interval, math.max(0, (math.max(1, burst * factor) - 1) * interval - margin)
end
local function factor_now()
  return tonumber(string.format('%.9f', math.min(1, factor + {GROWTH!r} * math.max(0, now - since))))
end

if since > now + longest then since = now end
local interval, tolerance = share(factor_now())
local used_up = now + tolerance + interval
if tat > used_up + longest then tat = used_up end

local wait = tat - tolerance - now
if pause then
  if now - age <= since then
    since = math.max(since, now + pause)
  else
    factor, since = math.max({MIN_FACTOR!r}, factor_now() * {DECREASE!r}), now + pause
  end
  interval, tolerance = share(factor)
  tat = math.max(tat, now + pause + tolerance)
elseif wait <= 0 then
  tat = math.max(tat, now) + interval
end
redis.call('HSET', KEYS[1], 'born', born, 'tat', exactly(tat), 'factor', exactly(factor), 'since', exactly(since))
return {{exactly(wait), born, exactly(tat - now), exactly(factor), exactly(since - now)}}
"""


class Known(NamedTuple):
    """What a worker has heard last, at the moment ``at`` of its own clock; ``tat`` and ``since`` seconds from then."""

    born: str = ""
    tat: float = 0.0
    factor: float = 1.0
    since: float = 0.0
    at: float = 0.0


class RedisRateLimitBackend:
    """See :class:`moviecrawler.downloader.rate_limit.RateLimitBackend`. ``redis`` is ``crawler.redis``."""

    retry_interval = AWAY_WAIT

    def __init__(self, redis: Any, longest_pause: float) -> None:
        self._ask = redis.script(CLOCK + MOVE)
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
