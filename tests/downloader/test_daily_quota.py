"""The daily quota over runs and workers: it is never exceeded, and what is not used is given back."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import MemoryStatsCollector

from moviecrawler.downloader.daily_quota import QuotaLease
from moviecrawler.downloader.rate_limit import SqliteRateLimitBackend
from moviecrawler.downloader.throttle import Throttle
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.rate_limit import RateLimit

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class State:
    """A store's counters, in memory."""

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.calls = 0

    async def get(self, name: str) -> int | None:
        return self.counters.get(name)

    async def reserve(self, name: str, n: int, limit: int) -> int:
        self.calls += 1
        used = self.counters.get(name, 0)
        granted = min(n, max(0, limit - used)) if n > 0 else max(n, -used)
        self.counters[name] = used + granted
        return granted


def account(state: Any, daily: int, now: Any = lambda: NOON) -> tuple[QuotaLease, Any]:
    async def retry_store(ask: Any) -> Any:
        return await ask()

    async def moment() -> datetime:
        return now()

    stats = MemoryStatsCollector(SimpleNamespace(settings=SimpleNamespace(getbool=lambda name: False)))
    return QuotaLease(Quota("omdb", daily), state=state, retry_store=retry_store, stats=stats, now=moment), stats


async def taken(one: QuotaLease, most: int) -> int:
    count = 0
    while count < most and await one.take():
        count += 1
    return count


async def test_two_workers_never_take_more_than_the_quota_and_reserve_in_blocks() -> None:
    state = State()
    (first, _), (second, _) = account(state, 50), account(state, 50)
    counts = await asyncio.gather(taken(first, 100), taken(second, 100))
    assert sum(counts) == 50
    assert state.counters == {"quota/omdb/2026-11-21": 50}
    assert state.calls <= 50 // Quota("omdb", 50).reservation + 2


async def test_what_is_not_used_is_given_back_to_the_next_run() -> None:
    state = State()
    one, stats = account(state, 30)
    assert await taken(one, 7) == 7
    await one.release()
    assert state.counters == {"quota/omdb/2026-11-21": 7}
    assert stats.get_stats() == {"quota/omdb/used": 7, "quota/omdb/left": 23}
    another, stats = account(state, 30)
    assert await taken(another, 100) == 23
    await another.release()
    assert stats.get_value("quota/omdb/left") == 0


async def test_a_new_day_has_a_new_counter_and_the_old_reservation_is_returned() -> None:
    state, days = State(), iter([NOON] * 3 + [NOON + timedelta(hours=12)] * 9)
    one, _ = account(state, 25, lambda: next(days))
    assert await taken(one, 3) == 3
    assert await taken(one, 4) == 4
    await one.release()
    assert state.counters == {"quota/omdb/2026-11-21": 3, "quota/omdb/2026-11-22": 4}


async def test_a_run_without_requests_creates_no_counter() -> None:
    state = State()
    one, stats = account(state, 30)
    await one.release()
    assert (state.counters, stats.get_stats()) == ({}, {})


async def test_the_throttle_closes_when_the_quota_is_used_up_and_unsent_requests_are_not_counted(
    tmp_path: Path,
) -> None:
    state, goes_on = State(), True
    one, stats = account(state, 2)
    backend = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    throttle = Throttle(
        "omdb", RateLimit(0, 1, 3), backend, lambda: goes_on, lambda seconds: None, needs_key=False, quota=one
    )
    async with throttle.acquire():
        pass
    goes_on = False
    with pytest.raises(IgnoreRequest):
        async with throttle.acquire():
            pass
    goes_on = True
    async with throttle.acquire():
        pass
    with pytest.raises(AnswerError) as error:
        async with throttle.acquire():
            pass
    assert (error.value.kind, error.value.reason) == ("quota", "quota/day")
    with pytest.raises(IgnoreRequest):
        async with throttle.acquire():
            pass
    assert stats.get_value("quota/omdb/used") == 2
    backend.close()


async def test_a_request_that_a_pause_held_until_the_run_ended_is_put_back(tmp_path: Path) -> None:
    state, goes_on = State(), True
    one, stats = account(state, 10)
    backend = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    throttle = Throttle(
        "omdb", RateLimit(0, 1, 3), backend, lambda: goes_on, lambda seconds: None, needs_key=False, quota=one
    )
    await throttle.pause(60, 0)

    async def send() -> None:
        async with throttle.acquire():
            pass

    waiting = asyncio.ensure_future(send())
    while not stats.get_value("quota/omdb/used"):
        await asyncio.sleep(0)
    goes_on = False
    with pytest.raises(IgnoreRequest):
        await waiting
    await one.release()
    assert state.counters == {"quota/omdb/2026-11-21": 0}
    backend.close()
