"""The throttle: the limit in flight, the key's probe, the rate limit over processes, pauses and the end of a run."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest

from moviecrawler.downloader.rate_limit import SqliteRateLimitBackend
from moviecrawler.downloader.throttle import Throttle
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.network.rate_limit import RateLimit
from tests.support.waiting import patient

UNLIMITED = RateLimit(0, 1, 3)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[SqliteRateLimitBackend]:
    backend = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    yield backend
    backend.close()


def make_throttle(
    backend: SqliteRateLimitBackend,
    limit: RateLimit = UNLIMITED,
    *,
    needs_key: bool = False,
    running: Any = lambda: True,
) -> Throttle:
    return Throttle("tmdb", limit, backend, running, lambda seconds: None, needs_key=needs_key)


class Traffic:
    """How many requests a throttle has in flight, and how many it had at most."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self.now = self.most = 0
        self.done = asyncio.Event()

    async def send(self) -> None:
        async with self._throttle.acquire():
            self.now += 1
            self.most = max(self.most, self.now)
            await self.done.wait()
            self.now -= 1


async def until(condition: Any) -> None:
    async with asyncio.timeout(patient(5)):
        while not condition():
            await asyncio.sleep(0.001)


async def test_never_more_in_flight_than_the_cap(backend: SqliteRateLimitBackend) -> None:
    traffic = Traffic(make_throttle(backend))
    requests = [asyncio.create_task(traffic.send()) for _ in range(10)]
    await until(lambda: traffic.now == 3)
    traffic.done.set()
    await asyncio.gather(*requests)
    assert traffic.most == 3


async def test_requests_go_one_at_a_time_until_the_key_is_confirmed(backend: SqliteRateLimitBackend) -> None:
    throttle = make_throttle(backend, needs_key=True)
    first, rest = Traffic(throttle), Traffic(throttle)
    task = asyncio.create_task(first.send())
    await until(lambda: first.now == 1)
    requests = [asyncio.create_task(rest.send()) for _ in range(2)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert rest.now == 0
    throttle.confirm_key()
    first.done.set()
    await until(lambda: rest.now == 2)
    rest.done.set()
    await asyncio.gather(task, *requests)


async def test_closing_a_throttle_releases_all_waiting_requests(backend: SqliteRateLimitBackend) -> None:
    throttle = make_throttle(backend, needs_key=True)
    first, rest = Traffic(throttle), Traffic(throttle)
    task = asyncio.create_task(first.send())
    await until(lambda: first.now == 1)
    waiting = [asyncio.create_task(rest.send()) for _ in range(5)]
    throttle.close()
    first.done.set()
    await task
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, IgnoreRequest) for outcome in outcomes)
    assert rest.most == 0


async def test_the_end_of_a_run_releases_requests_that_wait_for_the_rate_limit(backend: SqliteRateLimitBackend) -> None:
    running = True
    slow = make_throttle(backend, RateLimit(0.01, 1, 3), running=lambda: running)
    traffic = Traffic(slow)
    traffic.done.set()
    await traffic.send()
    second = asyncio.create_task(traffic.send())
    await asyncio.sleep(0)
    running = False
    with pytest.raises(IgnoreRequest):
        await asyncio.wait_for(second, patient(5))


async def test_a_pause_applies_to_other_processes_and_leaves_no_burst(
    backend: SqliteRateLimitBackend, tmp_path: Path
) -> None:
    limit = RateLimit(100, 20, 3)
    before = time.monotonic()
    await make_throttle(backend, limit).pause(30, before)
    other = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    wait = await other.take("tmdb", limit)
    assert 30 - (time.monotonic() - before) <= wait <= 30
    other.close()


def test_a_folder_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="DATA_DIR"):
        SqliteRateLimitBackend(tmp_path / "file" / "budget.db", 900)
