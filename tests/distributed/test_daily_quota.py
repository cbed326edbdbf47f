"""The quota of a day in Redis: all workers together never take more; the day is that of Redis's clock."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from redis import Redis
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import MemoryStatsCollector

from moviecrawler.distributed.daily_quota import RedisQuotaState
from moviecrawler.downloader.daily_quota import QuotaLease
from moviecrawler.policy.network.daily_quota import Quota
from tests.support.rate_limit_backends import redis_of
from tests.support.redis_server import redis_server
from tests.support.waiting import patient

NAME = "quota/omdb/2026-11-21"


@pytest.fixture
async def state(redis_uri: str) -> AsyncIterator[RedisQuotaState]:
    redis = redis_of(redis_uri)
    yield RedisQuotaState(redis, lambda: True)
    await redis.close()


def quota_lease(state: RedisQuotaState, daily: int) -> tuple[QuotaLease, Any]:
    async def retry_store(call: Any) -> Any:
        return await call()

    stats = MemoryStatsCollector(SimpleNamespace(settings=SimpleNamespace(getbool=lambda name: False)))
    return QuotaLease(Quota("omdb", daily), state=state, retry_store=retry_store, stats=stats, now=state.now), stats


async def take(one: QuotaLease, limit: int) -> int:
    count = 0
    while count < limit and await one.take():
        count += 1
    return count


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ([(20, 50), (20, 50), (20, 50), (20, 50)], [20, 20, 10, 0]),
        ([(20, 50), (-8, 50), (-20, 50), (-1, 50)], [20, -8, -12, 0]),
        ([(20, 50), (5, 10), (-5, 10)], [20, 0, -5]),
        ([(0, 0), (5, 0)], [0, 0]),
    ],
    ids=["up to the limit", "given back, never below zero", "a limit that was lowered", "no quota at all"],
)
async def test_the_quota_grants_what_a_store_would(
    state: RedisQuotaState, asked: list[tuple[int, int]], granted: list[int]
) -> None:
    assert [await state.reserve(NAME, n, limit) for n, limit in asked] == granted
    assert await state.get(NAME) == max(0, sum(granted))


async def test_eight_workers_never_take_more_than_the_quota_and_return_the_rest(
    state: RedisQuotaState, redis_uri: str
) -> None:
    workers = [quota_lease(state, 100) for _ in range(8)]
    counts = await asyncio.gather(*(take(one, 9) for one, _ in workers))
    assert counts == [9] * 8
    for one, _ in workers:
        await one.release()
    late, stats = quota_lease(state, 100)
    assert await take(late, 100) == 28
    assert stats.get_value("quota/omdb/left") == 0
    with Redis.from_url(redis_uri) as client:
        (name,) = client.keys("*quota*")
        assert 0 < client.ttl(name) <= 172_800, "it must expire"


async def test_the_day_is_that_of_the_clock_of_redis(state: RedisQuotaState) -> None:
    assert abs(await state.now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_call_waits_for_redis_but_not_at_the_end_of_a_run() -> None:
    running = True
    with redis_server() as server:
        redis = redis_of(server.uri)
        state = RedisQuotaState(redis, lambda: running)
        one, _ = quota_lease(state, 100)
        assert await one.take()
        server.kill()
        waiting = asyncio.ensure_future(one.take())
        await asyncio.sleep(0.3)
        assert not waiting.done()
        server.restart()
        assert await asyncio.wait_for(waiting, patient(5))
        server.kill()
        await asyncio.wait_for(one.release(), patient(5))
        running = False
        with pytest.raises(IgnoreRequest):
            await asyncio.wait_for(one.take(), patient(5))
        await redis.close()
